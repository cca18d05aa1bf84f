import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import type { Store } from "../store/store-port.ts";
import { noteTwin } from "./note-twin.ts";

test("the first start with a twin, and one with another key or address, is in the audit once; a store that can't be written stops nothing", async () => {
  const values = new Map<string, Uint8Array>();
  const audits: string[] = [];
  let isFull = false;
  const store: Pick<Store, "commit" | "getValue" | "putValue"> = {
    async commit({ audit = [] }) {
      if (isFull) throw new Error("full");
      audits.push(...audit.map(({ what, subject, detail }) => `${what} ${subject} ${(detail as { url: string }).url}`));
    },
    getValue: async (key) => values.get(key),
    async putValue(key, value) {
      values.set(key, value);
    },
  };
  const keys = [generateKeyPairSync("ed25519"), generateKeyPairSync("ed25519")] as const;
  const start = (key: number, url: string) =>
    noteTwin({ store, url, gateway: "home-a", twinPublicKey: keys[key]!.publicKey, nowUs: () => 1 });
  await start(0, "mqtts://one");
  await start(0, "mqtts://one");
  expect(audits).toEqual(["twin.joined home-a mqtts://one"]);
  await start(1, "mqtts://one");
  isFull = true;
  await start(1, "mqtts://two");
  isFull = false;
  await start(1, "mqtts://two");
  expect(audits.slice(1)).toEqual(["twin.joined home-a mqtts://one", "twin.joined home-a mqtts://two"]);
});
