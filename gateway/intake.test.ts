import { expect, test } from "vitest";
import { createIntake } from "./intake.ts";

const publisher = { user: "strap", role: "device", site: "home", clientId: "strap", address: "127.0.0.1" } as const;
const stamps = () => ({ timeUs: 1, monotonicUs: 1, wallUs: 1, wallQuality: "ntp" as const });

function open() {
  const offered: string[] = [];
  const kept = new Map<string, Uint8Array>();
  const intake = createIntake({
    ...{ site: "home", stamps, onPresence: () => {} },
    pipeline: {
      offer({ device, channel }, ack) {
        offered.push(`${device} ${channel}`);
        ack();
      },
    },
    store: { getValue: async (key) => kept.get(key), putValue: async (key, value) => void kept.set(key, value) },
  });
  const publish = (device: string, channel: string) =>
    new Promise<Error | undefined>((done) =>
      intake.publish(publisher, { device, channel, topic: channel, payload: new Uint8Array(), qos: 1 }, done),
    );
  return { offered, publish };
}

test("a device that thinks of ever new streams is refused at the 65th, and heard on those that it had", async () => {
  const { offered, publish } = open();
  for (let i = 0; i < 64; i++) expect(await publish("strap", `s${i}/raw`)).toBeUndefined();
  for (const leaf of ["raw", "meta"]) expect(await publish("strap", `s64/${leaf}`)).toMatchObject({ code: "ingest.too_many_streams" });
  expect(await publish("strap", "s0/raw")).toBeUndefined();
  expect(await publish("clip", "s64/raw")).toBeUndefined();
  expect(offered).toHaveLength(66);
});
