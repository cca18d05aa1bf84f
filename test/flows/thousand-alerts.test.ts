/** A thousand alerts in a row through real Node-RED, with the gateway restarted in the middle and the token revoked at the end: counts, never times. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Editor, signIn } from "./editor.ts";
import { type FlowsAtHome, openFlowsAtHome, type Program, whyNoNodeRed } from "./programs.ts";

const why = whyNoNodeRed();
if (why !== undefined) process.stderr.write(`flows: skipped, ${why}\n`);

let home: FlowsAtHome;
let flows: Program;
let editor: Editor;
let tokens: string[];
const patienceMs = { timeout: 60_000 };

const programs = 84;
const eachSays = 12;
const half = (programs / 2) * eachSays;
/** What Node-RED itself and its nodes need stands at some 110 MB; a message that is kept for each change would show beyond this. */
const mostGrowthKb = 96_000;

/** Every alert and every status of its node is a line of a file, as a flow that reports would write. */
const at = { z: "many", x: 100, y: 100 };
const line = (id: string, filename: string, wires: string[] = []) => ({
  ...{
    ...at,
    id,
    type: "file",
    filename,
    filenameType: "str",
    appendNewline: true,
    createDir: true,
    overwriteFile: "false",
    wires: [wires],
  },
});
const canvas = (folder: string) => [
  { id: "many", type: "tab", label: "Many" },
  { ...at, id: "m1", type: "hearth alerts", gateway: "hearth-home", rules: "flow.*", wires: [["m2"]] },
  {
    ...{ ...at, id: "m2", type: "change" },
    rules: [
      { t: "set", p: "payload", pt: "msg", to: '$string({"id": payload.id, "change": change, "state": payload.state})', tot: "jsonata" },
    ],
    wires: [["m3"]],
  },
  line("m3", join(folder, "told.ndjson")),
  { ...at, id: "m4", type: "status", scope: ["m1"], wires: [["m5"]] },
  { ...at, id: "m5", type: "change", rules: [{ t: "set", p: "payload", pt: "msg", to: "status.text", tot: "msg" }], wires: [["m6"]] },
  line("m6", join(folder, "statuses.txt")),
  { ...at, id: "m7", type: "http in", url: "/how-it-is", method: "get", wires: [["m8"]] },
  { ...at, id: "m8", type: "hearth status", gateway: "hearth-home", wires: [["m9"]] },
  { ...at, id: "m9", type: "http response", wires: [] },
];

beforeAll(async () => {
  if (why !== undefined) return;
  home = openFlowsAtHome();
  await home.startGateway();
  flows = home.startFlows("--port", "0");
  const [, address = ""] = await flows.says(/Node-RED runs: (\S+)/);
  const [, code = ""] = await flows.says(/password: (\S+)/);
  editor = (await signIn(address, code)).editor as Editor;
  await editor.deploy([...(await editor.flows()).filter(({ type }) => type === "hearth-gateway"), ...canvas(folder())]);
  tokens = [];
  for (let n = 0; n < programs; n++) {
    const body = JSON.stringify({ role: "integrator", persons: null, name: `Program ${n}` });
    tokens.push((await home.ask<{ token: string }>("tokens", { method: "POST", body })).token);
  }
}, 180_000);
afterAll(async () => {
  await home?.close();
});

const folder = () => join(home.home, "flows/node-red/many");
const linesOf = (name: string) => readFileSync(join(folder(), name), "utf8").trim().split("\n");
interface Told {
  readonly id: string;
  /** Null for what the line had hidden: only how it stands is known then. */
  readonly change: string | null;
  readonly state: string;
}
const told = () => linesOf("told.ndjson").map((text) => JSON.parse(text) as Told);
const ended = () => new Set(told().flatMap(({ id, state }) => (state === "resolved" ? [id] : [])));

const condition = async (program: number, rule: number, method: string, body: object) => {
  const path = `people/person-a/conditions/flow.p${program}-${rule}`;
  const answer = await home.ask<{ condition?: { alert: string } }>(path, { method, body: JSON.stringify(body), ...auth(program) });
  if (answer.condition === undefined) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return answer.condition.alert;
};
const auth = (program: number) => ({
  headers: { authorization: `Bearer ${tokens[program]}`, "content-type": "application/json" },
});
const begin = (program: number, rule: number) => condition(program, rule, "PUT", { title: `Number ${rule} of program ${program}` });
const end = (program: number, rule: number) => condition(program, rule, "DELETE", {});

/** Each program begins and ends its alerts one after the other, ten programs at a time. */
async function flood(from: number, to: number): Promise<string[]> {
  const ids: string[] = [];
  const one = async (program: number) => {
    for (let rule = 0; rule < eachSays; rule++) {
      ids.push(await begin(program, rule));
      await end(program, rule);
    }
  };
  let next = from;
  const lanes = Array.from({ length: 10 }, async () => {
    while (next < to) await one(next++);
  });
  await Promise.all(lanes);
  return ids;
}

/** Of the one Node-RED that the verb has started. */
function residentKb(): number {
  const [pid = ""] = readFileSync(`/proc/${flows.pid}/task/${flows.pid}/children`, "utf8").trim().split(" ");
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
const answers = async () => {
  const headers = { authorization: `Bearer ${home.carer}` };
  const page = (await (await fetch(`${editor.address}/how-it-is`, { headers })).json()) as { connected: boolean };
  return [page.connected, (await editor.ask("flows")).status];
};

describe.skipIf(why !== undefined)("a thousand alerts", () => {
  const raised: string[] = [];

  test("are told once each as they begin and once as they end, while editor and status answer and memory stays as it was", async () => {
    await expect.poll(answers, patienceMs).toEqual([true, 200]);
    const beforeKb = residentKb();
    const going = flood(0, programs / 2);
    expect(await answers()).toEqual([true, 200]);
    raised.push(...(await going));
    expect(new Set(raised).size).toBe(half);
    await expect.poll(() => ended().size, patienceMs).toBe(half);
    const changes = told().filter(({ change }) => change === "raised" || change === "ended");
    expect(changes).toHaveLength(2 * half);
    expect(new Set(changes.map(({ id, change }) => `${id} ${change}`))).toEqual(
      new Set(raised.flatMap((id) => [`${id} raised`, `${id} ended`])),
    );
    expect(residentKb() - beforeKb).toBeLessThan(mostGrowthKb);
  });

  test("lose none and repeat none when the gateway ends in the middle and comes again", async () => {
    const { http } = home.ports();
    // Told or not when it ends: nobody waits for it.
    const open = await Promise.all(Array.from({ length: eachSays }, (_, rule) => begin(programs / 2, rule)));
    await home.stopGateway();
    await home.startGateway({ HEARTH__PORTS__HTTP: String(http) });
    await Promise.all(open.map((_, rule) => end(programs / 2, rule)));
    raised.push(...open, ...(await flood(programs / 2 + 1, programs)));
    await expect.poll(() => ended().size, patienceMs).toBe(2 * half);
    expect(ended()).toEqual(new Set(raised));
    const lines = told();
    const twice = (change: string) => {
      const ids = lines.flatMap((each) => (each.change === change ? [each.id] : []));
      return ids.length - new Set(ids).size;
    };
    expect([twice("raised"), twice("ended")]).toEqual([0, 0]);
    // Those of the break were told as they began, or as they stood when the line came again; never both.
    const begun = open.map((id) =>
      lines.filter((each) => each.id === id && (each.change === "raised" || (each.change === null && each.state !== "resolved"))),
    );
    expect(begun.map(({ length }) => length)).toEqual(open.map(() => 1));
  });

  test("end at the node with the reason once its token is revoked, and the editor goes on", async () => {
    const { tokens: kept } = await home.ask<{ tokens: { id: string; name: string | null }[] }>("tokens");
    await home.ask(`tokens/${kept.find(({ name }) => name === "Node-RED")?.id}`, { method: "DELETE" });
    await expect.poll(() => linesOf("statuses.txt").at(-1), patienceMs).toMatch(/token/i);
    expect((await editor.ask("flows")).status).toBe(200);
  });
});
