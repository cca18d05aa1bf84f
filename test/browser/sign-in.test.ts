import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../device-drivers/contract/clock.ts";
import { type Access, openAccess } from "../../gateway/access/access.ts";
import { invitationLines } from "../../gateway/access/invite.ts";
import { type HttpDoor, startHttp } from "../../gateway/api/http.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { createPages } from "../../gateway/web/bundle.ts";
import { createFakeView } from "../fakes/fake-view.ts";
import { launchBrowser, type Page, waitFor, waitForText } from "./browser.ts";

const browser = await launchBrowser();
const pages = createPages();
const phone = { width: 360, height: 780 };

let aheadUs: number;
let access: Access;
let door: HttpDoor;
let opened: Page[];
let requests: string[];

beforeEach(async () => {
  if (browser === undefined) return;
  aheadUs = 0;
  opened = [];
  requests = [];
  const system = systemClock();
  const clock: Clock = { ...system, monotonicUs: () => system.monotonicUs() + aheadUs };
  access = openAccess({ clock });
  door = await startHttp({
    ...{ view: createFakeView(clock), access, pages, host: "127.0.0.1", port: 0 },
    addresses: () => [`http://127.0.0.1:${door.port}`],
    log: createLog({ level: "silent" }),
    alertText: () => ({ title: "title", body: "body" }),
  });
});

afterEach(async () => {
  if (browser === undefined) return;
  for (const page of opened) await page.close();
  await door.close();
  access.close();
});

afterAll(() => browser?.close());

/** A browser of its own: nothing that another page keeps is in it. */
async function newPage(path: string): Promise<Page> {
  const page = await browser!.newPage({ viewport: phone });
  opened.push(page);
  page.on("request", (request) => void requests.push(request.url()));
  await page.goto(`http://127.0.0.1:${door.port}${path}`);
  return page;
}
const isLive = (page: Page) => page.locator('[data-connection="live"]').waitFor();
const code = () => access.createCode({ role: "admin" }, "test").code;
const type = async (page: Page, text: string) => {
  await page.locator("input[name=token]").fill(text);
  await page.getByRole("button", { name: "Open" }).click();
};

describe.skipIf(browser === undefined)("signing in", () => {
  test("the printed address opens the page, leaves the address bar at once and no request, and the browser stays signed in", async () => {
    const [line = ""] = invitationLines(access, { port: door.port, addresses: [], here: { role: "admin" }, phone: undefined });
    const path = /#code=[\w-]+/.exec(line)?.[0] ?? "";
    const page = await newPage(`/${path}`);
    await isLive(page);
    expect(page.url()).toBe(`http://127.0.0.1:${door.port}/`);
    expect(requests.filter((url) => url.includes(path.slice(6)))).toEqual([]);
    await page.goto(`http://127.0.0.1:${door.port}/`);
    await isLive(page);
    expect(access.list()).toHaveLength(1);
  });

  test("a used code, a wrong one and one that is too old are answered in words, and a typed one opens", async () => {
    const used = code();
    await isLive(await newPage(`/#code=${used}`));
    const page = await newPage(`/#code=${used}`);
    await waitForText(page, "[role=alert]", /wrong, was used already, or is older than 10 minutes/);
    expect(page.url()).toBe(`http://127.0.0.1:${door.port}/`);
    const old = code();
    aheadUs = 600e6;
    await type(page, old);
    await waitForText(page, "[role=alert]", /older than 10 minutes/);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(phone.width);
    await type(page, ` ${code().toLowerCase().replaceAll("-", " ")}`);
    await isLive(page);
  });

  test("a code that comes too late leaves a browser that is signed in as it is", async () => {
    const used = code();
    const page = await newPage(`/#code=${used}`);
    await isLive(page);
    await page.goto("about:blank");
    await page.goto(`http://127.0.0.1:${door.port}/#code=${used}`);
    await isLive(page);
  });

  test("an admin signs a phone in: its code opens the page for one person alone, and ending it signs the phone out at once", async () => {
    const admin = await newPage(`/#code=${code()}`);
    await isLive(admin);
    await admin.getByRole("button", { name: "Show a code" }).click();
    await admin.locator("[data-code] svg").waitFor();
    const shown = (await admin.locator(".code").textContent()) ?? "";
    const other = await newPage(`/#code=${shown}`);
    await other.locator('[data-person="person-a"]').waitFor();
    await waitFor(other, `document.querySelector('[data-device="chest-strap"]') !== null`);
    expect(await other.evaluate<string>("document.body.innerText")).not.toMatch(/Person B|Wrist band/);
    expect(await admin.evaluate<string>("document.body.innerText")).toMatch(/Person B/);
    const { id } = access.list().find(({ role }) => role === "caregiver")!;
    await admin.locator(".access summary").click();
    const end = admin.locator(`[data-grant="${id}"] button`);
    await end.click();
    await end.click();
    await waitForText(other, "[role=alert]", /signed out/);
    expect(await other.evaluate<string>("document.body.innerText")).not.toMatch(/Person A/);
  });

  test("signing out ends the session at the gateway, and the next one in this browser sees nothing of it", async () => {
    const page = await newPage(`/#code=${code()}`);
    await isLive(page);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator("input[name=token]").waitFor();
    await expect.poll(() => access.list().length).toBe(0);
    expect(await page.evaluate<string>("JSON.stringify([Object.values(localStorage), Object.values(sessionStorage)])")).toBe("[[],[]]");
  });
});
