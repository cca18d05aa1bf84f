/** The twin's own page in a real browser, against a real twin that real frames have reached. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPacker, heartbeatItem } from "../../gateway/semantic/policy.ts";
import { createMemoryOutbox } from "../../gateway/sync/memory-outbox.ts";
import { createHarness, type Harness, until } from "../support/twin-harness.ts";
import { launchBrowser, type Page, waitForText } from "./browser.ts";
import { lowContrastScript } from "./contrast.ts";

const browser = await launchBrowser();
const phone = { width: 360, height: 780 };
const desktop = { width: 1200, height: 900 };

let home: Harness;
let page: Page;
let requests: string[];
let complaints: string[];

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

/** A minute of beats and rates of person-a until now, and the gateway's word that all is well. */
async function sendMinute(): Promise<void> {
  const outbox = createMemoryOutbox("00112233445566aa");
  const packer = createPacker({ person: "person-a", flushS: 60 });
  const from = nowUs() - 60e6;
  const at = (s: number) => from + s * 1e6;
  const events = Array.from({ length: 60 }, (_, s) => [
    { kind: "beat", device: "strap-a", stream: "ecg", timeUs: at(s), label: s % 10 === 9 ? "V" : "N", confidence: 1 } as const,
    { kind: "vital", code: "hr", timeUs: at(s) + 1000, value: 71.6, unit: "/min" } as const,
  ]).flat();
  outbox.add(...events.flatMap((event) => packer.push(event)), ...packer.flush());
  outbox.add(
    heartbeatItem({
      ...{ timeUs: nowUs(), uptimeS: 3600, version: "0.1.0", outboxDepth: 0 },
      people: [{ id: "person-a", name: "Person A" }],
      devices: [{ id: "strap-a", person: "person-a", state: "online", lastSampleUs: nowUs() }],
    }),
  );
  home.openUplink(outbox);
  await until(home.clock, () => outbox.rows().length === 0, "the outbox is empty");
}

async function open(viewport: { width: number; height: number }, path = "/?token=admin-a"): Promise<void> {
  page = await browser!.newPage({ viewport });
  requests = [];
  complaints = [];
  page.on("request", (request) => void requests.push(request.url()));
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  page.on("pageerror", (error) => void complaints.push(error.message));
  await page.goto(`http://127.0.0.1:${home.twin.ports.http}${path}`);
}

const isLive = () => page.locator('[data-connection="live"]').waitFor();

describe.skipIf(browser === undefined)("the twin's page", () => {
  test.each([
    ["a phone", phone],
    ["a desktop", desktop],
  ])("shows on %s who has sent what, fits, is readable, asks nobody outside, and complains about nothing", async (_name, viewport) => {
    await sendMinute();
    await open(viewport);
    await isLive();
    await waitForText(page, '[data-person="person-a"]', /Person A[\s\S]*72\s+beats\/min[\s\S]*old/);
    expect(page.url()).toBe(`http://127.0.0.1:${home.twin.ports.http}/`);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(viewport.width);
    expect(await page.evaluate(lowContrastScript)).toEqual([]);
    expect(
      requests.slice(1).filter((url) => !url.startsWith(`http://127.0.0.1:${home.twin.ports.http}/`) || url.includes("admin-a")),
    ).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("asks for a token, refuses a wrong one in words, and opens with the right one; signing out leaves nothing in the browser", async () => {
    await sendMinute();
    await open(phone, "/");
    const type = async (text: string) => {
      await page.getByLabel("Token").fill(text);
      await page.getByRole("button", { name: "Open" }).click();
    };
    await type("wrong");
    await waitForText(page, "[role=alert]", /does not know this token/);
    await type("patient-a");
    await waitForText(page, "[data-person]", /Person A/);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Token").waitFor();
    expect(await page.evaluate<string>("document.body.innerText")).not.toMatch(/Person A/);
    expect(await page.evaluate<string>("JSON.stringify([Object.values(localStorage), Object.values(sessionStorage)])")).toBe("[[],[]]");
  });

  test("another home's token sees nothing of this one, and what has not come is said", async () => {
    await sendMinute();
    await open(phone, "/?token=admin-b");
    await waitForText(page, ".people", /has sent nothing of anybody yet/);
    expect(await page.evaluate<string>("document.body.innerText")).not.toMatch(/Person A|home-a/);
  });

  test("a rate that says nothing of now is no number of now", async () => {
    await sendMinute();
    home.clock.advance(1_200_000);
    await open(phone);
    await waitForText(page, '[data-person="person-a"] .heart', /No current value\s+last known 72 beats\/min, 20 min ago/);
  });
});
