/** A strip on paper, in a real browser: millimetres on screen and in the PDF that it prints. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { openAccess } from "../../gateway/access/access.ts";
import { type HttpDoor, startHttp } from "../../gateway/api/http.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { createPages } from "../../gateway/web/bundle.ts";
import { type FakeTwin, startFakeTwin } from "../fakes/fake-twin.ts";
import { createFakeView, type FakeView } from "../fakes/fake-view.ts";
import { keptPort } from "../fakes/kept-port.ts";
import { launchBrowser, type Page } from "./browser.ts";
import { pdfLines } from "./pdf-lines.ts";

const browser = await launchBrowser();
const rateHz = 250;
const count = 10 * rateHz;
const startUs = 1_700_000_000_000_000;
const sources = [
  { source: "measured", count: 500 },
  { source: "decoded", count: 1000 },
  { source: "missing", count: 250 },
  { source: "imputed", count: 125 },
  { source: "decoded", count: 625 },
];
/** A beat a second, 1.2 mV high; nothing in the second that is missing. */
const values = Array.from({ length: count }, (_, i) => (i >= 1500 && i < 1750 ? null : 1.2 * Math.exp(-((((i % rateHz) - 60) / 5) ** 2))));
const decoder = "ecg-codec 5 0123456789abcdef";
const strap = { device: "strap", stream: "ecg", channel: "ecg", lead: "II", unit: "mV", rateHz, startUs, values, sources };
const reconstructions = [
  { ...strap, errors: [{ fromUs: startUs, toUs: startUs + 1e7, rmse: 0.0123, codec: 5, bytes: 180, decoder, highestHz: 50 }] },
];

let view: FakeView;
let stop: () => void;
let twin: FakeTwin;
let door: HttpDoor;
let page: Page;

beforeAll(async () => {
  if (browser === undefined) return;
  view = createFakeView(systemClock());
  stop = view.play();
  twin = await startFakeTwin(view, reconstructions);
  const access = openAccess({ clock: systemClock(), given: [{ token: "tok-care", role: "caregiver" }] });
  const alertText = () => ({ title: "", body: "" });
  const log = createLog({ level: "silent" });
  door = await startHttp({ view, twin, pages: createPages(), host: "127.0.0.1", port: await keptPort(), access, log, alertText });
});

afterAll(async () => {
  if (browser === undefined) return;
  stop();
  await browser.close();
  await door.close();
  await twin.close();
});

async function open(viewport: { width: number; height: number }, colorScheme: "light" | "dark" = "light"): Promise<void> {
  page = await browser!.newPage({ viewport, colorScheme });
  await page.goto(`http://127.0.0.1:${door.port}/?token=tok-care#paper=person-a,${startUs / 1e6},${startUs / 1e6 + 10}`);
  await page.locator("[data-paper] svg").first().waitFor();
}

const box = (selector: string) =>
  page.evaluate<{ width: number; height: number }>(
    `(({ width, height }) => ({ width, height }))(document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect())`,
  );
const pxPerMm = 96 / 25.4;

describe.skipIf(browser === undefined)("a strip on paper", () => {
  test.each([
    ["a phone", { width: 360, height: 780 }],
    ["a desktop", { width: 1200, height: 900 }],
  ])("is in millimetres on %s, and says lead, scale, band, model, decoder and error", async (_name, viewport) => {
    await open(viewport);
    const pulse = await box("[data-calibration]");
    expect(pulse.height / pxPerMm).toBeCloseTo(10, 0);
    expect(pulse.width / pxPerMm).toBeCloseTo(9, 0);
    expect((await box("svg.paper-row")).width / pxPerMm).toBeCloseTo(187, 0);
    const facts = await page.locator("[data-paper-facts]").textContent();
    for (const fact of ["Lead II", "25 mm/s · 10 mm/mV", "Band 0–50 Hz", "ecg-beat", decoder, "off by 12 µV"])
      expect(facts).toContain(fact);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(viewport.width);
    await page.close();
  });

  test("tells measured, decoded, filled in and missing apart by form, each with its word and its seconds", async () => {
    await open({ width: 1200, height: 900 }, "dark");
    const dashes = (source: string) =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('[data-source="${source}"]')).strokeDasharray`);
    const forms = [await dashes("measured"), await dashes("decoded"), await dashes("imputed")];
    expect(new Set(forms).size).toBe(3);
    expect(forms[0]).toBe("none");
    const words = ["measured 2 s", "decoded 6.5 s", "filled in 0.5 s", "missing 1 s"];
    for (const [i, kind] of ["measured", "decoded", "imputed", "missing"].entries())
      expect(await page.locator(`[data-legend="${kind}"]`).textContent()).toContain(words[i]);
    expect(await page.locator(".paper-row .paper-missing rect").count()).toBe(1);
    await page.close();
  });

  test("prints on one page of A4 with the same millimetres", async () => {
    await open({ width: 1200, height: 900 });
    const { pages, size, lines } = pdfLines(await page.pdf({ printBackground: true, preferCSSPageSize: true }));
    expect(pages).toBe(1);
    expect(size[0]).toBeCloseTo(210, 0);
    expect(size[1]).toBeCloseTo(297, 0);
    const steps = lines.map((line) => line.slice(1).map(([x, y], i) => [x - (line[i]?.[0] ?? 0), y - (line[i]?.[1] ?? 0)] as const));
    const pulses = steps.filter((each) => each.length === 5 && [2, 0, 5, 0, 2].every((dx, i) => Math.abs((each[i]?.[0] ?? 0) - dx) < 0.1));
    expect(pulses).toHaveLength(2);
    for (const pulse of pulses) {
      expect(pulse[1]?.[1]).toBeCloseTo(10, 0.5);
      expect(pulse[3]?.[1]).toBeCloseTo(-10, 0.5);
    }
    // The first two seconds are measured: 499 steps of 0.1 mm.
    const measured = steps.find((each) => each.length > 400 && each.length < 600);
    expect(measured?.reduce((sum, [dx]) => sum + dx, 0)).toBeCloseTo((25 * 499) / rateHz, 0);
    await page.close();
  });

  test.each([
    ["a phone", { width: 360, height: 780 }],
    ["a desktop", { width: 1200, height: 900 }],
  ])("beside the copy's trace stands what the same seconds cost in each mode, on %s", async (_name, viewport) => {
    page = await browser!.newPage({ viewport });
    await page.goto(`http://127.0.0.1:${door.port}/?token=tok-care`);
    await page.locator('[data-twin-person="person-a"] [data-meter]').waitFor();
    const bytes = await page.locator('[data-twin-person="person-a"] [data-meter]').textContent();
    expect(bytes).toMatch(/The same 10 s/);
    expect(bytes).toMatch(/every sample: 5(\.0)? kB/);
    expect(bytes).toMatch(/waveform and beats: \d+ B, \d+ times fewer/);
    expect(bytes).toMatch(/beats alone: \d+ B, \d+ times fewer/);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(viewport.width);
    await page.close();
  });
});
