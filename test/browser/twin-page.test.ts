/** The twin's own page in a real browser, against a real twin that real frames have reached. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { AlertRecord, OutboxItem, PersonEvent } from "../../device-drivers/contract/event.ts";
import { createAlertCore } from "../../gateway/alert/core.ts";
import type { ConditionBegin } from "../../gateway/rules/rule.ts";
import { alertItem, createPacker, heartbeatItem, stripItem } from "../../gateway/semantic/policy.ts";
import { createActPart } from "../../gateway/sync/act-part.ts";
import { createMemoryOutbox } from "../../gateway/sync/memory-outbox.ts";
import { createHarness, type Harness, until } from "../support/twin-harness.ts";
import { launchBrowser, type Page, waitForText } from "./browser.ts";
import { lowContrastScript } from "./contrast.ts";

const browser = await launchBrowser();
const phone = { width: 360, height: 780 };
const desktop = { width: 1200, height: 900 };

let home: Harness;
let page: Page;
let complaints: string[];
let requests: string[];

beforeEach(async () => {
  if (browser !== undefined) home = await createHarness();
});
afterEach(async () => {
  if (browser === undefined) return;
  await page.close();
  await home.close();
});
afterAll(() => browser?.close());

const nowUs = () => home.clock.wallUs();
const source = { device: "strap-a", stream: "ecg" } as const;

/** Beats and rates of person-a for so many minutes until now, without the two before the last, and the gateway's word that all is well. */
function rowsOf(minutes: number): OutboxItem[] {
  const packer = createPacker({ person: "person-a", flushS: 60 });
  const from = nowUs() - minutes * 60e6;
  const events: PersonEvent[] = [{ kind: "rhythm", ...source, timeUs: from, label: "(N" }];
  for (let s = 0; s < minutes * 60; s += minutes > 5 ? 10 : 1) {
    const timeUs = from + s * 1e6;
    const minute = Math.floor(s / 60);
    if (minute === minutes - 2 || minute === minutes - 3) continue;
    events.push({ kind: "beat", ...source, timeUs, label: s % 10 === 9 ? "V" : "N", confidence: 1 });
    events.push({ kind: "vital", code: "hr", timeUs: timeUs + 1000, value: 71.6, unit: "/min" });
    if (s % 60 === 0) events.push({ kind: "watched", rule: "rhythm.vt", fromUs: timeUs, toUs: timeUs + 60e6 });
  }
  const heartbeat = heartbeatItem({
    ...{ timeUs: nowUs(), uptimeS: 3600, version: "0.1.0", outboxDepth: 0 },
    people: [{ id: "person-a", name: "Person A" }],
    devices: [{ id: "strap-a", person: "person-a", state: "online", lastSampleUs: nowUs() }],
  });
  return [...events.flatMap((event) => packer.push(event)), ...packer.flush(), heartbeat];
}

/** Home-a with its own alert core: a fast rhythm that has just begun, its strip, and what people do with it from afar. */
async function openHome({ minutes = 1, isRaised = false, knows = true } = {}) {
  const outbox = createMemoryOutbox("00112233445566aa");
  const core = createAlertCore({ newId: () => "a1", mode: "real" });
  const commit = (alerts: readonly AlertRecord[]) => outbox.add(...alerts.map((alert) => alertItem(alert)));
  outbox.add(...rowsOf(minutes));
  if (isRaised) {
    const onsetUs = nowUs() - 20e6;
    const begin = {
      ...{ kind: "begin", rule: "rhythm.vt", priority: "high", alertKind: "physiological", quality: "good", onsetUs, timeUs: onsetUs },
      ...{ device: "strap-a", about: source, value: 182, unit: "/min", limit: 100 },
    } as unknown as ConditionBegin;
    commit(core.decide("person-a", begin, nowUs()).map(({ alert }) => alert));
    const startUs = onsetUs - 10e6;
    const samples = Int32Array.from({ length: 250 * 20 }, (_, i) => Math.round(100 * Math.sin(i / 10)));
    const what = { person: "person-a", alertIds: ["a1"], ...source, channel: "ecg1", unit: "mV", lead: "II" };
    outbox.add(stripItem({ kind: "strip", ...what, scale: 0.01, offset: 0, rateHz: 250, startUs, samples }));
  }
  const part = createActPart({
    ...{ gateway: "home-a", twinPublicKey: home.gateway.twinPublicKey, nowUs, log: { warn: () => undefined } },
    async act(id, verb, actor, options) {
      if (!knows) throw new GatewayError("alert.unknown", "operator", "There is no such alert.");
      const outcome = core.act(id, verb, actor, options, nowUs());
      commit(outcome.changes.map(({ alert }) => alert));
      return outcome;
    },
    store: {
      alert: async (id) => core.held().find((alert) => alert.id === id),
      getValue: async () => undefined,
      async commit({ outbox: rows = [] }) {
        outbox.add(...rows);
      },
    },
  });
  const uplink = home.openUplink(outbox, { onAct: (bytes) => void part.receive(bytes).then(() => uplink.wake()) });
  await until(home.clock, () => outbox.rows().length === 0, "the outbox is empty");
  return uplink;
}
async function open(viewport: { width: number; height: number }, path = "/?token=admin-a"): Promise<void> {
  page = await browser!.newPage({ viewport });
  [requests, complaints] = [[], []];
  page.on("request", (request) => void requests.push(request.url()));
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  page.on("pageerror", (error) => void complaints.push(error.message));
  await page.goto(`http://127.0.0.1:${home.twin.ports.http}${path}`);
}

const isLive = () => page.locator('[data-connection="live"]').waitFor();

/** Time goes on at home and at the twin until the page says it. */
const says = (selector: string, pattern: RegExp) => {
  const script = `[...document.querySelectorAll(${JSON.stringify(selector)})].some((e) => ${pattern}.test(e.innerText))`;
  const isSaid = () => {
    home.clock.advance(50);
    return page.evaluate<boolean>(script);
  };
  return expect.poll(isSaid, { timeout: 60_000, interval: 10 }).toBe(true);
};

describe.skipIf(browser === undefined)("the twin's page", () => {
  test.each([
    ["a phone", phone],
    ["a desktop", desktop],
  ])("shows on %s what a home has sent, fits, is readable, asks nobody outside, and complains about nothing", async (_name, viewport) => {
    await openHome({ minutes: 30, isRaised: true });
    await open(viewport);
    await isLive();
    await waitForText(page, '[data-person="person-a"]', /Person A[\s\S]*72\s+beats\/min[\s\S]*old/);
    expect(page.url()).toBe(`http://127.0.0.1:${home.twin.ports.http}/`);
    // A home that is half an hour old is shown by the hour; what was not told is a hole.
    await waitForText(page, ".day", /Heart rate 72 … 72 beats\/min, in \d\d minutes/);
    expect(await page.evaluate<number>("document.querySelectorAll('.day-mean').length")).toBe(2);
    expect(await page.evaluate("document.querySelector('.day-spans [aria-pressed=true]').innerText")).toBe("1 h");
    await waitForText(page, ".day", /The rhythm was the usual one wherever there is a heart rate/);
    await waitForText(page, ".day", /\d\d:\d\d: Fast rhythm from the lower chambers \(High – act now\)/);
    await waitForText(page, ".watched", /1 of 1 rules watched in the last 1 h/);
    await page.locator('[data-alert="a1"] details summary').first().click();
    await waitForText(page, '[data-strip="ecg1"]', /10\.0 s not here, 20\.0 s as it was measured/);
    expect(await page.evaluate<number>("document.querySelectorAll('.strip-missing').length")).toBeGreaterThan(0);
    await waitForText(page, '[data-gateway="home-a"]', /Connected\s+last word \d+ s ago\s+Hearth 0\.1\.0/);
    await page.locator('[data-gateway="home-a"] details summary').first().click();
    await waitForText(page, '[data-device="strap-a"]', /strap-a: Online, newest sample \d+ s ago/);
    await waitForText(page, "section", /Incidents of many gateways\s+None/);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(viewport.width);
    expect(await page.evaluate(lowContrastScript)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await page.evaluate(lowContrastScript)).toEqual([]);
    const nameless =
      "[...document.querySelectorAll('button, a, input, select, summary, svg[role=img], section')].filter((e) => !(e.textContent || e.ariaLabel || e.getAttribute('aria-labelledby') || e.labels?.length)).map((e) => e.outerHTML.slice(0, 90))";
    expect(await page.evaluate(nameless)).toEqual([]);
    const own = `http://127.0.0.1:${home.twin.ports.http}/`;
    expect(requests.slice(1).filter((url) => !url.startsWith(own) || url.includes("admin-a"))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("with keys alone an alert is acknowledged: the name is asked for, the home is asked, and its word is shown", async () => {
    await openHome({ isRaised: true });
    await open(phone);
    await page.locator('[data-alert="a1"] .button-main').waitFor();
    await page.evaluate(`document.querySelector('[data-alert="a1"] .button-main').focus()`);
    await page.keyboard.press("Enter");
    await page.getByLabel("Your name").fill("Carer B");
    await page.keyboard.press("Enter");
    await waitForText(page, '[data-act="asked"]', /The home is asked/);
    await says("[data-answer]", /Person A: Fast rhythm from the lower chambers. The home has taken it/);
    await says('[data-alert="a1"]', /Carer B has it/);
    expect(await page.evaluate("document.activeElement !== document.body")).toBe(true);
    expect(complaints).toEqual([]);
  });

  test("a home that does not answer is said to be asked again, and its late word and a refusal are told as they are", async () => {
    const uplink = await openHome({ isRaised: true, knows: false });
    home.line.mode = "cut";
    await open(phone, "/?token=patient-a");
    await page.locator('[data-alert="a1"] .button-main').click();
    await page.getByLabel("Your name").fill("Person A");
    await page.getByRole("button", { name: "Acknowledge with this name" }).click();
    await says('[data-act="waiting"]', /has not answered yet. It is asked again for ten minutes/);
    home.line.mode = "open";
    await until(home.clock, () => uplink.state().connected, "the line is back");
    await says("[data-answer]", /The home has no such alert any more/);
    expect(await page.evaluate("document.querySelector('[data-alert=a1]').dataset.state")).not.toBe("acknowledged");
    expect(await page.evaluate<string>("document.body.innerText")).not.toMatch(/Incidents/);
  });

  test("a token of two homes shows the one that is chosen, and a gateway that has fallen silent is said so, with a rate that is none of now", async () => {
    await openHome();
    home.line.mode = "cut";
    const isSilent = async () => {
      home.clock.advance(120_000);
      const [gateway] = (await home.ask("/api/v1/gateways")).body.gateways as { silent: object | null }[];
      return gateway?.silent != null;
    };
    await expect.poll(isSilent, { timeout: 60_000, interval: 20 }).toBe(true);
    await open(phone, "/?token=admin-both");
    await waitForText(page, '[data-person="person-a"] .heart', /No current value\s+last known 72 beats\/min, \d\d min ago/);
    await waitForText(page, '[data-gateway="home-a"]', /Silent for \d\d min: we do not know how anybody is there/);
    await page.locator(".home-choice select").selectOption("home-b");
    await waitForText(page, ".people", /has sent nothing of anybody yet/);
    expect(await page.evaluate<number>("document.querySelectorAll('[data-person]').length")).toBe(0);
    await page.locator('[data-gateway="home-a"]').getByRole("button", { name: "Show its people" }).click();
    await waitForText(page, "[data-person]", /Person A/);
    expect(page.url()).toMatch(/\?home=home-a$/);
  });

  test("asks for a token, refuses a wrong one in words, and opens with the right one; signing out leaves nothing in the browser", async () => {
    await openHome();
    await open(phone, "/");
    const type = async (text: string) => {
      await page.getByLabel("Token").fill(text);
      await page.getByRole("button", { name: "Open" }).click();
    };
    await type("wrong");
    await waitForText(page, "[role=alert]", /does not know this token/);
    await type("patient-a");
    await waitForText(page, "[data-person]", /Person A/);
    await waitForText(page, ".alerts", /No open alerts. Look at what was watched/);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Token").waitFor();
    expect(await page.evaluate<string>("document.body.innerText")).not.toMatch(/Person A/);
    expect(await page.evaluate<string>("JSON.stringify([Object.values(localStorage), Object.values(sessionStorage)])")).toBe("[[],[]]");
    await type("admin-b");
    await waitForText(page, ".people", /has sent nothing of anybody yet/);
    expect(await page.evaluate<string>("document.body.innerText")).not.toMatch(/Person A|home-a/);
    await home.stopTwin();
    await waitForText(page, "[role=alert]", /No connection to the twin/);
    await waitForText(page, ".alerts", /not known without a connection/);
    await home.startTwin();
  });
});
