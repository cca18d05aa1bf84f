/** What other people's tools find who read openapi.json and send what it allows and what it does not: no failure of the gateway, no answer that it does not describe. */

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { openAccess } from "../../gateway/access/access.ts";
import { type HttpDoor, startHttp } from "../../gateway/api/http.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { openOwnHome } from "../hearth-stream/own-home.ts";

/** `pip install schemathesis` in an environment of its own; SCHEMATHESIS names its program where it is not on the path. */
const program = process.env.SCHEMATHESIS ?? "st";
const isThere = /schemathesis|st, version/i.test(spawnSync(program, ["--version"], { encoding: "utf8" }).stdout ?? "");
if (!isThere) console.warn("skipped: schemathesis is not installed (SCHEMATHESIS=/path/to/st)");

const checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/** Programs of others are integrators, and an admin may do everything; `npm run test:long` asks as the others too. */
const roles = process.env.HEARTH_TEST_LONG === undefined ? ["integrator", "admin"] : ["integrator", "admin", "caregiver", "patient"];
/** One has no end, one takes its time, and one erases people and opens the home anew. */
const apart = "live|probe|leave";

let home: Awaited<ReturnType<typeof openOwnHome>>;
let door: HttpDoor;
let folder: string;

beforeAll(async () => {
  if (!isThere) return;
  folder = mkdtempSync(join(tmpdir(), "hearth-openapi-"));
  home = await openOwnHome();
  const given = (["admin", "integrator", "caregiver", "patient"] as const).map((role) => ({ role, token: `the-${role}s` }));
  const { view, words } = home.gateway;
  const access = openAccess({ clock: systemClock(), given });
  const log = createLog({ level: "silent" });
  door = await startHttp({ view, access, log, host: "127.0.0.1", port: 0, alertText: (alert) => words.alert(alert) });
}, 30_000);
afterAll(async () => {
  await door?.close();
  await home?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

test.skipIf(!isThere).each(roles)(
  "nothing that a token of role %s may send makes the gateway fail or answer what it does not describe",
  async (role) => {
    const address = `http://127.0.0.1:${door.port}/api/v1/openapi.json`;
    // One worker: Python's parser is not safe among threads.
    const options = ["--exclude-path-regex", apart, "--checks", checks, "--phases", "coverage", "--seed", "1", "--workers", "1"];
    const child = spawn(program, ["run", address, "-H", `Authorization: Bearer the-${role}s`, ...options], { cwd: folder });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (said += bytes));
    const status = await new Promise((resolve) => child.once("close", resolve));
    expect(said).toContain("SUMMARY");
    expect(status, said).toBe(0);
  },
  // 20 s where nothing else runs.
  600_000,
);
