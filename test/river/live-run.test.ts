import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import type { PersonEvent } from "../../device-drivers/contract/event.ts";
import { openSources } from "../../gateway/cli/open-sources.ts";
import { type Models, startModels } from "../../gateway/inference/load-models.ts";
import { replaySource } from "../../gateway/replay/replay-record.ts";
import { openStore } from "../../gateway/store/store.ts";
import { type HomeInside, openHomeInside, until } from "../crash/home-inside.ts";
import { site } from "../crash/home-process.ts";
import { seeded } from "../crash/seeded.ts";
import { openSensors } from "../crash/sensors.ts";

const signalS = 14;
const everUs = Number.MAX_SAFE_INTEGER - 1e9;

let home: HomeInside;
let models: Models;
const stored = new Map<string, PersonEvent[]>();

beforeAll(async () => {
  home = await openHomeInside();
  await home.start();
  const sensors = await openSensors({ url: home.mqttUrl, site, passwords: home.passwords, random: seeded(1) });
  await until(() => sensors.strap.measuredS() > signalS && sensors.clip.measuredS() > signalS, "both wearables have measured");
  sensors.strap.stop();
  sensors.clip.stop();
  await until(() => sensors.keptCount() === 0, "everything is acknowledged");
  await sensors.close();
  await home.end();
  const { store } = await openStore({ dir: join(home.folder, "store"), clock: systemClock() });
  for (const person of ["person-a", "person-b"]) stored.set(person, await store.events(person, 0, everUs));
  await store.close();
  models = await startModels({ clock: virtualClock(), timeouts: false });
}, 400_000);
afterAll(async () => {
  await models.host.close();
  await home.close();
});

/** The store keeps a confidence in fewer digits. Open watched spans are kept in the state of a gateway that stops, and told at the end of a replay. */
const inWords = (events: readonly PersonEvent[]) =>
  events.flatMap((event) => {
    if (event.kind === "watched") return [];
    if (event.kind === "beat")
      return [`${event.device} ${event.timeUs} ${event.label} ${Math.round(event.rrMs ?? 0)} ${event.confidence.toFixed(2)}`];
    return [JSON.stringify(Object.entries(event).sort())];
  });

describe("the journal of a live run", () => {
  test("names its persons, and gives each the events that the live run stored", async () => {
    const sources = await openSources(join(home.folder, "journal"), {});
    expect(sources.map(({ name }) => name).sort()).toEqual(["person-a", "person-b"]);
    for (const source of sources) {
      const live = stored.get(source.name) ?? [];
      expect(live.filter(({ kind }) => kind === "beat").length, source.name).toBeGreaterThan(5);
      const { run } = await replaySource(source, models);
      const replayed = new Set(inWords(run.events));
      expect(
        inWords(live).filter((event) => !replayed.has(event)),
        source.name,
      ).toEqual([]);
      // What the replay has besides is the end, which the gateway had not decided when it was stopped.
      const lastUs = Math.max(...live.flatMap((event) => (event.kind === "beat" ? [event.timeUs] : [])));
      const more = run.events.filter((event) => event.kind === "beat" && event.timeUs <= lastUs);
      expect(more.length).toBe(live.filter(({ kind }) => kind === "beat").length);
    }
  });

  test("may be given one lane at a time", async () => {
    const [source] = await openSources(join(home.folder, "journal", "person-b"), {});
    const replayed = await replaySource(source!, models);
    expect(replayed.name).toBe("person-b");
    expect(replayed.twin).toMatchObject({ device: "clip", rateHz: 125, name: "ecg" });
    expect(replayed.summary).toMatchObject({ record: "person-b" });
    expect(Number(replayed.summary.seconds)).toBeGreaterThan(signalS - 2);
  });
});
