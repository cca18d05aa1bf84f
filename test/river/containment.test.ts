import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import type { GatewayError } from "../../device-drivers/contract/error.ts";
import { loadExcerpt } from "../../firmware-sim/excerpts/excerpt.ts";
import { recordingSource } from "../../firmware-sim/excerpts/recording-source.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import { createAlertCore } from "../../gateway/alert/core.ts";
import { startModels } from "../../gateway/inference/load-models.ts";
import { loadDrivers } from "../../gateway/ingest/load-drivers.ts";
import { createPipeline } from "../../gateway/pipeline/pipeline.ts";
import { type Collected, collectingStore, passingJournal, strictListener } from "../../gateway/replay/collecting.ts";
import { defaultProfile } from "../../gateway/rules/index.ts";

const people = { strap: "person-a", belt: "person-b" } as const;
type Device = keyof typeof people;

/** Both wear the same recording with its ventricular run, which comes a second time after 55 s. */
async function chunks(): Promise<Chunk[]> {
  const clock = virtualClock();
  const taken: Chunk[] = [];
  const excerpt = await loadExcerpt("mitdb-205");
  for (const device of Object.keys(people)) {
    const take = (channel: string, bytes: Uint8Array) => {
      const stamps = { timeUs: clock.wallUs(), monotonicUs: clock.monotonicUs(), wallUs: clock.wallUs(), wallQuality: "ntp" as const };
      taken.push({ link: "mqtt", device, channel, bytes, stamps });
    };
    startWearable({
      sources: [recordingSource(excerpt, { stream: "ecg", placement: "chest", channels: [{ lead: "MLII", id: "ecg", kind: "ecg" }] })],
      link: { declare: (stream, meta) => take(`${stream}/meta`, meta), send: (stream, _sequence, bytes) => take(`${stream}/raw`, bytes) },
      ...{ clock, bootId: "00000000000000aa" },
    });
  }
  clock.advance(70_000);
  return taken;
}

test("a fault in what one person's beats lead to is told, costs that one decision, and reaches nobody else", async () => {
  const models = await startModels({ clock: virtualClock(), timeouts: false });
  const driverOf = await loadDrivers([]);
  const faults: GatewayError[] = [];
  const told: string[] = [];
  const collected: Collected = { events: [], outbox: [], stripsDue: [], changes: [] };
  let nowUs = 0;
  let thrown = 0;
  const pipeline = createPipeline({
    journal: passingJournal(),
    store: collectingStore(collected),
    driverOf,
    personOf: (device) => people[device as Device],
    person: () => ({
      ...{ profile: defaultProfile, models: models.specs, versions: models.versions },
      submit: (model, tensors, settled) => models.host.submit(model, tensors, settled),
    }),
    decider(person) {
      const core = createAlertCore({ newId: (key) => key, mode: "real" });
      const decide: typeof core.decide = (...about) => {
        if (person === "person-a" && thrown++ === 0) throw new RangeError("a fault on the first condition");
        return core.decide(...about);
      };
      return { flushS: 2, alerts: { ...core, decide } };
    },
    idle: () => models.host.idle(),
    nowUs: () => nowUs,
    listener: strictListener({
      onAlert: (changes) => void told.push(...changes.filter(({ why }) => why === "raised").map(({ alert }) => alert.person)),
      onStoreError: (error) => expect.unreachable(error.message),
      onFault: (error) => void faults.push(error),
    }),
  });
  for (const chunk of await chunks()) {
    nowUs = chunk.stamps.timeUs;
    pipeline.offer(chunk, () => {});
    await models.host.idle();
  }
  await pipeline.close();
  await models.host.close();
  expect(faults.map(({ code, kind }) => [code, kind])).toEqual([["river.fault", "bug"]]);
  // The run that comes again raises what the first could not.
  expect(new Set(told)).toEqual(new Set(["person-a", "person-b"]));
  const beats = (device: Device) => collected.events.filter((event) => event.kind === "beat" && event.device === device).length;
  expect(beats("belt")).toBeGreaterThan(50);
  expect(beats("belt") - beats("strap")).toBeLessThanOrEqual(1);
});
