import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, expect, test } from "vitest";
import { systemClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { modelRegistry, type RegisteredModel } from "../../models/index.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import { until } from "../crash/home-inside.ts";
import { type BadInputHome, openBadInputHome } from "./open-home.ts";

const id = "ecg-beat";
const built = fileURLToPath(new URL(`../../models/${id}/`, import.meta.url));
const manifestSha256 = modelRegistry[id]?.manifestSha256 ?? "";

let home: BadInputHome | undefined;
let folder: string | undefined;
afterEach(async () => {
  await home?.close();
  home = undefined;
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
});

/** The shipped package with one bit of one file changed. */
function spoiled(file: string) {
  folder = mkdtempSync(join(tmpdir(), "hearth-model-"));
  cpSync(built, folder, { recursive: true });
  const bytes = readFileSync(join(folder, file));
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(join(folder, file), bytes);
  return { [id]: { folder: pathToFileURL(`${folder}/`), manifestSha256 } };
}

/** The machine's clock, on which timers of a minute and more can be made due. */
function clockWithLongTimers() {
  const system = systemClock();
  const long = virtualClock();
  const minuteMs = 60_000;
  return {
    advance: long.advance,
    clock: { ...system, after: (delayMs: number, fn: () => void) => (delayMs >= minuteMs ? long : system).after(delayMs, fn) },
  };
}

test.each(["model.onnx", "manifest.json", "golden.json"])(
  "a package with one bit of %s changed is refused by name; the gateway runs on, and says after 60 s that nothing is analysed",
  async (file) => {
    const { clock, advance } = clockWithLongTimers();
    home = await openBadInputHome({ models: { instead: spoiled(file) }, clock });
    const { gateway, logged } = home;
    expect(gateway.view.models().find((model) => model.id === id)).toMatchObject({
      ...{ state: "refused", reason: expect.stringContaining(`${file} is not the file that was trusted`) },
    });
    const line = logged.map((each) => JSON.parse(each)).find(({ code }) => code === "model.hash_mismatch");
    expect(line).toMatchObject({ level: "warn", model: id });
    const open = async () => (await gateway.view.alerts({ limit: 100 })).alerts.filter(({ rule }) => rule === "analysis.off");
    advance(59_999);
    await home.undisturbed();
    expect(await open()).toEqual([]);
    advance(1);
    await until(async () => (await open()).length === 1, "analysis.off is raised");
    expect((await open())[0]).toMatchObject({ kind: "technical", priority: "medium" });
    await until(
      async () => (await (home?.metric('hearth_inference_unknown_total{reason="refused"}') ?? 0)) > 0,
      "windows without an answer are counted",
    );
    await home.undisturbed();
  },
);

/** The shipped model with another way to read its outputs. */
function registryWith(read: (own: ModelSpec["read"]) => ModelSpec["read"]) {
  const entry = modelRegistry[id] as RegisteredModel;
  const load = async () => {
    const spec = await entry.load();
    return { ...spec, read: read(spec.read) };
  };
  return { [id]: { ...entry, load } };
}

test("a model whose answers cannot be read leaves beats unknown and is named after 60 s with its rules", async () => {
  const { clock, advance } = clockWithLongTimers();
  const registry = registryWith(() => () => {
    throw new TypeError("an output that is not there");
  });
  home = await openBadInputHome({ models: { registry }, clock });
  const { gateway, metric, logged } = home;
  await until(async () => (await metric(`hearth_analysis_faults_total{part="model/${id}"}`)) >= 4, "answers fail and are counted");
  advance(60_000);
  const open = async () => (await gateway.view.alerts({ limit: 100 })).alerts.filter(({ rule }) => rule === "analysis.off");
  await until(async () => (await open()).length === 1, "analysis.off is raised");
  expect((await open())[0]?.cause).toEqual({ code: "analysis.fault", field: `model/${id}`, needs: "rhythm.vt, rhythm.vt-run" });
  expect(gateway.words.alert((await open())[0] as AlertRecord).body).toContain(`failing: model/${id}; blind: rhythm.vt, rhythm.vt-run`);
  expect(logged.filter((line) => line.includes("a part of the analysis failed"))).toHaveLength(1);
  await home.undisturbed();
  const labels = async (of: BadInputHome) =>
    (await of.gateway.view.strip("person-b", 0, Number.MAX_SAFE_INTEGER - 1e9)).events.flatMap((event) =>
      event.kind === "beat" ? [event.label] : [],
    );
  expect(new Set(await labels(home))).toEqual(new Set(["Q"]));
});

test("windows that end the model host are skipped and counted, and all others are answered", async () => {
  home = await openBadInputHome({ models: { childUrl: new URL("./testdata/faint-child.ts", import.meta.url) } });
  const { metric, gateway } = home;
  const killed = () => metric('hearth_inference_unknown_total{reason="killed"}');
  await until(async () => (await killed()) >= 2, "two windows have ended the host");
  const submitted = await metric("hearth_inference_windows_total");
  await until(async () => (await metric("hearth_inference_windows_total")) >= submitted + 4, "windows go on");
  await home.undisturbed();
  expect(await metric("hearth_inference_restarts_total")).toBeGreaterThanOrEqual(2);
  const events = (await gateway.view.strip("person-b", 0, Number.MAX_SAFE_INTEGER - 1e9)).events;
  const labels = events.flatMap((event) => (event.kind === "beat" ? [event.label] : []));
  expect(labels).toContain("N");
});
