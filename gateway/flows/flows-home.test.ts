import { createDecipheriv, createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { gatewayNode, layFirstFlow, openFlowsHome } from "./flows-home.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-flows-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const example = () => {
  const file = join(folder, "example.json");
  writeFileSync(
    file,
    JSON.stringify([
      { id: "a", type: "tab" },
      { id: gatewayNode.id, type: "hearth-gateway", address: "http://elsewhere" },
    ]),
  );
  return file;
};
const read = (name: string) => readFileSync(join(folder, "flows", "node-red", name), "utf8");

test("the secret and the token are made once, survive, and are their owner's alone", () => {
  const first = openFlowsHome(folder);
  expect(first.joined()).toBeUndefined();
  const joined = { id: "integrator-a", token: "t", address: "http://127.0.0.1:8099" };
  first.keepJoined(joined);
  const second = openFlowsHome(folder);
  expect(second.credentialSecret).toBe(first.credentialSecret);
  expect(second.joined()).toEqual(joined);
  const names = readdirSync(first.folder, { recursive: true, encoding: "utf8" });
  const modes = names.map((name) => statSync(join(first.folder, name)).mode & 0o077);
  expect(names.length).toBeGreaterThan(2);
  expect(modes.filter((mode) => mode !== 0)).toEqual([]);
});

test("the first flow is laid on an empty canvas only, with this home's gateway and its credentials as Node-RED reads them", () => {
  const home = openFlowsHome(folder);
  layFirstFlow(home, example());
  expect(JSON.parse(read("flows.json"))).toEqual([{ id: "a", type: "tab" }, gatewayNode]);
  const { $: sealed } = JSON.parse(read("flows_cred.json")) as { $: string };
  const key = createHash("sha256").update(home.credentialSecret).digest();
  const plain = createDecipheriv("aes-256-ctr", key, Buffer.from(sealed.slice(0, 32), "hex")).update(sealed.slice(32), "base64", "utf8");
  expect(JSON.parse(plain)).toEqual({ [gatewayNode.id]: { token: expect.stringMatching(/^\$\{HEARTH_TOKEN\}$/) } });
  writeFileSync(join(home.userDir, "flows.json"), "[]");
  layFirstFlow(home, example());
  expect(read("flows.json")).toBe("[]");
});

test("a damaged file says which, and what to do", () => {
  const home = openFlowsHome(folder);
  for (const text of ["{", "null", '{"id":1}']) {
    writeFileSync(join(home.folder, "joined.json"), text);
    expect(() => home.joined()).toThrow(/joined\.json is damaged; remove it/);
  }
});
