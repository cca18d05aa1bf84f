import { fileURLToPath } from "node:url";
import { deserialize, serialize } from "node:v8";
import { beforeAll, describe, expect, test } from "vitest";
import type { SampleBlock } from "../../device-drivers/contract/sample-block.ts";
import { readRecord } from "../recordings/wfdb.ts";
import { chunksOf, recordingDriver, streamsOf } from "../replay/recording-driver.ts";
import { defaultProfile } from "../rules/index.ts";
import { createLimitsLine, type DatedProfile } from "./limits-line.ts";
import { createPerson } from "./person.ts";
import type { PersonState } from "./person-state.ts";
import type { Settled } from "./settle-queue.ts";

const profiles = [defaultProfile, { ...defaultProfile, hrLimitHighBpm: 60 }, defaultProfile, { ...defaultProfile, asystoleS: 6 }];
const datedFrom = (baseUs: number, everyUs: number): DatedProfile[] =>
  profiles.map((profile, number) => ({ number, fromUs: number === 0 ? 0 : baseUs + number * everyUs, profile }));

describe("the line of limits", () => {
  const all = datedFrom(0, 4_100_000);
  test("a change is due on the line of the grid at or after its date, once, and in order", () => {
    const line = createLimitsLine(() => all);
    expect(line.due(4_000_000)).toEqual([]);
    expect(line.due(4_250_000)).toEqual([{ kind: "limits", timeUs: 4_250_000, profile: profiles[1] }]);
    expect(line.due(4_250_000)).toEqual([]);
    expect(line.due(60_000_000).map(({ timeUs }) => timeUs)).toEqual([8_250_000, 12_500_000]);
    expect(line.number).toBe(3);
  });

  test("it goes on from the number of a snapshot, and from the time of one that has none", () => {
    expect(createLimitsLine(() => all, { limits: 2, advancedUs: 0 }).profile).toBe(profiles[2]);
    expect(createLimitsLine(() => all, { advancedUs: 9_000_000 }).number).toBe(2);
    expect(createLimitsLine(() => all, { advancedUs: 0 }).number).toBe(0);
    expect(createLimitsLine(() => all.slice(2), { limits: 1, advancedUs: 0 }).number).toBe(2);
  });
});

describe("a person's river with changes", () => {
  let blocks: SampleBlock[];
  let history: DatedProfile[];
  beforeAll(async () => {
    const record = await readRecord(fileURLToPath(new URL("../recordings/testdata/205-excerpt", import.meta.url)));
    const streams = streamsOf(record, "given");
    const driver = recordingDriver(streams).create({}, "recording");
    const span = { fromS: 0, toS: (record.header.frameCount ?? 0) / record.header.rateHz, baseUs: 1_000_000_000 };
    blocks = [...chunksOf(record, streams, span)].flatMap((chunk) => driver.push(chunk));
    history = datedFrom(blocks[0]?.stamps.timeUs ?? 0, 1_600_000);
  });

  const open = (limits: () => readonly DatedProfile[], saved?: PersonState) => {
    const settled: Settled[] = [];
    const person = createPerson({
      ...{ profile: defaultProfile, limits, models: [], versions: {}, submit: () => undefined },
      // A copy: what is being watched goes on with the rules.
      onSettled: (each) => void settled.push(structuredClone(each)),
      ...(saved === undefined ? {} : { saved }),
    });
    return { person, settled };
  };
  const whole = () => {
    const run = open(() => history);
    for (const block of blocks) run.person.push(block);
    run.person.end();
    return run.settled;
  };

  test("each change stands once among the facts, at its line", () => {
    const changes = whole().flatMap(({ input }) => (input.kind === "limits" ? [input] : []));
    expect(changes.map(({ profile }) => profile)).toEqual(profiles.slice(1));
    for (const [i, { timeUs }] of changes.entries()) {
      expect(timeUs % 250_000).toBe(0);
      expect(timeUs - (history[i + 1]?.fromUs ?? 0)).toBeGreaterThanOrEqual(0);
      expect(timeUs - (history[i + 1]?.fromUs ?? 0)).toBeLessThan(250_000);
    }
  });

  test("a change that is made while it runs, and a timer that moves the grid, decide what a restart over the records does", () => {
    const expected = whole();
    let known = history.slice(0, 1);
    const live = open(() => known);
    for (const block of blocks) {
      const nowUs = block.stamps.timeUs;
      // A second before its moment, as the house stores it.
      known = history.filter(({ fromUs }) => fromUs <= nowUs + 1_000_000);
      for (let us = nowUs - 240_000; us <= nowUs; us += 60_000) live.person.advance(us);
      live.person.push(block);
    }
    live.person.end();
    expect(live.settled).toEqual(expected);
  });

  test("a restart from any snapshot goes on under the limits that stood there", () => {
    const expected = whole();
    for (let cut = 1; cut < blocks.length; cut += 7) {
      const first = open(() => history);
      for (const block of blocks.slice(0, cut)) first.person.push(block);
      let state: PersonState | undefined;
      first.person.checkpoint((reached) => {
        state = deserialize(serialize(reached)) as PersonState;
      });
      const second = open(() => history, state);
      for (const block of blocks.slice(cut)) second.person.push(block);
      second.person.end();
      const before = first.settled.filter(({ ordinal }) => ordinal <= (state?.ordinal ?? 0));
      expect([...before, ...second.settled]).toEqual(expected);
    }
  });
});
