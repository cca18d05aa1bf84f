/** `npm run flows` as an integrator meets it: one story of one home, each step goes on where the last one ended. */

import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Editor, signIn } from "./editor.ts";
import { type FlowsAtHome, openFlowsAtHome, type Program, whyNoNodeRed } from "./programs.ts";

const why = whyNoNodeRed();
if (why !== undefined) process.stderr.write(`flows: skipped, ${why}\n`);

let home: FlowsAtHome;
let flows: Program;
let busy: Server | undefined;
let address: string;
let editor: Editor;

beforeAll(() => {
  if (why === undefined) home = openFlowsAtHome();
});
afterAll(async () => {
  busy?.close();
  await home?.close();
});

const codePattern = /([A-Z2-9]{4}-){2}[A-Z2-9]{4}/;
const runsAt = async (program: Program) => (await program.says(/Node-RED runs: (\S+)/))[1] ?? "";
const enter = async (program: Program) => {
  await program.says(/Ctrl-C ends it\./);
  const { editor: opened } = await signIn(address, codePattern.exec(program.printed())?.[0] ?? "");
  if (opened === undefined) throw new Error("the printed code does not open the editor");
  return opened;
};
const tokens = async () => (await home.ask<{ tokens: { id: string; role: string; name: string | null }[] }>("tokens")).tokens;

describe.skipIf(why !== undefined)("hearth flows", () => {
  test("waits for the gateway in clear words, and goes on by itself once there is one", async () => {
    flows = home.startFlows("--port", "0");
    await flows.says(/Waiting for the gateway of .*start it with 'npm start' in another window/);
    await home.startGateway();
    address = await runsAt(flows);
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await tokens()).filter(({ name }) => name === "Node-RED")).toMatchObject([{ role: "integrator" }]);
  });

  test("is closed: no page without an account, none under a foreign name, none for a carer", async () => {
    const status = async (path: string, headers: Record<string, string> = {}) => (await fetch(`${address}${path}`, { headers })).status;
    expect(await Promise.all(["/flows", "/nodes", "/settings/user", "/lamp", "/nothing"].map((path) => status(path)))).toEqual(
      new Array(5).fill(401),
    );
    expect((await signIn(address, home.carer)).status).toBe(403);
    expect((await signIn(address, "a-wrong-password-of-some-length")).status).toBe(403);
    const password = Buffer.from(`me:${home.carer}`).toString("base64");
    expect(await status("/lamp", { authorization: `Basic ${password}` })).toBe(200);
  });

  test("lets in who has the printed code, with every node of the palette and a first flow that is joined to the gateway", async () => {
    editor = await enter(flows);
    const { body } = await editor.ask("nodes");
    const sets = body as { id: string; types: string[]; err?: string }[];
    expect(sets.find(({ id }) => id === "@hearth/node-red-hearth/hearth")?.types).toContain("hearth alerts");
    expect(sets.filter(({ err }) => err !== undefined)).toEqual([]);
    expect(sets.flatMap(({ types }) => types)).not.toContain("exec");
    const canvas = await editor.flows();
    expect(canvas.find(({ type }) => type === "tab")).toMatchObject({ label: "A red lamp" });
    const test = await editor.ask("hearth-gateway/test", {
      method: "POST",
      body: JSON.stringify({ id: "hearth-home", address: canvas.find(({ id }) => id === "hearth-home")?.address, token: "__PWRD__" }),
    });
    expect(test.body).toMatchObject({ ok: true, role: "integrator", persons: null });
    expect(JSON.stringify(canvas)).not.toContain(readFileSync(join(home.home, "flows/joined.json"), "utf8").slice(-30, -5));
    const { body: examples } = await editor.ask("library/examples/flows/@hearth/node-red-hearth");
    expect(JSON.stringify(examples)).toContain("01 red lamp");
  });

  test("installs nothing from the network, whoever asks", async () => {
    const asked = await editor.ask("nodes", { method: "POST", body: JSON.stringify({ module: "node-red-contrib-example" }) });
    expect(asked.status).toBeGreaterThanOrEqual(400);
    expect(existsSync(join(home.home, "flows/node-red/node_modules/node-red-contrib-example"))).toBe(false);
  });

  test("keeps flows from the home's own files: a flow reads and writes its own folder, and no token, journal or program", async () => {
    const at = { z: "t1", x: 100, y: 100 };
    const own = join(home.home, "flows/node-red/own.txt");
    const writer = { ...at, type: "file", filename: "payload.file", filenameType: "msg", createDir: true, overwriteFile: "true" };
    await editor.deploy([
      ...(await editor.flows()),
      { id: "t1", type: "tab", label: "Tried" },
      { ...at, id: "t2", type: "http in", url: "/tried", method: "post", wires: [["t3"]] },
      {
        ...at,
        id: "t3",
        type: "switch",
        property: "payload.text",
        rules: [{ t: "nnull" }, { t: "else" }],
        outputs: 2,
        wires: [["t4"], ["t5"]],
      },
      { ...writer, id: "t4", wires: [["t7"]] },
      { ...at, id: "t5", type: "file in", filename: "payload.file", filenameType: "msg", format: "utf8", wires: [["t7"]] },
      { ...at, id: "t6", type: "catch", scope: null, wires: [["t8"]] },
      { ...at, id: "t7", type: "change", rules: [{ t: "set", p: "payload", pt: "msg", to: "done", tot: "str" }], wires: [["t9"]] },
      { ...at, id: "t8", type: "change", rules: [{ t: "set", p: "payload", pt: "msg", to: "error.message", tot: "msg" }], wires: [["t9"]] },
      { ...at, id: "t9", type: "http response", wires: [] },
    ]);
    const attempt = async (file: string, text?: string) => {
      const headers = { authorization: `Bearer ${home.carer}`, "content-type": "application/json" };
      const answer = await fetch(`${address}/tried`, { method: "POST", headers, body: JSON.stringify({ file, text }) });
      return answer.text();
    };
    await expect.poll(() => attempt(own, "mine"), { timeout: 30_000 }).toBe("done");
    expect(await attempt(own)).toBe("done");
    const denied = /ERR_ACCESS_DENIED|Access to this API has been restricted/;
    for (const file of ["tokens.json", "hearth.yaml", "flows/joined.json", "flows/credential-secret"])
      expect(await attempt(join(home.home, file))).toMatch(denied);
    expect(await attempt(join(home.home, "flows/joined.json"), "{}")).toMatch(denied);
    expect(await attempt("/proc/self/environ")).toMatch(denied);
  });

  test("ends with Ctrl-C, and the next start has the flows as they were, on a free port where the usual one is busy", async () => {
    expect(await flows.interrupt()).toBe(0);
    busy = createServer();
    await new Promise<void>((resolve) => busy?.once("error", () => resolve()).listen(1880, "127.0.0.1", resolve));
    flows = home.startFlows();
    address = await runsAt(flows);
    expect(flows.printed()).toMatch(/Port 1880 is in use by another program; the editor is on \d+\./);
    editor = await enter(flows);
    expect((await editor.flows()).filter(({ type }) => type === "tab").map(({ label }) => label)).toEqual(["A red lamp", "Tried"]);
    expect((await tokens()).filter(({ name }) => name === "Node-RED")).toHaveLength(1);
  });

  test("says that a second one is too many", async () => {
    const second = home.startFlows();
    await second.says(/Another Hearth \(process \d+\) uses .*flows; stop it/);
  });

  test("lives through a restart of the gateway at another port", async () => {
    await home.stopGateway();
    await flows.says(/The gateway does not answer; the flows go on and wait for it\./);
    expect(await signIn(address, "ABCD-EFGH-JKLM")).toEqual({ status: 403 });
    await home.startGateway();
    await flows.says(/The gateway answers (again|at http)/);
    await expect
      .poll(async () => (await signIn(address, home.hearth("sign-in", "--role", "integrator", "--json").slice(9, 23))).status, {
        timeout: 60_000,
      })
      .toBe(200);
  });

  test("says that its token was revoked, does not make another by itself, and makes one when told to", async () => {
    const [own] = (await tokens()).filter(({ name }) => name === "Node-RED");
    home.hearth("revoke", own?.id ?? "");
    await flows.says(/The token of the flows \(\S+\) was revoked; 'npm run flows -- --join' makes another\./);
    expect(await flows.interrupt()).toBe(0);
    const refused = home.startFlows();
    await refused.says(/was revoked; 'npm run flows -- --join' makes another/);
    expect((await tokens()).filter(({ name }) => name === "Node-RED")).toEqual([]);
    flows = home.startFlows("--join", "--port", "0");
    address = await runsAt(flows);
    expect((await tokens()).filter(({ name }) => name === "Node-RED")).toHaveLength(1);
  });

  test("starts Node-RED again where it falls, and says so; where it falls again and again it ends with its last words", async () => {
    for (const round of [1, 2, 3]) {
      await expect.poll(async () => (await signIn(address, "no-code-but-an-answer-1")).status, { timeout: 60_000 }).toBe(403);
      for (const pid of childrenOf(flows.pid)) process.kill(pid, "SIGKILL");
      if (round < 3) await flows.says(new RegExp(`(Node-RED has ended by itself[\\s\\S]*){${round}}`));
    }
    await flows.says(/Node-RED ends again and again; it said last:/);
    expect(await flows.interrupt()).toBe(1);
  });
});

/** Linux only, as the tests that need Node-RED are. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}
