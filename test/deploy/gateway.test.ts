import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = join(root, "deploy", "gateway");
const folder = mkdtempSync(join(tmpdir(), "hearth-unit-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const has = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: "ignore" }).error === undefined;
const unit = readFileSync(join(files, "hearth.service"), "utf8").replaceAll("/opt/hearth/", root);
const linesOf = (text: string) => text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));

test.skipIf(!has("systemd-analyze", "--version"))("systemd finds nothing wrong with the unit, and an exposure of 2.5 at most", () => {
  const path = join(folder, "hearth.service");
  writeFileSync(path, unit);
  const verify = spawnSync("systemd-analyze", ["verify", path], { encoding: "utf8" });
  expect([verify.status, verify.stderr.split("\n").filter((line) => line.includes("hearth.service"))]).toEqual([0, []]);
  const security = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=25", path], { encoding: "utf8" });
  expect([security.status, security.stdout.split("\n").at(-2)]).toEqual([0, expect.stringContaining("exposure level")]);
});

/** A socket as systemd's: each word that comes is a line. */
const listener = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("open", flush=True)
while True: print(s.recv(4096).decode(), flush=True)
`;

test.skipIf(!has("systemd-notify", "--version") || !has("python3", "--version"))(
  "the unit's own command says that it is ready, that it still turns, and that it stops",
  { timeout: 120_000 },
  async () => {
    const [socket, home] = [join(folder, "notify"), join(folder, "home")];
    const [, command = ""] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    const [node = "", ...args] = command.split(" ");
    const ports = ["HTTP", "MQTT", "TWIN", "TWIN_MQTT"].map((name) => [`HEARTH__PORTS__${name}`, "0"]);
    const env = { ...process.env, ...Object.fromEntries(ports), HEARTH_HOME: home };
    execFileSync(node, [...args.slice(0, -1), "init", "--json"], { env, stdio: "ignore" });
    const ear = spawn("python3", ["-c", listener, socket], { stdio: ["ignore", "pipe", "inherit"] });
    let heard = "";
    ear.stdout.on("data", (bytes) => {
      heard += bytes;
    });
    let service: ChildProcess | undefined;
    const poll = () => expect.poll(() => heard, { timeout: 60_000, interval: 50 });
    try {
      await poll().toContain("open");
      service = spawn(node, args, { env: { ...env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: "3000000" }, stdio: "ignore" });
      await poll().toContain("READY=1");
      await poll().toContain("WATCHDOG=1");
      const ended = once(service, "exit");
      service.kill("SIGTERM");
      await poll().toContain("STOPPING=1");
      await ended;
      expect(service.exitCode).toBe(0);
    } finally {
      service?.kill("SIGKILL");
      ear.kill();
    }
  },
);

test("each udev rule is made of keys, operators and values, and jumps to a label that is there", () => {
  const known = /^(ACTION|SUBSYSTEM|ATTRS\{\w+\}|SYMLINK|ENV\{\w+\}|GOTO|LABEL)(==|!=|\+=|=)"([^"]*)"$/;
  const rules = linesOf(readFileSync(join(files, "60-hearth.rules"), "utf8")).map((line) => line.split(/, (?=[A-Z])/));
  for (const rule of rules) for (const part of rule) expect(part).toMatch(known);
  const of = (key: string) => rules.flat().flatMap((part) => (part.startsWith(`${key}=`) ? (known.exec(part)?.[3] ?? []) : []));
  expect(of("LABEL")).toEqual([...new Set(of("GOTO"))]);
});

test("what the container file copies is there, its last user is not root, and what it starts is the gateway", () => {
  const lines = linesOf(readFileSync(join(files, "Containerfile"), "utf8"));
  const copied = lines.flatMap((line) => (line.startsWith("COPY ") && !line.includes("--from") ? line.split(" ").slice(1, -1) : []));
  expect(copied.length).toBeGreaterThan(5);
  for (const name of copied) expect(existsSync(join(root, name)), name).toBe(true);
  expect(lines.filter((line) => line.startsWith("USER ")).at(-1)).toBe("USER hearth");
  const entry = JSON.parse((lines.find((line) => line.startsWith("ENTRYPOINT ")) ?? "").slice("ENTRYPOINT ".length)) as string[];
  expect(existsSync(join(root, entry.at(-1) ?? ""))).toBe(true);
});
