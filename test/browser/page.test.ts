import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Clock, systemClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { openAccess } from "../../gateway/access/access.ts";
import { type HttpDoor, startHttp } from "../../gateway/api/http.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { createPages } from "../../gateway/web/bundle.ts";
import { type FakeTwin, startFakeTwin } from "../fakes/fake-twin.ts";
import { createFakeView, type FakeView } from "../fakes/fake-view.ts";
import { keptPort } from "../fakes/kept-port.ts";
import { launchBrowser, type Page, waitFor, waitForText } from "./browser.ts";
import { lowContrastScript } from "./contrast.ts";

const browser = await launchBrowser();
const pages = createPages();
const phone = { width: 360, height: 780 };
const desktop = { width: 1280, height: 900 };

let view: FakeView;
let twin: FakeTwin;
let door: HttpDoor;
let stop: () => void;
let page: Page;
let requests: string[];
let complaints: string[];

const doorOptions = () => ({
  view,
  twin,
  pages,
  host: "127.0.0.1",
  access: openAccess({
    clock: systemClock(),
    given: [
      { token: "tok-care", role: "caregiver" },
      { token: "tok-own", role: "patient", persons: ["person-a"] },
      { token: "tok-admin", role: "admin" },
      { token: "tok-integrate", role: "integrator" },
    ],
  }),
  log: createLog({ level: "silent" }),
  alertText: (alert: { rule: string }, names: { person: string }) => ({
    title: `DEMO ${names.person}: ${alert.rule}`,
    body: "Automatic, not a diagnosis.",
  }),
});

async function serve(clock: Clock): Promise<void> {
  view = createFakeView(clock);
  stop = view.play();
  twin = await startFakeTwin(view);
  door = await startHttp({ ...doorOptions(), port: await keptPort() });
}

async function unserve(): Promise<void> {
  stop();
  await page.close();
  await door.close();
  await twin.close();
}

beforeEach(async () => {
  if (browser !== undefined) await serve(systemClock());
});

afterEach(async () => {
  if (browser !== undefined) await unserve();
});

afterAll(() => browser?.close());

async function open(
  viewport: { width: number; height: number },
  options: { path?: string; colorScheme?: "light" | "dark"; before?: string } = {},
): Promise<void> {
  page = await browser!.newPage({ viewport, colorScheme: options.colorScheme ?? "light" });
  requests = [];
  complaints = [];
  page.on("request", (request) => void requests.push(request.url()));
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  page.on("pageerror", (error) => void complaints.push(error.message));
  if (options.before !== undefined) await page.addInitScript({ content: options.before });
  await page.goto(`http://127.0.0.1:${door.port}${options.path ?? "/?token=tok-care"}`);
}

const isLive = () => page.locator('[data-connection="live"]').waitFor();

/** Share of the columns of a trace's canvas in which its line is seen. */
const lineShare = (selector: string) =>
  page.evaluate<number>(`(() => {
    const canvas = document.querySelector(${JSON.stringify(selector)} + " canvas");
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    let seen = 0;
    for (let x = 0; x < width; x += 1) {
      for (let y = Math.floor(height * 0.22); y < height - 16; y += 1) {
        const i = (y * width + x) * 4;
        if (data[i + 3] > 120 && data[i] < 90 && data[i + 1] < 150 && data[i + 1] > data[i] + 30) { seen += 1; break; }
      }
    }
    return seen / width;
  })()`);

describe.skipIf(browser === undefined)("the page", () => {
  test.each([
    ["a phone", phone],
    ["a desktop", desktop],
  ])("fits %s without scrolling sideways, asks nobody outside, and complains about nothing", async (_name, viewport) => {
    view.raise({ id: "a1" });
    await open(viewport);
    await isLive();
    await page.locator("[data-person] canvas").first().waitFor();
    await page.locator('[data-alert="a1"]').waitFor();
    await page.locator("[data-strip-samples]").first().waitFor();
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(viewport.width);
    expect(requests.length).toBeGreaterThan(8);
    expect(requests.filter((url) => !url.startsWith(`http://127.0.0.1:${door.port}/`))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("one line per person says what leaves the house, how much today and since when; behind it less is allowed by a carer, more by an admin", async () => {
    view.consents.setWaiting({ ecg: "semantic" });
    await open(phone);
    const line = '[data-leaves="person-a"]';
    await waitForText(page, line, /Leaves the house: heartbeats, alerts and the signal around them, 412\.0 kB today, since \d+ \w+\./);
    await waitForText(page, line, /The twin asks for the waveform of ecg\.\s*Change/);
    await page.locator(`${line} summary`).click();
    expect(await page.evaluate("document.querySelector('[data-leaves] option[value=raw]').disabled")).toBe(true);
    await page.locator(`${line} input[name=strips]`).click();
    await page.locator(`${line} button[type=submit]`).click();
    await waitForText(page, line, /Leaves the house: heartbeats and alerts, 412/);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(phone.width);
    await page.close();
    await open(phone, { path: "/?token=tok-admin" });
    await page.locator(`${line} .state-care button`).click();
    await waitForText(page, line, /heartbeats, alerts and the waveform of ecg/);
    expect(complaints).toEqual([]);
  });

  test("a pulse by light stands with its own name, sensor and age; where it can't be read reliably, or is old, no number stands there", async () => {
    const nowUs = view.status().timeUs;
    const pulse = {
      code: "hr",
      device: "wrist-band",
      stream: "ppg",
      unit: "/min",
      by: "light",
      timeUs: nowUs,
      freshUs: nowUs + 3600e6,
    } as const;
    view.setVitals("person-b", [{ ...pulse, value: 61.6 }]);
    await open(phone);
    const row = '[data-person="person-b"] [data-vital="hr"]';
    await waitForText(page, row, /Pulse by light\s+62 beats\/min\s+Wrist band, \d/);
    view.setVitals("person-b", [{ ...pulse, without: "unsure" }]);
    await waitForText(page, row, /No value: the pulse cannot be read reliably now/);
    view.setVitals("person-b", [{ ...pulse, value: 61.6, freshUs: nowUs - 1 }]);
    await waitForText(page, row, /No current value/);
    expect(await page.locator(row).textContent()).not.toContain("62");
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(phone.width);
    expect(complaints).toEqual([]);
  });

  test("says how a sensor of one's own reaches this home: address, port, fingerprint, the file to trust it by, and a line to try", async () => {
    for (const viewport of [phone, desktop]) {
      if (viewport === desktop) await page.close();
      await open(viewport);
      await isLive();
      await page.locator("[data-reach] > summary").click();
      await waitForText(page, "[data-reach]", /192\.168\.1\.5 or home\.local/);
      await waitForText(page, "[data-reach]", /8883/);
      await waitForText(page, "[data-fingerprint]", /A1:A1:A1/);
      await waitForText(page, "[data-reach]", /mosquitto_pub -h 192\.168\.1\.5 -p 8883 --cafile hearth-ca\.pem/);
      expect(await page.evaluate("document.querySelector('[data-reach] a[download]').download")).toBe("hearth-ca.pem");
      expect(await page.evaluate("decodeURIComponent(document.querySelector('[data-reach] a[download]').href)")).toContain(
        "BEGIN CERTIFICATE",
      );
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      await page.getByRole("button", { name: "Copy: Try it" }).click();
      await waitForText(page, "[data-reach]", /Copied|Selected/);
    }
    expect(complaints).toEqual([]);
  });

  test("moves the token out of the address and never asks with it in a URL", async () => {
    await open(phone);
    await isLive();
    expect(page.url()).toBe(`http://127.0.0.1:${door.port}/`);
    expect(requests.slice(1).filter((url) => url.includes("tok-care"))).toEqual([]);
  });

  test("asks for a token where there is none, refuses a wrong one in words, and opens with the right one", async () => {
    await open(phone, { path: "/" });
    await page.locator("input[name=token]").fill("wrong");
    await page.getByRole("button", { name: "Open" }).click();
    await waitForText(page, "[role=alert]", /does not know this token/);
    await page.locator("input[name=token]").fill("tok-care");
    await page.getByRole("button", { name: "Open" }).click();
    await isLive();
  });

  test.each(["/?token=schl%C3%BCssel%E2%80%A6", "/?token=wrong"])("asks again for a token after %s", async (path) => {
    await open(phone, { path });
    await waitForText(page, "[role=alert]", /does not know this token/);
  });

  test.each(["sessionStorage", "localStorage"])(
    "works and keeps names and tokens out of the address where the browser refuses %s",
    async (name) => {
      view.raise({ id: "a1" });
      await open(phone, {
        before: `Object.defineProperty(window, "${name}", { get() { throw new DOMException("refused", "SecurityError"); } })`,
      });
      await page.locator('[data-alert="a1"] .button-main').click();
      await page.getByLabel("Your name").fill("Person D");
      await page.getByRole("button", { name: "Acknowledge with this name" }).click();
      await waitForText(page, '[data-alert="a1"]', /Person D has it/);
      expect(page.url()).toBe(`http://127.0.0.1:${door.port}/`);
      expect(complaints).toEqual([]);
    },
  );

  test.each([-3_600_000, 3_600_000])("tells ages by the gateway's clock where the browser's is %i ms off", async (offMs) => {
    view.raise({ id: "a1" });
    await open(desktop, {
      before: `{ const now = Date.now.bind(Date); Date.now = () => now() + ${offMs}; }`,
    });
    await isLive();
    await waitForText(page, '[data-alert="a1"] .facts', /\((?:[6-9]|1\d|2\d) s\)/);
    await waitForText(page, '[data-device="chest-strap"]', /last usable sample \d s ago/);
    await waitForText(page, ".twin", /last confirmed \d s ago/);
  });

  test("names of any length stay on a phone's screen", async () => {
    const people = view.people();
    view.people = () => people.map((person) => ({ ...person, name: `${"Long".repeat(20)} ${"name ".repeat(12)}` }));
    await open(phone);
    await isLive();
    await page.locator("[data-person] canvas").first().waitFor();
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(phone.width);
  });

  test("does not say that there are no alerts before the gateway has said so", async () => {
    const { alerts } = view;
    const gate = Promise.withResolvers<void>();
    view.alerts = (query) => gate.promise.then(() => alerts(query));
    await open(phone);
    await isLive();
    await page.locator("[data-person]").first().waitFor();
    await waitForText(page, ".alerts", /not known yet/);
    gate.resolve();
    await waitForText(page, ".alerts", /No open alerts/);
  });

  test("a screen reader hears an alert that waits once, not again with every second", async () => {
    await open(phone);
    await isLive();
    await waitForText(page, ".alerts", /No open alerts/);
    await page.evaluate(`new MutationObserver((changes) => {
      const regions = changes.map(({ target }) => (target.parentElement ?? target).closest("[aria-live], [role=alert], [role=status]"));
      const spoken = [...new Set(regions)].map((region) => region?.textContent ?? "").filter((text) => text !== "");
      document.body.dataset.spoken = (document.body.dataset.spoken ?? "") + spoken.join("|");
    }).observe(document.body, { subtree: true, childList: true, characterData: true })`);
    view.raise({ id: "a1" });
    await waitForText(page, '[data-alert="a1"] .facts', /\(1\d s\)/);
    expect(await page.evaluate("document.body.dataset.spoken")).toBe("High – act now: DEMO Person A: rhythm.vt");
  });

  test("with keys alone: the name is asked for where one is, Escape goes back, and the place at the alert is kept", async () => {
    view.raise({ id: "a1" });
    await open(phone);
    const focused = () => page.evaluate<string>("document.activeElement.name ?? document.activeElement.dataset.alert ?? ''");
    await page.locator('[data-alert="a1"] button').first().waitFor();
    await page.evaluate(`document.querySelector('[data-alert="a1"] .button-main').focus()`);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Acknowledge with this name" }).waitFor();
    expect(await focused()).toBe("by");
    await page.keyboard.press("Escape");
    await expect.poll(focused).toBe("a1");
    expect(view.acts).toEqual([]);
    await page.evaluate(`document.querySelector('[data-alert="a1"] .button-main').focus()`);
    await page.keyboard.press("Enter");
    await page.getByLabel("Your name").fill("Person D");
    await page.keyboard.press("Enter");
    await waitForText(page, '[data-alert="a1"]', /Person D has it/);
    await expect.poll(focused).toBe("a1");
  });

  test("offers a snooze only to whoever has a channel that it quiets", async () => {
    view.raise({ id: "a1" });
    view.raise({ id: "a2", rule: "hr.high" });
    await open(phone);
    const snooze = page.locator('[data-alert="a2"]').getByRole("button", { name: "Snooze 15 min" });
    const take = page.locator('[data-alert="a1"]').getByRole("button", { name: "Acknowledge" });
    await take.click();
    expect(await snooze.count()).toBe(0);
    await page.getByLabel("Your name").fill("Person B");
    await page.keyboard.press("Enter");
    await snooze.click();
    await waitForText(page, '[data-alert="a2"]', /Quiet for Person B until/);
    await page.locator('[data-alert="a2"]').getByRole("button", { name: "Change" }).click();
    expect(await snooze.count()).toBe(0);
  });

  test("draws the trace with its hole as a hole", async () => {
    const selector = '[data-person="person-a"] [data-kind="ecg"]';
    const system = systemClock();
    await open(desktop);
    // The fake has no data from second 14 to 15.5 of every 24, so the hole is on the picture of 12 s from about 16 to 26, and not from 4 to 13.
    // The page gets the past at once; where it takes long to open, the next cycle is waited for.
    const picture = async (from: number, to: number) => {
      await unserve();
      const offsetUs = from * 1e6 - (system.wallUs() % 24e6);
      const wallUs = () => system.wallUs() + offsetUs;
      const inCycle = () => (wallUs() / 1e6) % 24;
      await serve({ ...system, wallUs });
      await open(desktop);
      await isLive();
      await waitFor(page, `document.querySelector(${JSON.stringify(`${selector} canvas`)}) !== null`);
      return async () => {
        const before = inCycle();
        const share = await lineShare(selector);
        const after = inCycle();
        return before > from && after > before && after < to ? share : Number.NaN;
      };
    };
    const patience = { timeout: 100_000, interval: 100 };
    await expect.poll(await picture(4.5, 14), patience).toBeGreaterThan(0.93);
    await expect.poll(await picture(16, 24), patience).toBeLessThan(0.9);
  });

  test("acknowledging asks once for a name, signs with it, and shows who has it", async () => {
    view.raise({ id: "a1" });
    view.raise({ id: "a2", rule: "rhythm.pause", priority: "medium" });
    await open(phone);
    const first = page.locator('[data-alert="a1"]');
    await first.locator(".button-main").click();
    await page.getByLabel("Your name").fill("Person D");
    await page.getByRole("button", { name: "Acknowledge with this name" }).click();
    await waitForText(page, '[data-alert="a1"]', /Person D has it/);
    await page.locator('[data-alert="a2"] .button-main').click();
    await waitForText(page, '[data-alert="a2"]', /Person D has it/);
    expect(view.acts.map(({ id, verb, caller }) => [id, verb, caller.role, caller.name])).toEqual([
      ["a1", "acknowledge", "caregiver", "Person D"],
      ["a2", "acknowledge", "caregiver", "Person D"],
    ]);
  });

  test("a patient calls for help with one press on a phone: it counts down, is taken back, and is told once it has counted", async () => {
    await open(phone);
    await unserve();
    const clock = virtualClock(Date.now() * 1000);
    await serve(clock);
    await open(phone, { path: "/?token=tok-own" });
    const help = page.locator("[data-help]");
    const button = page.getByRole("button", { name: "Call for help for Person A" });
    await button.waitFor();
    const size = "(({ width, height }) => [width > 250, height >= 60])(document.querySelector('.help-call').getBoundingClientRect())";
    expect(await page.evaluate(size)).toEqual([true, true]);
    await button.click();
    await waitForText(page, "[data-help]", /Help is being called\s*in \d+ seconds?/);
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Cancel, I am fine");
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(phone.width);
    await page.keyboard.press("Enter");
    await waitForText(page, "[data-help]", /Taken back\. Nobody was told\./);
    expect(view.help.state("person-a").state).toBe("none");
    await button.click();
    await waitForText(page, "[data-help]", /Help is being called/);
    clock.advance(10_000);
    await waitForText(page, "[data-help]", /Help has been called\..*told again until somebody answers/s);
    expect([await help.getAttribute("data-help"), view.help.state("person-a").state]).toEqual(["told", "told"]);
    expect(complaints).toEqual([]);
  });

  test("a call for help that does not get through says so at once, and to use a telephone", async () => {
    view.help.call = async () => {
      throw new Error("planned");
    };
    await open(phone, { path: "/?token=tok-own" });
    await page.getByRole("button", { name: "Call for help for Person A" }).click();
    await waitForText(page, "[data-help] [role=alert]", /could not be called from here: .*Use a telephone/);
  });

  test("who goes out is said on the page with a time, seen by everybody, and ended with a press; an integrator only reads it", async () => {
    await open(phone);
    const card = page.locator('[data-person="person-a"]');
    await card.locator(".whereabouts summary").click();
    await card.locator(".whereabouts select").selectOption("259200");
    await card.getByRole("button", { name: "Say: away" }).click();
    await waitForText(page, '[data-person="person-a"] [data-presence]', /Away until \w+ \d\d:\d\d \(caregiver said so\)/);
    const { state, untilUs = 0, sinceUs = 0 } = view.presence.of("person-a");
    expect([state, Math.round((untilUs - sinceUs) / 3.6e9)]).toEqual(["away", 72]);
    await card.getByRole("button", { name: "Back home" }).click();
    await card.locator(".whereabouts summary").waitFor();
    await view.presence.say("person-a", { state: "paused" }, { role: "caregiver", name: "Person B" });
    await page.close();
    await open(phone, { path: "/?token=tok-integrate" });
    await waitForText(page, '[data-person="person-a"] [data-presence]', /Without sensor until .*Person B said so/);
    expect(await page.locator('[data-person="person-a"] [data-presence] button').count()).toBe(0);
  });

  test("an integrator reads alerts and has no button that takes one, whatever the live stream says", async () => {
    view.raise({ id: "a1" });
    await open(phone, { path: "/?token=tok-integrate" });
    await page.locator('[data-alert="a1"]').waitFor();
    // Said again and again: an answer of /status that is on its way takes back what came before it.
    const saying = setInterval(() => view.emit({ kind: "status", status: { ...view.status(), openAlerts: 7, mode: "real" } }), 200);
    await waitForText(page, ".tag", /At home/).finally(() => clearInterval(saying));
    expect(await page.locator('[data-alert="a1"] button').count()).toBe(0);
  });

  test("an acknowledgement that fails is told, and the alert stays open", async () => {
    view.raise({ id: "a1" });
    await open(phone);
    await page.evaluate("localStorage.setItem('hearth.name', 'Person D')");
    await page.goto(`http://127.0.0.1:${door.port}/`);
    await page.locator('[data-alert="a1"]').waitFor();
    view.failNextAct(new Error("broken"));
    await page.locator('[data-alert="a1"] .button-main').click();
    await waitForText(page, '[data-alert="a1"]', /did not work/);
    expect(await page.locator('[data-alert="a1"]').getAttribute("data-state")).toBe("notified");
  });

  test("shows the reason instead of a number when the signal is poor", async () => {
    await open(phone);
    view.setQuality("person-a", "good");
    await waitForText(page, '[data-person="person-a"] .heart', /75\s+beats\/min/);
    view.setQuality("person-a", "poor");
    await waitForText(page, '[data-person="person-a"] .heart', /Poor signal/);
    expect(await page.locator('[data-person="person-a"] .heart').textContent()).not.toContain("75");
  });

  test("says which sensor the heart rate is from, and of sensors that do not agree no number as the heart's", async () => {
    await open(phone);
    const heart = '[data-person="person-a"] .heart';
    await waitForText(page, heart, /75\s+beats\/min.*from Chest strap, by the ECG/s);
    const source = { device: "wrist-band", stream: "ppg", kind: "ppg", quality: "good", freshUs: view.status().timeUs + 5e6 } as const;
    view.setQuality("person-a", "poor");
    view.setHeartRate("person-a", { heartRateBpm: 81, heartRateAgeS: 1, heartRateSource: source });
    await waitForText(page, heart, /81\s+beats\/min.*from Wrist band, by the pulse/s);
    const between = [
      { device: "chest-strap", stream: "ecg", kind: "ecg", bpm: 72 },
      { device: "wrist-band", stream: "ppg", kind: "ppg", bpm: 95 },
    ] as const;
    view.setHeartRate("person-a", { heartRateDisagreement: { sinceUs: view.status().timeUs, between } });
    await waitForText(page, heart, /Sensors do not agree.*Chest strap by the ECG: 72, Wrist band by the pulse: 95/s);
    expect(await page.locator(heart).textContent()).not.toContain("beats/min");
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(phone.width);
    expect(await page.evaluate(lowContrastScript)).toEqual([]);
  });

  test("says how far it has learnt what is usual for a person; what a carer calls normal stands there with the name, and is taken back", async () => {
    const of = { model: { id: "ecg-anomaly", version: "1.1.0" }, of: "chest", neededS: 300, sinceUs: view.status().timeUs, normals: [] };
    view.setLearning("person-a", [{ ...of, learntS: 185 }]);
    const evidence = {
      ...{ of: "chest", model: of.model, learnt: { fromUs: of.sinceUs, toUs: of.sinceUs }, usual: [0, 1, 0] },
      beats: [{ timeUs: of.sinceUs, rrBeforeMs: [800], vector: [9, 0.1, 0.2, 0.3, 0, 2, 0] }],
      curves: { residualAt: 1, shownAt: 4, points: 3, fromS: -0.1, toS: 0.1 },
    };
    view.raise({ id: "a1", person: "person-a", rule: "anomaly.morphology", priority: "low", evidence });
    await open(phone);
    await waitForText(page, '[data-learning="learning"]', /Learning what is usual, 3 of 5 min \(chest\)/);
    expect(await page.locator('[data-learning="learning"] progress').getAttribute("value")).toBe("185");
    view.setLearning("person-a", [{ ...of, learntS: 300, finishedUs: of.sinceUs }]);
    await waitForText(page, '[data-learning="known"]', /Knows what is usual since/);
    await page.locator('[data-alert="a1"]').getByRole("button", { name: "This is normal for me" }).click();
    await page.getByLabel("Your name").fill("Person D");
    await page.locator('[data-alert="a1"]').getByRole("button", { name: "This is normal for me" }).click();
    await waitForText(page, '[data-alert="a1"]', /Noted as number 1/);
    const normals = [{ number: 1, atUs: of.sinceUs, by: "Person D" }];
    view.setLearning("person-a", [{ ...of, learntS: 300, finishedUs: of.sinceUs, normals }]);
    await page.locator('[data-learning="known"] summary').click();
    await waitForText(page, '[data-learning="known"]', /Called normal by Person D/);
    await page.locator('[data-learning="known"]').getByRole("button", { name: "Take it back" }).click();
    await expect
      .poll(() => view.setup.learnActs("person-a").map(({ by, act }) => [by, act.kind]))
      .toEqual([
        ["Person D", "normal"],
        ["Person D", "undo"],
      ]);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(phone.width);
  });

  test("says in large type that the connection is lost, shows no old number as current, and recovers", async () => {
    await open(phone);
    view.setQuality("person-a", "good");
    await waitForText(page, '[data-person="person-a"] .heart', /75/);
    const { port } = door;
    await door.close();
    await waitForText(page, ".banner-title", /No connection/);
    expect(
      Number.parseFloat(await page.evaluate<string>("getComputedStyle(document.querySelector('.banner-title')).fontSize")),
    ).toBeGreaterThanOrEqual(24);
    await waitForText(page, '[data-person="person-a"] .heart', /Not known now/);
    expect(await page.locator('[data-person="person-a"] .heart').textContent()).not.toContain("75");
    door = await startHttp({ ...doorOptions(), port });
    await isLive();
    await waitForText(page, '[data-person="person-a"] .heart', /75/);
    expect(await page.locator(".banner").count()).toBe(0);
  });

  test.each(["light", "dark"] as const)("every text stands out enough in %s", async (colorScheme) => {
    for (const priority of ["high", "medium", "low", "info"] as const)
      view.raise({ id: priority, priority, kind: "technical", rule: `rhythm.${priority}` });
    view.raise({
      id: "taken",
      priority: "high",
      rule: "rhythm.vf",
      acknowledgedBy: "Person D",
      acknowledgedAtUs: view.status().timeUs,
      state: "acknowledged",
    });
    await view.demoAct("kill-model-host");
    await open(desktop, { colorScheme });
    await isLive();
    await page.locator("[data-strip-samples]").first().waitFor();
    await page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
    expect(await page.evaluate("document.querySelectorAll('.alert').length")).toBe(5);
    expect(await page.evaluate(lowContrastScript)).toEqual([]);
    const [red] = (await page.evaluate<string>("getComputedStyle(document.body).backgroundColor")).match(/\d+/g) ?? [];
    expect(Number(red) < 60).toBe(colorScheme === "dark");
  });

  test("a number of a device stands with its source and age, without one it says so, and a sensor that cannot be read says why", async () => {
    const nowUs = view.status().timeUs;
    const number = { device: "wrist-band", stream: "oxi", timeUs: nowUs - 3e6, freshUs: nowUs + 600e6 };
    view.setVitals("person-b", [
      { ...number, code: "spo2", unit: "%", value: 97 },
      { ...number, code: "temp", unit: "Cel", without: "implausible" },
      { ...number, code: "resp", unit: "{breaths}/min", value: 14, freshUs: nowUs - 1e6 },
    ]);
    const text = "ecg: the descriptor (meta) cannot be used – channels[0].scale is missing";
    view.setFindings("chest-strap", [{ code: "driver.bad_meta", stream: "ecg", text }]);
    await open(phone);
    await isLive();
    await waitForText(page, '[data-vital="spo2"]', /Oxygen.*97 %.*Wrist band, \d+ s old/s);
    await waitForText(page, '[data-vital="temp"]', /No value: what the sensor sends cannot be/);
    await waitForText(page, '[data-vital="resp"]', /No current value/);
    await waitForText(page, '[data-device="chest-strap"] [data-finding]', /channels\[0\]\.scale is missing/);
    await page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(phone.width);
    expect(await page.evaluate(lowContrastScript)).toEqual([]);
  });

  test("shows what the twin knows beside it, from the twin's own answers", async () => {
    view.raise({ id: "a1" });
    await open(desktop);
    await page.locator('[data-twin-person="person-a"] [data-strip-samples]').waitFor();
    expect(Number(await page.locator('[data-twin-person="person-a"] [data-twin-alerts]').getAttribute("data-twin-alerts"))).toBe(1);
    expect(requests.some((url) => url.includes("/api/v1/twin/people/person-a/strip"))).toBe(true);
    await twin.close();
    await waitForText(page, '[data-twin-person="person-a"]', /does not answer/);
  });

  test("a strip stands under the name and time of its own alert, whatever alert is newer", async () => {
    const nowUs = view.status().timeUs;
    view.raise({ id: "vt", rule: "rhythm.vt", priority: "high", onsetUs: nowUs - 60e6 });
    view.raise({ id: "cable", rule: "device.cable", priority: "medium", kind: "technical", onsetUs: nowUs - 2e6 });
    await open(desktop);
    const twinOf = '[data-twin-person="person-a"]';
    await waitForText(page, `${twinOf} [data-twin-alerts]`, /^Sensor cable/);
    await page.locator(`${twinOf} [data-strip-alert="vt"]`).waitFor();
    await waitForText(page, `${twinOf} figcaption`, /^Fast rhythm from the lower chambers, \d\d:\d\d:\d\d:/);
    view.raise({ id: "vf", rule: "rhythm.vf", priority: "high", onsetUs: nowUs - 1e6, person: "person-a" });
    await page.locator(`${twinOf} [data-strip-alert="vf"]`).waitFor();
  });

  test("an alert's card shows the very channel that it was read from, one that is over only when it is asked for", async () => {
    view.raise({ id: "beats", about: { stream: "ecg" } });
    view.raise({ id: "motion", rule: "signal.quality", device: "motion-tag", about: { stream: "imu", channel: "y" } });
    view.raise({ id: "cable", rule: "device.cable", kind: "technical", device: "motion-tag", about: { stream: "none" } });
    view.raise({ id: "over", rule: "hr.high", state: "closed", endedUs: view.status().timeUs });
    await open(phone);
    await isLive();
    const strip = (id: string) => page.locator(`[data-alert="${id}"] [data-alert-strip]`);
    await strip("beats").waitFor();
    await strip("motion").waitFor();
    expect(await strip("beats").getAttribute("data-alert-strip")).toBe("chest-strap/ecg/ecg");
    expect(await strip("motion").getAttribute("data-alert-strip")).toBe("motion-tag/imu/y");
    expect(await page.locator('[data-alert="cable"] figure').count()).toBe(0);
    const asked = () => requests.filter((url) => url.endsWith("/alerts/over/strip")).length;
    expect(asked()).toBe(0);
    await page.locator(".earlier summary").first().click();
    await page.locator('[data-alert="over"] summary').first().click();
    await strip("over").waitFor();
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(phone.width);
  });

  test("the tab's title says that an alert is open, that it was taken, and when nothing is known; it names nobody", async () => {
    const title = () => page.evaluate<string>("document.title");
    await open(phone);
    await isLive();
    expect(await title()).toBe("Hearth");
    view.raise({ id: "a1" });
    await expect.poll(title).toBe("(1) Urgent alert – Hearth");
    view.raise({ id: "a2", rule: "hr.high", priority: "medium" });
    await expect.poll(title).toBe("(2) Urgent alert – Hearth");
    const taken = { acknowledgedBy: "Person D", acknowledgedAtUs: view.status().timeUs, state: "acknowledged" } as const;
    view.raise({ id: "a1", ...taken });
    await expect.poll(title).toBe("(2) Alerts – Hearth");
    view.raise({ id: "a2", rule: "hr.high", priority: "medium", ...taken });
    await expect.poll(title).toBe("(2) Alerts taken – Hearth");
    await door.close();
    await expect.poll(title, { timeout: 30_000 }).toBe("No connection – Hearth");
    door = await startHttp({ ...doorOptions(), port: door.port });
  });

  test("an alert that nobody has taken is heard after one press, in a later visit after any press, and no more once it is taken", async () => {
    // Counts tones in place of the browser's own; it begins asleep, as a browser's does before a press.
    const before = `window.tones = 0; window.AudioContext = class {
      state = "suspended"; currentTime = 0; destination = {};
      async resume() { this.state = "running"; }
      createOscillator() { return { frequency: {}, connect: (next) => next, start: () => { window.tones += 1; }, stop() {} }; }
      createGain() { return { gain: { setValueAtTime() {}, linearRampToValueAtTime() {} }, connect: (next) => next }; }
    };`;
    const tones = () => page.evaluate<number>("window.tones");
    const state = (is: string) => page.locator(`[data-sound="${is}"]`).waitFor();
    view.raise({ id: "a1" });
    await open(phone, { before });
    await isLive();
    await state("off");
    await page.locator('[data-alert="a1"]').waitFor();
    expect(await tones()).toBe(0);
    await page.locator("[data-sound]").click();
    await state("on");
    await expect.poll(tones, { timeout: 15_000 }).toBeGreaterThanOrEqual(8);
    await page.goto(`http://127.0.0.1:${door.port}/`);
    await state("blocked");
    expect(await tones()).toBe(0);
    await page.locator("h1").click();
    await state("on");
    await expect.poll(tones, { timeout: 15_000 }).toBeGreaterThanOrEqual(5);
    view.raise({ id: "a1", acknowledgedBy: "Person D", acknowledgedAtUs: view.status().timeUs, state: "acknowledged" });
    await waitForText(page, '[data-alert="a1"]', /Person D has it/);
    const heard = await tones();
    await new Promise((resolve) => setTimeout(resolve, 6000));
    expect(await tones()).toBe(heard);
  });

  test("an alert whose sensor is gone can be closed with a name and a reason, one whose sensor is there cannot", async () => {
    view.raise({ id: "here", rule: "hr.high", priority: "medium" });
    view.raise({ id: "gone", rule: "hr.high", priority: "medium", device: "old-strap" });
    await open(phone);
    await isLive();
    const close = page.locator('[data-alert="gone"]').getByRole("button", { name: "Close" });
    await close.waitFor();
    expect(await page.locator('[data-alert="here"]').getByRole("button", { name: "Close" }).count()).toBe(0);
    await close.click();
    await page.locator('[data-alert="gone"] [name="reason"]').fill("the strap was given back");
    await page.locator('[data-alert="gone"] [name="by"]').fill("Person D");
    await page.locator('[data-alert="gone"]').getByRole("button", { name: "Close the alert" }).click();
    await waitForText(page, ".earlier summary", /Earlier \(1\)/);
    expect(view.acts).toMatchObject([{ id: "gone", verb: "close", caller: { name: "Person D" }, reason: "the strap was given back" }]);
  });

  test("the demo's buttons do what they say and show that they are in effect", async () => {
    await open(phone);
    for (const id of ["unplug-strap", "cut-internet", "motion-noise", "kill-model-host"]) {
      await page.locator(`[data-action="${id}"] button`).click();
      await page.locator(`[data-action="${id}"][data-active="true"]`).waitFor();
    }
    await waitForText(page, "[data-uplink]", /down, 14 messages wait/);
    await waitForText(page, ".health", /analysis of the signal/);
    await waitForText(page, '[data-device="chest-strap"]', /No skin contact/);
    await page
      .locator('[data-action="play-my-file"] input')
      .setInputFiles(["rec.hea", "rec.dat"].map((name) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from("x") })));
    await page.locator('[data-action="play-my-file"] button[type=submit]').click();
    await page.locator('[data-action="play-my-file"][data-active="true"]').waitFor();
    expect(view.uploads).toEqual([
      {
        id: "play-my-file",
        files: [
          { name: "rec.hea", bytes: 1 },
          { name: "rec.dat", bytes: 1 },
        ],
      },
    ]);
  });

  test("tells what was watched, and says of the rest that it was not", async () => {
    await open(phone);
    const watched = page.locator('[data-person="person-a"] .watched');
    await watched.locator("summary").first().click();
    await waitForText(page, '[data-person="person-a"] .watched-list', /not watched/);
    await waitForText(page, '[data-person="person-a"] .watched-list', /watched \d+ s of \d+ s/);
  });

  test("an admin adds a person and a sensor, sees its password once, says who wears it, and confirms what quiets a high alert", async () => {
    await open(phone, { path: "/?token=tok-admin" });
    await isLive();
    await page.locator(".setup > summary").click();
    await page.locator(".setup > form input").first().fill("Person C");
    await page.locator(".setup > form button").first().click();
    await page.locator('[data-setup-person="person-c"]').waitFor();
    await page.locator('[data-add-device] input[name="title"]').fill("Green strap");
    await page.locator("[data-add-device] button").click();
    await waitForText(page, ".setup-account", /shown-once/);
    await page.locator('[data-setup-device="green-strap"]').waitFor();
    await page.evaluate(`(() => {
      const choice = document.querySelector('[data-setup-device="green-strap"] select');
      choice.value = "person-c";
      choice.dispatchEvent(new Event("change", { bubbles: true }));
    })()`);
    await page.locator('[data-setup-device="green-strap"] form button').first().click();
    await expect.poll(async () => (await view.wearings()).find(({ device }) => device === "green-strap")?.person).toBe("person-c");
    await page.locator('[data-setup-person="person-a"] details:last-child > summary').click();
    await page.locator('[data-setup-person="person-a"] input[name="asystoleS"]').fill("8");
    await page.locator('[data-setup-person="person-a"] .setup-limits button').click();
    await waitForText(page, '[data-setup-person="person-a"] .refused', /highest priority/);
    expect(view.setup.limits("person-a").limits.find(({ name }) => name === "asystoleS")?.own).toBeUndefined();
    await page.locator('[data-setup-person="person-a"] .setup-limits button').click();
    await expect.poll(() => view.setup.limits("person-a").limits.find(({ name }) => name === "asystoleS")?.own).toBe(8);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(phone.width);
    expect(complaints.filter((line) => !line.includes("409"))).toEqual([]);
  });

  test("nobody but an admin is shown the set-up", async () => {
    await open(phone);
    await isLive();
    await page.locator("#devices-heading").waitFor();
    expect(await page.locator(".setup").count()).toBe(0);
  });
});
