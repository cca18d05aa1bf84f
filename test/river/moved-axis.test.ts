import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { ecgSource } from "../../firmware-sim/signal/synthetic-body.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import { createAlertCore } from "../../gateway/alert/core.ts";
import { loadDrivers } from "../../gateway/ingest/load-drivers.ts";
import { createPipeline, type Pipeline } from "../../gateway/pipeline/pipeline.ts";
import { type Collected, collectingStore, passingJournal, strictListener } from "../../gateway/replay/collecting.ts";
import { defaultProfile } from "../../gateway/rules/index.ts";

const yearUs = 365 * 86_400_000_000;

/** A strap of 60 s; after 30 s the gateway's axis moves by `byUs`. */
function chunks(byUs: number): Chunk[] {
  const clock = virtualClock();
  const taken: Chunk[] = [];
  const take = (channel: string, bytes: Uint8Array) => {
    const monotonicUs = clock.monotonicUs();
    const timeUs = clock.wallUs() + (monotonicUs > 30_000_000 ? byUs : 0);
    taken.push({ link: "mqtt", device: "strap", channel, bytes, stamps: { timeUs, monotonicUs, wallUs: timeUs, wallQuality: "ntp" } });
  };
  startWearable({
    sources: [ecgSource({ seed: 3 })],
    link: { declare: (stream, meta) => take(`${stream}/meta`, meta), send: (stream, _sequence, bytes) => take(`${stream}/raw`, bytes) },
    ...{ clock, bootId: "00000000000000aa" },
  });
  clock.advance(60_000);
  return taken;
}

async function run(drive: (pipeline: Pipeline) => Promise<void>, kept: readonly Chunk[] = []) {
  const beatsUs: number[] = [];
  let [ordinal, snapshots] = [0, 0];
  const collected: Collected = { events: [], outbox: [], stripsDue: [], changes: [] };
  const driverOf = await loadDrivers([]);
  const journal = {
    ...passingJournal(),
    async *read() {
      for (const [n, chunk] of kept.entries()) yield { position: n + 1, chunk };
    },
    last: async () => ({ position: kept.length, timeUs: kept.at(-1)?.stamps.timeUs ?? 0 }),
  } as unknown as ReturnType<typeof passingJournal>;
  const plain = collectingStore(collected);
  const store: typeof plain = {
    ...plain,
    commit(row, urgent) {
      ordinal = Math.max(ordinal, row.mark?.ordinal ?? 0);
      if (row.snapshot !== undefined) snapshots++;
      return plain.commit(row, urgent);
    },
  };
  const pipeline = createPipeline({
    ...{
      journal,
      driverOf,
      store,
      personOf: () => "person-a",
      idle: async () => {},
      nowUs: ({ releasedUs }) => releasedUs,
    },
    person: () => ({ profile: defaultProfile, models: [], versions: {}, submit() {} }),
    decider: () => ({
      flushS: 10,
      alerts: {
        ...createAlertCore({ newId: (key) => key, mode: "real" }),
        decide(person, decision, nowUs) {
          return createAlertCore({ newId: (key) => key, mode: "real" }).decide(person, decision, nowUs);
        },
      },
    }),
    listener: strictListener({ onSettled: (_person, { input }) => void (input.kind === "qrs" && beatsUs.push(input.timeUs)) }),
  });
  await drive(pipeline);
  await pipeline.end("person-a");
  const rows = collected.outbox.map(({ timeUs, payload }) => `${timeUs} ${Buffer.from(payload).toString("hex")}`);
  return { events: collected.events, beatsUs, ordinal, snapshots, rows };
}

test.each([
  ["back ten years", -10 * yearUs],
  ["on ten years", 10 * yearUs],
  ["back two minutes", -120_000_000],
])(
  "an axis that moves %s while a strap is worn: the strap is judged on the new one, and a restart decides the same",
  async (_how, byUs) => {
    const all = chunks(byUs);
    const live = await run(async (pipeline) => {
      let moved = false;
      for (const chunk of all) {
        const isAfter = chunk.stamps.monotonicUs > 30_000_000;
        if (isAfter && !moved) {
          moved = true;
          pipeline.axisMoved();
        }
        // The timer calls between chunks, with the axis of the moment.
        pipeline.advance(chunk.stamps.timeUs - 60_000);
        pipeline.offer(chunk, () => {});
        await Promise.resolve();
      }
    });
    const again = await run(async (pipeline) => void (await pipeline.recover("person-a")), all);
    expect(again.events).toEqual(live.events);
    expect(again.rows).toEqual(live.rows);
    const movedUs = all.at(-1)!.stamps.timeUs - 30_000_000;
    expect(again.ordinal).toBe(live.ordinal);
    expect(live.ordinal).toBeGreaterThan(200);
    expect(live.beatsUs.filter((timeUs) => timeUs > movedUs && timeUs < movedUs + 31_000_000).length).toBeGreaterThan(20);
  },
);

test("after the axis has moved back the state is kept every five minutes as before, so that a restart has little to feed again", async () => {
  const bytes = new Uint8Array(1);
  const { snapshots } = await run(async (pipeline) => {
    for (let minute = 0; minute <= 22; minute++) {
      if (minute === 2) pipeline.axisMoved();
      const monotonicUs = minute * 60_000_000;
      const timeUs = 20 * yearUs + monotonicUs + (minute < 2 ? 10 * yearUs : 0);
      pipeline.offer(
        { link: "mqtt", device: "strap", channel: "ecg/raw", bytes, stamps: { timeUs, monotonicUs, wallUs: timeUs, wallQuality: "ntp" } },
        () => {},
      );
      await Promise.resolve();
    }
  });
  // At the move, and after 5, 10, 15 and 20 min.
  expect(snapshots).toBe(5);
});
