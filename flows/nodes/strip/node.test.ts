import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRecord } from "../../../gateway/recordings/wfdb.ts";
import { HearthProblem } from "../../client/problem.ts";
import { createFakeGateway, openFakeHost } from "../../node-red/fake-host.ts";
import type { Settings } from "../../node-red/host.ts";
import { ecgTrace, startUs, stripOf } from "./fake-strip.ts";
import { strip } from "./node.ts";
import { stripRequest } from "./request.ts";
import { wfdbFiles } from "./wfdb.ts";

const alert = { id: "a/1", rule: "rhythm.vt", t_s: 1_767_225_615, title: "Fast rhythm" };

test("an alert asks for its own strip, wherever the message carries it", () => {
  const asked = { path: "/api/v1/alerts/a%2F1/strip", name: "strip_20260101000015", endMs: 1_767_225_633_000 };
  expect(stripRequest({}, { payload: alert })).toEqual(asked);
  expect(stripRequest({}, { payload: "a text for people", alert })).toEqual(asked);
});

test("a time asks for the seconds round it, a span for itself, in any way to write a time", () => {
  const settings = { person: "person-a", beforeS: "5", afterS: 10 };
  const path = "/api/v1/people/person-a/strip?from=2026-01-01T00:00:00.000Z&to=2026-01-01T00:00:15.000Z";
  expect(stripRequest(settings, { payload: { t: 1_767_225_605_000 } }).path).toBe(path);
  expect(stripRequest(settings, { payload: 1_767_225_605_000 }).path).toBe(path);
  expect(stripRequest(settings, { payload: "2026-01-01T00:00:05Z" }).path).toBe(path);
  expect(
    stripRequest({}, { payload: { person: "person-a", from: new Date(1_767_225_600_000), to: "2026-01-01T01:00:15+01:00" } }).path,
  ).toBe(path);
});

test.each([
  [{}, { payload: 1_767_225_605_000 }, "person"],
  [{ person: "p" }, { payload: {} }, "'t' must be"],
  [{ person: "p" }, { payload: { t: "noon" } }, "'t' must be"],
  [{ person: "p" }, { payload: { t: 1e300 } }, "'t' must be"],
  [{ person: "p" }, { payload: { from: 5, to: 5 } }, "after"],
  [{ person: "p" }, { payload: { from: 0, to: 601_000 } }, "600 s"],
  [{ person: "p", beforeS: "x" }, { payload: 1 }, "seconds"],
  [{ person: "p" }, { payload: null }, "'t' must be"],
])("settings %j and message %j are refused with the reason", (settings, message, why) => {
  expect(() => stripRequest(settings, message)).toThrow(why);
});

test("a strip becomes a picture, values or files; what the flow put into the message stays", async () => {
  const { gateway } = createFakeGateway(async () => stripOf([ecgTrace(30), ecgTrace(30, { channel: "v5", lead: "V5" })]));
  const made = async (settings: Settings) =>
    (await openFakeHost(strip, settings, gateway).input({ payload: alert, own: 1 }))[0] as never as Record<string, unknown>[];
  const [png, without] = await made({ format: "png" });
  expect(png).toMatchObject({ own: 1, filename: "strip_20260101000015.png", contentType: "image/png" });
  expect(
    Buffer.from((png?.payload ?? []) as Buffer)
      .subarray(1, 4)
      .toString(),
  ).toBe("PNG");
  expect(without).toBeNull();
  const [svg] = await made({ format: "svg", channel: "V5" });
  expect(String(svg?.payload)).toContain("V5 (strap)");
  expect(String(svg?.payload)).not.toContain("II (strap)");
  const [values] = await made({ format: "values", channel: "ecg" });
  expect(values?.payload).toMatchObject({
    person: "person-a",
    from: startUs / 1000,
    traces: [{ t: startUs / 1000, rateHz: 250, unit: "mV" }],
  });
  const [wfdb] = await made({ format: "wfdb" });
  expect(((wfdb?.payload ?? []) as { filename: string }[]).map(({ filename }) => filename)).toEqual([
    "strip_20260101000015.hea",
    "strip_20260101000015.dat",
  ]);
});

test("a message whose strip isn't there goes on from the second output with the gateway's own reason", async () => {
  const fails = createFakeGateway(async () => {
    throw new HearthProblem("alert.unknown", "There is no alert a/1.", 404);
  });
  const node = openFakeHost(strip, { format: "png" }, fails.gateway);
  const [sent] = (await node.input({ payload: alert })) as never as unknown[][];
  expect(sent).toEqual([null, { payload: alert, problem: { code: "alert.unknown", detail: "There is no alert a/1." } }]);
  expect(node.line()).toEqual({ look: "attention", key: "strip.status.without", values: { why: "There is no alert a/1." } });
  const none = createFakeGateway(async () => stripOf([ecgTrace(30, { values: [null, null] })]));
  for (const format of ["png", "svg", "values", "wfdb"]) {
    const [answer] = (await openFakeHost(strip, { format }, none.gateway).input({ payload: alert })) as never as {
      problem?: { code: string };
    }[][];
    expect(answer?.[1]?.problem?.code).toBe("flows.no_signal");
  }
});

test("of more than a hundred messages that wait the rest goes on without a strip, and closing ends all", async () => {
  const slow = createFakeGateway(() => new Promise(() => {}));
  const node = openFakeHost(strip, { whole: true }, slow.gateway);
  const late = { ...alert, t_s: Date.now() / 1000 };
  for (let i = 0; i < 100; i++) void node.input({ payload: late });
  const [sent] = (await node.input({ payload: late })) as never as { problem?: { code: string } }[][];
  expect(sent?.[1]?.problem?.code).toBe("flows.busy");
  await node.close();
  expect(slow.asked).toEqual([]);
});

test("its WFDB record is read back with the same values, holes and time; another rate is a record of its own", async () => {
  const dir = mkdtempSync(join(tmpdir(), "hearth-strip-"));
  try {
    const ecg = ecgTrace(10, { values: ecgTrace(10).values.map((value, i) => (i === 7 ? null : (value ?? 0) - 0.4321)) });
    const late = ecgTrace(5, { channel: "v5", lead: "V5 a", startUs: startUs + 1e6 });
    for (const { filename, content } of wfdbFiles(
      stripOf([ecg, late, ecgTrace(10, { stream: "acc", channel: "x", unit: "g", rateHz: 50 })]),
      "night",
    ))
      writeFileSync(join(dir, filename), content);
    const { header, signals, warnings } = await readRecord(join(dir, "night"));
    expect(warnings).toEqual([]);
    expect(header).toMatchObject({ rateHz: 250, frameCount: 2500, baseTime: "00:00:00.000", baseDate: "01/01/2026" });
    expect(header.signals.map(({ name, unit }) => [name, unit])).toEqual([
      ["II", "mV"],
      ["V5_a", "mV"],
    ]);
    const [gain = 1] = header.signals.map((signal) => signal.gain);
    expect(signals[0]?.[7]).toBe(-2147483648);
    expect((signals[0]?.[125] ?? 0) / gain).toBeCloseTo(1 - 0.4321, 3);
    expect([signals[1]?.[249], signals[1]?.[1500]]).toEqual([-2147483648, -2147483648]);
    expect((signals[1]?.[250 + 125] ?? 0) / gain).toBeCloseTo(1, 3);
    expect((await readRecord(join(dir, "night_2"))).header).toMatchObject({ rateHz: 50, frameCount: 500 });
  } finally {
    rmSync(dir, { recursive: true });
  }
});
