import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { certificateFiles, keepCertificates, serverOf } from "./certificate-files.ts";
import { createCertificateKeeper, type Presented } from "./certificate-keeper.ts";

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 5, 1);

let home: string;
let repairs: string[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hearth-tls-"));
  repairs = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const files = () => certificateFiles(home);
const addresses = ["192.168.1.5"];
const keep = (more: { nowMs?: number; anew?: boolean; addresses?: string[] } = {}) =>
  keepCertificates(files(), {
    ...{ home: "home", nowMs: startMs, onRepair: (what) => void repairs.push(what), ...more },
    subject: { names: ["home.local"], addresses: more.addresses ?? addresses },
  });
const contents = () => [files().authority, files().authorityKey, files().server].map((file) => readFileSync(file, "utf8"));

describe("the folder tls", () => {
  test("is made whole, for its owner alone, and left alone while it does", async () => {
    await keep();
    expect(readdirSync(dirname(files().server)).sort()).toEqual(["ca-key.pem", "ca.pem", "server.pem"]);
    for (const file of Object.values(files())) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(files().server)).mode & 0o777).toBe(0o700);
    const before = contents();
    await keep({ nowMs: startMs + 200 * dayMs });
    expect(contents()).toEqual(before);
  });

  test.each([
    ["it is due", { nowMs: startMs + 270 * dayMs }],
    ["this machine has another address", { addresses: ["10.0.0.7"] }],
    ["somebody asks", { anew: true }],
  ])("gets another certificate by the same authority when %s", async (_why, more) => {
    await keep();
    const [ca, , server] = contents();
    await keep(more);
    const [caNow, , serverNow] = contents();
    expect([caNow === ca, serverNow === server, repairs]).toEqual([true, false, []]);
    expect(serverOf(serverNow ?? "").checkIssued(new X509Certificate(ca ?? ""))).toBe(true);
  });

  test("a damaged certificate is made anew; a damaged authority is set aside and devices must be told", async () => {
    await keep();
    const [ca] = contents();
    writeFileSync(files().server, "torn");
    await keep();
    expect([contents()[0], repairs]).toEqual([ca, []]);
    writeFileSync(files().authority, "torn");
    await keep();
    expect(repairs.join(" ")).toMatch(/ca\.pem was damaged.*give every device.*new ca\.pem/);
    expect(existsSync(`${files().authority}.damaged`)).toBe(true);
    expect(serverOf(contents()[2] ?? "").checkIssued(new X509Certificate(contents()[0] ?? ""))).toBe(true);
  });
});

function keeper(options: { nowMs: () => number; addresses?: () => string[]; own?: { certificate: string; key: string } }) {
  const shown: Presented[] = [];
  const it = createCertificateKeeper({
    ...{ home: "home", files: options.own ?? files(), nowMs: options.nowMs },
    subject: () => ({ names: ["home.local"], addresses: options.addresses?.() ?? addresses }),
    onChange: (presented) => void shown.push(presented),
    onRepair: (what) => void repairs.push(what),
  });
  return { it, shown };
}

describe("what the doors present", () => {
  test("is made at the first look, and again only when time or addresses ask for it", async () => {
    let nowMs = startMs;
    let own = addresses;
    const { it, shown } = keeper({ nowMs: () => nowMs, addresses: () => own });
    await it.check();
    await it.check();
    expect(shown.length).toBe(1);
    own = ["10.0.0.7"];
    await it.check();
    expect(shown.at(-1)?.certificate.checkIP("10.0.0.7")).toBe("10.0.0.7");
    nowMs += 300 * dayMs;
    await it.check();
    await it.check();
    expect(shown.length).toBe(3);
    expect(new Set(shown.map(({ authority }) => authority)).size).toBe(1);
  });

  test("is what another process has put there", async () => {
    const { it, shown } = keeper({ nowMs: () => startMs });
    await it.check();
    await keep({ anew: true });
    await it.check();
    expect(shown.map(({ cert }) => cert).at(-1)).toBe(contents()[2]);
    expect(shown.length).toBe(2);
  });

  test("an operator's own is taken when its file changes, kept while the new one is torn, and never written", async () => {
    await keep();
    const [ca, , first] = contents() as [string, string, string];
    const own = { certificate: join(home, "own.pem"), key: join(home, "own-key.pem") };
    for (const file of Object.values(own)) writeFileSync(file, first);
    const { it, shown } = keeper({ nowMs: () => startMs + 1000 * dayMs, own, addresses: () => ["10.9.9.9"] });
    await it.check();
    writeFileSync(own.certificate, ca);
    await it.check();
    expect(it.fault()).toMatch(/cannot be renewed/);
    expect([it.current()?.cert, it.current()?.authority, shown.length]).toEqual([first, undefined, 1]);
    await keep({ anew: true });
    for (const file of Object.values(own)) writeFileSync(file, contents()[2] ?? "");
    await it.check();
    expect([it.current()?.cert, it.fault(), shown.length]).toEqual([contents()[2], undefined, 2]);
  });

  test("says in words what keeps it from being made", async () => {
    const { it } = keeper({ nowMs: () => startMs });
    writeFileSync(join(home, "tls"), "a file where the folder should be");
    await it.check();
    expect(it.current()).toBeUndefined();
    expect(it.fault()).toMatch(/cannot be used: (EEXIST|ENOTDIR)/);
  });
});
