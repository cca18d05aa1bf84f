/** Every example flow, run in real Node-RED beside a real gateway, with a real mosquitto as the home's broker and servers that take what is sent out. */

import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeSmtp, openFakeSmtp } from "../fakes/fake-smtp.ts";
import { type Mosquitto, openMosquitto, whyNoMosquitto } from "../support/mosquitto.ts";
import { type Editor, type Flow, signIn } from "./editor.ts";
import { type FlowsAtHome, openFlowsAtHome, root, whyNoNodeRed } from "./programs.ts";

const why = whyNoNodeRed() ?? whyNoMosquitto;
if (why !== undefined) process.stderr.write(`flows: skipped, ${why}\n`);

const folder = join(root, "flows/examples");
const names = readdirSync(folder);
const settings = (values: Record<string, string>) => Object.entries(values).map(([name, value]) => ({ name, value, type: "str" }));

interface Taken {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

let home: FlowsAtHome;
let broker: Mosquitto;
let house: MqttClient;
let editor: Editor;
let services: Server;
let mail: FakeSmtp;
let strap: MqttClient;
let beating: NodeJS.Timeout | undefined;
/** Some of the home's topics carry a bare word. */
const bodyOf = (text: string): unknown => (/^[[{]/.test(text) ? JSON.parse(text) : text);
const heard = new Map<string, unknown>();
const taken: Taken[] = [];
const patienceMs = { timeout: 60_000 };

/** All examples on one canvas, as somebody would have them who imported each; what a user would set is set here. */
function canvas(): Flow[] {
  const service = `http://127.0.0.1:${(services.address() as AddressInfo).port}`;
  const env: Record<string, Record<string, string>> = {
    "hearth-ntfy": { SERVER: service, TOPIC: "a-topic" },
    "hearth-telegram": { SERVER: service, BOT: "a-bot", CHAT: "7" },
    "hearth-matrix": { SERVER: service, ROOM: "!room:home", TOKEN: "a-token" },
    "hearth-webhook": { URL: `${service}/hook` },
  };
  const all = names.flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Flow[]);
  const gateway = { id: "hearth-home", type: "hearth-gateway", name: "Hearth at home", address: `\${HEARTH_ADDRESS}` };
  return [...all, gateway].map((node) => {
    if (node.type === "mqtt-broker") return { ...node, broker: "127.0.0.1", port: String(broker.port) };
    if (node.id === "hearth-carer") return { ...node, credentials: { token: home.carer } };
    if (node.id === "hearth-home") return { ...node, credentials: { token: `\${HEARTH_TOKEN}` } };
    if (node.type === "e-mail")
      return {
        ...node,
        server: "127.0.0.1",
        port: String(mail.port),
        secure: false,
        name: "carer@home.example",
        credentials: { userid: "hearth@home.example", password: "x" },
      };
    if (node.id === "hearth-bed-tab") return { ...node, env: settings({ PERSON: "person-a", MINUTES: "0" }) };
    if (node.id === "hearth-rest-tab") return { ...node, env: settings({ PERSON: "person-a", LIMIT: "40", MINUTES: "0.05" }) };
    const set = env[node.type.replace("subflow:", "")];
    if (set === undefined) return node;
    return { ...node, env: settings(set) };
  });
}

beforeAll(async () => {
  if (why !== undefined) return;
  home = openFlowsAtHome();
  broker = await openMosquitto();
  await broker.start();
  house = connect(broker.url);
  house.subscribe("#");
  house.on("message", (topic, payload) => void heard.set(topic, bodyOf(String(payload))));
  services = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    taken.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers, body: JSON.parse(text) });
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => services.listen(0, "127.0.0.1", resolve));
  mail = await openFakeSmtp();
  await home.startGateway();
  wearStrap();
  const flows = home.startFlows("--port", "0");
  const [, address = ""] = await flows.says(/Node-RED runs: (\S+)/);
  const [, code = ""] = await flows.says(/password: (\S+)/);
  editor = (await signIn(address, code)).editor as Editor;
  await editor.deploy(canvas());
}, 180_000);

afterAll(async () => {
  clearInterval(beating);
  for (const client of [house, strap]) client?.end(true);
  mail?.close();
  services?.close();
  await home?.close();
  await broker?.close();
});

/** A strap that lies still on a beating chest: the made-up heartbeat of Hearth Stream 1's page, and an accelerometer that feels only the earth. */
function wearStrap(): void {
  const heartbeat =
    /-m '(\{"rateHz":100,"unit":"mV".*\})'/.exec(readFileSync(join(root, "device-drivers/hearth-stream/README.md"), "utf8"))?.[1] ?? "";
  const { user, password } = home.device;
  strap = connect(`mqtt://127.0.0.1:${home.ports().mqtt}`, { clientId: user, username: user, password });
  const topic = `hearth/v1/home/${user}`;
  beating = setInterval(() => {
    strap.publish(`${topic}/ecg/raw`, heartbeat);
    strap.publish(`${topic}/acc/raw`, JSON.stringify({ rateHz: 20, unit: "m/s2", x: new Array(20).fill(9.81) }));
  }, 1000);
}

const say = (rule: string, priority: string, title: string) =>
  home.ask(`people/person-a/conditions/${rule}`, { method: "PUT", body: JSON.stringify({ title, priority, by: "A test" }) });
const endIt = (rule: string) => home.ask(`people/person-a/conditions/${rule}`, { method: "DELETE", body: "{}" });
const alerts = async () => (await home.ask<{ alerts: Alert[] }>("alerts?open=true")).alerts;
interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly state: string;
  readonly acknowledged_by: string | null;
  readonly value: number | null;
}
const alertOf = async (rule: string) => (await alerts()).find((alert) => alert.rule === rule);
const page = async (path: string, init: RequestInit = {}) =>
  fetch(`${editor.address}/${path}`, { ...init, headers: { authorization: `Bearer ${home.carer}` } }).then((answer) => answer.text());

describe.skipIf(why !== undefined)("an example", () => {
  test("01: the lamp's page is red while an alert waits", async () => {
    await expect.poll(() => page("lamp"), patienceMs).toMatch(/fill="#ccc"/);
    await say("flow.stove", "medium", "The stove is on");
    await expect.poll(() => page("lamp"), patienceMs).toMatch(/fill="#c00"[\s\S]*The stove is on/);
  });

  test("02: the lamp of the house is on until the button by the bed acknowledges, in the person's name, and a medium alert sounds no siren", async () => {
    await expect.poll(() => heard.get("zigbee2mqtt/lamp/set"), patienceMs).toMatchObject({ state: "ON", color: { hex: "#FF0000" } });
    expect(heard.get("zigbee2mqtt/siren/set")).toEqual({ warning: { mode: "stop" } });
    house.publish("zigbee2mqtt/bedside-button", JSON.stringify({ action: "single" }));
    await expect.poll(async () => (await alertOf("flow.stove"))?.state, patienceMs).toBe("acknowledged");
    expect((await alertOf("flow.stove"))?.acknowledged_by).not.toBeNull();
    await expect.poll(() => heard.get("zigbee2mqtt/lamp/set"), patienceMs).toEqual({ state: "OFF" });
    await expect.poll(() => page("lamp"), patienceMs).toMatch(/fill="#ccc"/);
  });

  test("04: ntfy, Telegram, Matrix and a webhook get the alert once, each in its own form, with the page to answer on", async () => {
    await expect.poll(() => taken.length, patienceMs).toBeGreaterThanOrEqual(4);
    const link = "http://hearth.local:8099";
    const to = (path: string) => taken.filter((each) => each.path === path);
    expect(to("/").length).toBe(new Set(to("/").map(({ body }) => body.title)).size);
    expect(to("/").slice(0, 1)).toMatchObject([{ method: "POST", body: { topic: "a-topic", priority: 4, click: link } }]);
    expect(to("/bota-bot/sendMessage").slice(0, 1)).toMatchObject([{ method: "POST", body: { chat_id: "7" } }]);
    expect(to("/hook").slice(0, 1)).toMatchObject([{ method: "POST", body: { rule: "flow.stove", link } }]);
    const [shown] = taken.filter(({ path }) => path.startsWith("/_matrix/client/v3/rooms/!room%3Ahome/send/m.room.message/"));
    expect(shown).toMatchObject({ method: "PUT", headers: { authorization: "Bearer a-token" }, body: { msgtype: "m.text" } });
    await endIt("flow.stove");
  });

  test("05: the button calls for help and takes it back, an empty bed is an alert until somebody lies in it, and who is worn is told", async () => {
    const help = async () => (await home.ask<{ help: { state: string } }>("people/person-a/help")).help.state;
    house.publish("zigbee2mqtt/help-button", JSON.stringify({ action: "single" }));
    await expect.poll(help, patienceMs).toBe("counting");
    house.publish("zigbee2mqtt/help-button", JSON.stringify({ action: "hold" }));
    await expect.poll(help, patienceMs).toBe("none");
    await expect.poll(() => heard.get("hearth/presence/person-a"), patienceMs).toMatchObject({ worn: true, presence: "home" });
    house.publish("home/presence", "not_home");
    await expect.poll(() => heard.get("hearth/presence/person-a"), patienceMs).toMatchObject({ presence: "away" });
    house.publish("home/presence", "home");
    await expect.poll(() => heard.get("hearth/presence/person-a"), patienceMs).toMatchObject({ presence: "home" });
    const bed = (occupancy: boolean) => house.publish("zigbee2mqtt/bed", JSON.stringify({ occupancy }));
    const raised = async () => {
      bed(false);
      return (await alertOf("flow.bed-empty")) !== undefined;
    };
    await expect.poll(raised, patienceMs).toBe(true);
    bed(true);
    await expect.poll(async () => await alertOf("flow.bed-empty"), patienceMs).toBeUndefined();
  });

  test("06: the page asks for what is known, and says nothing of what is not", async () => {
    expect(await page("vitals")).toContain("<h1>Vital signs</h1>");
    expect(JSON.parse(await page("vitals/now"))).toBeInstanceOf(Array);
  });

  test("07: the report lists the day's alerts as CSV and as a page, with what was watched", async () => {
    await editor.ask("inject/hearth-report-at", { method: "POST" });
    const reports = join(home.home, "flows/node-red/reports");
    const read = (ending: string) => {
      try {
        const name = readdirSync(reports).find((each) => each.endsWith(ending));
        return name === undefined ? "" : readFileSync(join(reports, name), "utf8");
      } catch {
        return "";
      }
    };
    await expect.poll(() => read(".html"), patienceMs).toContain("</html>");
    await expect.poll(() => read(".csv"), patienceMs).toMatch(/"flow\.stove"/);
    expect(read(".csv").split("\r\n")[0]).toBe(
      '"raised_at","person","priority","rule","title","state","acknowledged_by","acknowledged_at"',
    );
    expect(read(".html")).toMatch(/<li>.*watched/);
  });

  test("08: a heart over the limit at rest is an alert with its value, and ends when the body moves", async () => {
    await expect.poll(async () => (await alertOf("flow.fast-at-rest"))?.value, patienceMs).toBeGreaterThan(40);
    const shaken = setInterval(
      () =>
        strap.publish(
          `hearth/v1/home/${home.device.user}/acc/raw`,
          JSON.stringify({ rateHz: 20, unit: "m/s2", x: new Array(20).fill(0).map((_, i) => 9.81 + (i % 2)) }),
        ),
      500,
    );
    try {
      await expect.poll(async () => await alertOf("flow.fast-at-rest"), patienceMs).toBeUndefined();
    } finally {
      clearInterval(shaken);
    }
  });

  test("03: the mail has the words, the page to answer on, and the strip as a picture", async () => {
    await expect.poll(() => mail.mails.join("\n"), patienceMs).toContain("image/png");
    const withPicture = mail.mails.find((text) => text.includes("image/png")) ?? "";
    expect(withPicture).toMatch(/^To: carer@home\.example$/m);
    const [, encoded = ""] = /Content-Disposition: attachment[\s\S]*?\r\n\r\n([\w+/=\r\n]+)/.exec(withPicture) ?? [];
    expect(Buffer.from(encoded, "base64").subarray(1, 4).toString()).toBe("PNG");
    expect(withPicture.replaceAll("=\r\n", "")).toContain("http://hearth.local:8099");
  });
});
