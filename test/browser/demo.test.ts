import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AlertWire } from "../../gateway/api/wire.ts";
import { windowS } from "../../gateway/web/traces.ts";
import { launchBrowser, type Page, waitFor, waitForText } from "./browser.ts";
import { type Demo, freshHome, processesOf, removeHome, startDemo } from "./demo-process.ts";

const browser = await launchBrowser();
const recordings = fileURLToPath(new URL("../../gateway/recordings/testdata", import.meta.url));
const home = freshHome();
const personA = '[data-person="person-a"]';
const vtCard = '[data-rule="rhythm.vt"]';

let demo: Demo;
let page: Page;
let outside: string[];
let complaints: string[];
let watchedAtUnplug: number;

const press = (id: string) => page.locator(`[data-action="${id}"] button`).click();
const isInEffect = (id: string, active: boolean) => page.locator(`[data-action="${id}"][data-active="${active}"]`).waitFor();
const alertsOf = async () => (await demo.get<{ alerts: AlertWire[] }>("/alerts"))?.alerts ?? [];
const status = async () => demo.get<{ uplink: { connected: boolean; depth: number } }>("/status");
const watched = async (person: string) => {
  const people = (await demo.get<{ people: { id: string; watched_s: Record<string, number> }[] }>("/people"))?.people ?? [];
  return people.find(({ id }) => id === person)?.watched_s["rhythm.vt"] ?? 0;
};
const metric = async (name: string) => {
  const text = await (await fetch(`${demo.address}/metrics`)).text();
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
};
/** Seconds of a trace's picture in which its line is seen. */
const lineS = (selector: string) => `(() => {
    const canvas = document.querySelector(${JSON.stringify(`${selector} canvas`)});
    if (canvas === null) return 0;
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    let columns = 0;
    for (let x = 0; x < width; x += 1)
      for (let y = 0; y < height; y += 1) {
        const i = (y * width + x) * 4;
        if (data[i + 3] > 120 && data[i] < 90 && data[i + 1] > data[i] + 30) { columns += 1; break; }
      }
    return (columns / width) * ${windowS};
  })()`;
const hasLine = (selector: string) => page.evaluate<boolean>(`${lineS(selector)} > 4`);
/** True while a trace shows more than came since the page was opened. */
const hasPast = (selector: string) => `${lineS(selector)} > performance.now() / 1000 + 2`;

async function openPage(): Promise<void> {
  page = await browser!.newPage({ viewport: { width: 1280, height: 900 } });
  page.on("request", (request) => void (request.url().startsWith(demo.address) || outside.push(request.url())));
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  page.on("pageerror", (error) => void complaints.push(error.message));
  await page.goto(`${demo.address}/?token=${demo.tokens.caregiver}`);
}

beforeAll(async () => {
  if (browser === undefined) return;
  outside = [];
  complaints = [];
  demo = await startDemo(home);
  await openPage();
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await (demo as Demo | undefined)?.interrupt();
  removeHome(home);
}, 180_000);

// One story: each step goes on where the last one ended.
describe.skipIf(browser === undefined)("the demo", () => {
  test("prints the page's address, keeps its tokens private, and makes no hearth.yaml", async () => {
    await expect.poll(() => demo.output(), { timeout: 30_000 }).toContain(demo.address);
    expect(statSync(join(home, "tokens.json")).mode & 0o777).toBe(0o600);
    expect(readdirSync(home)).not.toContain("hearth.yaml");
  });

  test("shows live traces of two people within 30 s, says where they are from, and who wears what", async () => {
    const traces = ["person-a ecg", "person-a acc", "person-b ecg", "person-b ppg", "person-b acc"].map((each) => {
      const [person, kind] = each.split(" ");
      return `[data-person="${person}"] [data-kind="${kind}"]`;
    });
    for (const trace of traces) await expect.poll(() => hasLine(trace), { timeout: 30_000, message: trace }).toBe(true);
    expect(await page.locator("[data-notice]").textContent()).toMatch(/MIT-BIH.*BIDMC.*Xsens/);
    await waitForText(page, '[data-device="chest-strap"]', /Online.*worn by Person A, chest/s);
    await waitForText(page, '[data-device="spare-ring"]', /nobody wears it – its signal is kept, not looked at, and alarms nobody/);
    await waitForText(page, "footer", /not a medical device/);
  });

  test("draws the body that six sensors tell; one that is pulled out is never shown as measured, and its limb is as before when it is back", async () => {
    const arm = (state: string) => page.locator(`[data-body="person-d"] [data-limb="leftArm"][data-limb-state${state}]`);
    await arm('="measured"').or(arm('="part"')).first().waitFor({ timeout: 30_000 });
    const before = await page.locator('[data-body="person-d"] [data-limb="leftArm"]').getAttribute("data-limb-state");
    await press("pull-motion-sensor");
    // Completed by a model; without one it is not known.
    await arm('="completed"').or(arm('="unknown"')).first().waitFor({ timeout: 30_000 });
    await press("pull-motion-sensor");
    await arm(`="${before}"`).waitFor({ timeout: 30_000 });
  });

  test("plays the body's last minute again, slowly, beside the body as it is now", async () => {
    const body = page.locator('[data-body="person-d"]');
    await body.getByRole("button", { name: "Play the last minute again, slowly" }).click();
    for (const picture of ["[data-body-again] canvas", ".body-figure:not([data-body-again]) canvas"]) {
      const pictures = `Number(document.querySelector('[data-body="person-d"] ${picture}')?.dataset.bodyPictures ?? 0)`;
      const drawn = await page.evaluate<number>(pictures);
      await waitFor(page, `${pictures} > ${drawn + 2}`);
    }
    await waitForText(page, "[data-body-again]", /^\d+ s ago, at a quarter of the speed/);
    await body.getByRole("button", { name: "Back to now" }).click();
    await body.locator("[data-body-again]").waitFor({ state: "detached" });
  });

  test("raises the arrhythmia within 60 s of signal: printed, on the page, stored, and in the twin with its strip", async () => {
    await page.locator(vtCard).first().waitFor({ timeout: 60_000 });
    const alert = (await alertsOf()).find(({ rule }) => rule === "rhythm.vt");
    expect(alert).toMatchObject({ priority: "high", kind: "physiological", mode: "demo", person: "person-a", device: "chest-strap" });
    await expect.poll(() => demo.output(), { timeout: 30_000 }).toMatch(/ALERT high rhythm\.vt: DEMO Person A/);
    await waitForText(page, '[data-meter="delay"]', /^\d+\.\d s$/);
    await waitForText(page, '[data-meter="raw"]', /\d (kB|MB)/);
    await waitForText(page, '[data-meter="sent"]', /\d (B|kB)/);
    await waitForText(page, '[data-meter="ratio"]', /1 part in \d/);
    await page.locator('[data-twin-person="person-a"] [data-strip-samples]').waitFor({ timeout: 60_000 });
    const span = `from=${alert!.onset_s - 5}&to=${alert!.onset_s + 5}`;
    const strip = await demo.getTwin<{ traces: { values: (number | null)[] }[] }>(`/people/person-a/strip?${span}`);
    expect(strip?.traces[0]?.values.filter((value) => value !== null).length).toBeGreaterThan(3000);
    expect(JSON.stringify(await demo.getTwin("/people/person-a/alerts"))).toContain(alert!.id);
  });

  test("has raised nothing about the equipment, which only just started", async () => {
    // A machine that is too busy is told rightly.
    expect((await alertsOf()).filter(({ kind, rule }) => kind === "technical" && rule !== "gateway.lag")).toEqual([]);
  });

  test("a named person acknowledges it: on the page, stored, at the twin, and after a reload, which begins with full traces", async () => {
    const id = (await page.locator(vtCard).first().getAttribute("data-alert")) ?? "";
    await page.locator(`[data-alert="${id}"] .button-main`).click();
    await page.getByLabel("Your name").fill("Person C");
    await page.getByRole("button", { name: "Acknowledge with this name" }).click();
    await waitForText(page, `[data-alert="${id}"]`, /Person C has it/);
    expect((await alertsOf()).find((alert) => alert.id === id)?.acknowledged_by).toBe("Person C");
    await expect
      .poll(async () => JSON.stringify(await demo.getTwin("/people/person-a/alerts")), { timeout: 100_000 })
      .toContain("Person C");
    const ecg = `${personA} [data-kind="ecg"]`;
    // A page that took nearly its own window to come can show no past; it is opened again.
    const opensWithPast = async () => {
      await page.goto(demo.address);
      await waitFor(page, `${hasPast(ecg)} || performance.now() > 8000`);
      return page.evaluate<boolean>(hasPast(ecg));
    };
    await expect.poll(opensWithPast, { timeout: 200_000 }).toBe(true);
    await waitForText(page, `[data-alert="${id}"]`, /Person C has it/);
  });

  test('the patch has learnt its wearer and tells of beats of another shape; "This is normal for me" is known to the memory, and taken back', async () => {
    const card = page.locator('[data-rule="anomaly.morphology"]').first();
    await card.waitFor({ timeout: 200_000 });
    const known = '[data-person="person-c"] [data-learning="known"]';
    await waitForText(page, known, /Knows what is usual since/);
    await card.getByRole("button", { name: "This is normal for me" }).click();
    await waitForText(page, '[data-rule="anomaly.morphology"]', /Noted as number 1/);
    await page.locator(`${known} summary`).click();
    await waitForText(page, known, /Called normal by Person C/);
    await page.locator(known).getByRole("button", { name: "Take it back" }).click();
    await waitFor(page, `!/Called normal/.test(document.querySelector('${known}').innerText)`);
  });

  test("'cut the internet' is in effect, and alerts and traces at home go on", async () => {
    await press("cut-internet");
    await isInEffect("cut-internet", true);
  });

  test("'kill the model host' is answered by a new one, and the sensors stay as they are", async () => {
    const before = await metric("hearth_inference_restarts_total");
    // That the page says it while the host is down is asked of a fake gateway: here the new one may be up before the page draws again.
    await press("kill-model-host");
    await isInEffect("kill-model-host", true);
    await expect.poll(() => metric("hearth_inference_restarts_total"), { timeout: 100_000 }).toBe(before + 1);
    const states = async () => new Set((await demo.get<{ models: { state: string }[] }>("/models"))?.models.map(({ state }) => state));
    await expect.poll(states, { timeout: 100_000 }).toEqual(new Set(["ready"]));
    await waitFor(
      page,
      "document.querySelector('.health') === null || !/analysis of the signal/.test(document.querySelector('.health').innerText)",
    );
    await waitForText(page, '[data-device="chest-strap"]', /Online/);
  });

  test("'motion noise' replaces the number by \"poor signal\", and sitting still brings it back", async () => {
    await waitForText(page, `${personA} .heart`, /\d+\s+beats\/min/);
    await press("motion-noise");
    await waitForText(page, `${personA} .heart`, /^Poor signal/);
    await press("motion-noise");
    await waitForText(page, `${personA} .heart`, /\d+\s+beats\/min/);
  });

  test("'unplug strap' is told after 10 s as the sensor's fault and not as the heart's", async () => {
    await press("unplug-strap");
    await waitForText(page, `${personA} .heart`, /^No skin contact/);
    await waitForText(page, '[data-device="chest-strap"]', /No skin contact/);
    await page.locator('[data-rule="device.lead-off"]').waitFor({ timeout: 100_000 });
    const told = (await alertsOf()).find(({ rule }) => rule === "device.lead-off");
    expect(told).toMatchObject({ kind: "technical", device: "chest-strap", priority: "low" });
    // Contact is judged by the second.
    expect(told!.t_s - told!.onset_s).toBeGreaterThan(9.9);
    expect(told!.t_s - told!.onset_s).toBeLessThan(12.1);
    expect((await alertsOf()).filter(({ rule }) => rule === "rhythm.asystole" || rule === "rhythm.no-signal")).toEqual([]);
    watchedAtUnplug = await watched("person-a");
  });

  test("the cut line is shown as down with what waits; mended, everything arrives", async () => {
    await page.locator('[data-uplink="false"]').waitFor({ timeout: 60_000 });
    await waitForText(page, '[data-uplink="false"]', /down, [1-9]\d* messages wait/);
    expect(JSON.stringify(await demo.getTwin("/people/person-a/alerts"))).not.toContain("device.lead-off");
    await press("cut-internet");
    await page.locator('[data-uplink="true"]').waitFor({ timeout: 60_000 });
    await expect
      .poll(async () => JSON.stringify(await demo.getTwin("/people/person-a/alerts")), { timeout: 100_000 })
      .toContain("device.lead-off");
    await expect.poll(async () => (await status())?.uplink.depth, { timeout: 100_000 }).toBe(0);
  });

  test("while the strap is off, its rhythm rules do not watch; on the skin again, the number is back", async () => {
    expect(watchedAtUnplug).toBeGreaterThan(0);
    expect(await watched("person-a")).toBe(watchedAtUnplug);
    await press("unplug-strap");
    await waitForText(page, `${personA} .heart`, /\d+\s+beats\/min/);
  });

  test("'play my file' plays a record that was uploaded, and goes back", async () => {
    const action = '[data-action="play-my-file"]';
    const files = ["205-excerpt.hea", "205-excerpt.dat"].map((name) => join(recordings, name));
    await page.locator(`${action} input`).setInputFiles(files);
    await page.locator(`${action} button[type=submit]`).click();
    await isInEffect("play-my-file", true);
    await waitForText(page, "[data-notice]", /your file 205-excerpt/);
    await waitForText(page, `${personA} .heart`, /\d+\s+beats\/min/);
    await page.getByRole("button", { name: /Back to the demo/ }).click();
    await isInEffect("play-my-file", false);
    await waitForText(page, "[data-notice]", /record 205, lead MLII/);
  });

  test("a file that is no recording is refused in words", async () => {
    const action = '[data-action="play-my-file"]';
    await page
      .locator(`${action} input`)
      .setInputFiles([{ name: "x.dat", mimeType: "application/octet-stream", buffer: Buffer.from("x") }]);
    await page.locator(`${action} button[type=submit]`).click();
    await waitForText(page, ".demo [role=alert]", /did not work.*\.hea/s);
  });

  test("fits a phone of 360 px, asked nobody outside the home for anything, and complained about nothing", async () => {
    await page.setViewportSize({ width: 360, height: 780 });
    await waitFor(page, "innerWidth === 360");
    await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
    await waitFor(page, "document.documentElement.scrollWidth <= 360");
    expect(await page.evaluate("document.querySelectorAll('[data-twin-beats] .beat').length")).toBeGreaterThanOrEqual(3);
    expect(outside).toEqual([]);
    // The refused upload is an answer of 4xx, which the browser itself writes down.
    expect(complaints.filter((text) => !/status of 4\d\d/.test(text))).toEqual([]);
  });

  test("Ctrl-C ends everything cleanly, no process stays, and the open page says large that it does not know any more", async () => {
    expect(await demo.interrupt()).toBe(0);
    await expect.poll(() => demo.output(), { timeout: 10_000 }).toContain("Everything has ended.");
    await waitForText(page, ".banner-title", /No connection/);
    await waitForText(page, `${personA} .heart`, /Not known now/);
    expect(processesOf(home)).toEqual([]);
  });

  test("'demo --keep' goes on with open alerts and who has taken them; a plain start is a fresh demo", async () => {
    demo = await startDemo(home, { keep: true });
    await page.close();
    await openPage();
    await page.locator(vtCard).first().waitFor({ state: "attached" });
    expect(await page.locator(vtCard).first().textContent()).toContain("Person C has it");
    expect(await demo.interrupt()).toBe(0);
    demo = await startDemo(home);
    expect(await alertsOf()).toEqual([]);
    expect(readdirSync(home)).toContain("demo.previous");
    expect(readdirSync(home)).not.toContain("hearth.yaml");
    expect(await demo.interrupt()).toBe(0);
    expect(processesOf(home)).toEqual([]);
  });
});
