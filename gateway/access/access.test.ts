import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { openAccess } from "./access.ts";
import { forgetPerson, readAccess } from "./access-file.ts";

const dayMs = 86_400_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-access-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const given = [
  { role: "admin", token: "tok-admin" },
  { role: "caregiver", token: "tok-caregiver" },
] as const;

function setUp({
  clock = virtualClock(1_700_000_000_000_000),
  ...more
}: Partial<Parameters<typeof openAccess>[0]> & { clock?: ReturnType<typeof virtualClock> } = {}) {
  const lines: string[] = [];
  const path = join(folder, "access.json");
  const open = () =>
    openAccess({ clock, path, given, audit: (fields, says) => void lines.push(`${says} ${JSON.stringify(fields)}`), ...more });
  return { clock, path, open, lines, access: open() };
}
/** A session that this token has let in. */
async function signedIn(access: ReturnType<typeof openAccess>, of = "admin") {
  const opened = await access.redeem(access.createCode({ role: "caregiver", persons: ["person-a"], of }, "test").code);
  return opened!;
}

test("a token is kept as a hash in a file of its owner's alone, and opens the same after a start", async () => {
  const { access, open, path } = setUp();
  const { token, grant } = await access.addToken({ role: "caregiver", persons: ["person-a"], name: "Person C" }, "test");
  expect(readFileSync(path, "utf8")).not.toContain(token);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(open().find(token)).toEqual(grant);
  expect(grant).toMatchObject({ kind: "token", role: "caregiver", persons: ["person-a"], name: "Person C" });
});

test("tokens of tokens.json open what their role may, for everybody, and are not written down again", async () => {
  const { access, path } = setUp();
  expect(access.find("tok-caregiver")).toEqual({ id: "caregiver", kind: "token", role: "caregiver" });
  await access.addToken({ role: "integrator" }, "test");
  expect(JSON.parse(readFileSync(path, "utf8")).entries).toHaveLength(1);
});

test("an old token that is bound leaves tokens.json, sees its persons from then on, after a start too, and its sessions end", async () => {
  const replaced: string[] = [];
  const { access, path, clock } = setUp({
    replaceGiven(role) {
      replaced.push(role);
      return undefined;
    },
  });
  const session = await signedIn(access, "caregiver");
  await access.bind("caregiver", ["person-a"], "test");
  expect(replaced).toEqual(["caregiver"]);
  expect(access.find(session.token)).toBeUndefined();
  expect(access.given().map(({ role }) => role)).toEqual(["admin"]);
  const again = openAccess({ clock, path, given: [given[0]] });
  expect(again.find("tok-caregiver")).toMatchObject({ role: "caregiver", persons: ["person-a"] });
});

test("a session survives a start, ends 30 days after its last use, and each day of use counts", async () => {
  const { access, open, clock, path } = setUp();
  const { token } = await signedIn(access);
  for (let day = 0; day < 40; day++) {
    clock.advance(dayMs);
    expect(access.find(token)?.persons).toEqual(["person-a"]);
  }
  // What was written last is on the disk.
  await access.personLeft("nobody");
  const kept = readFileSync(path);
  const later = open();
  clock.advance(30 * dayMs - 1);
  expect(later.list().some(({ kind }) => kind === "session")).toBe(true);
  clock.advance(1);
  expect(later.find(token)).toBeUndefined();
  // One that ended while the gateway was off.
  writeFileSync(path, kept);
  expect(open().find(token)).toBeUndefined();
  expect(later.list().some(({ kind }) => kind === "session")).toBe(false);
});

test("revoking a token ends its sessions, its codes and whatever they have open, at once and after a start", async () => {
  const { access, open, lines } = setUp();
  const { token, grant } = await access.addToken({ role: "admin" }, "test");
  const session = await signedIn(access, grant.id);
  const other = await signedIn(access);
  const { code } = access.createCode({ role: "patient", of: grant.id }, "test");
  const ended: string[] = [];
  for (const each of [grant, session.grant, other.grant]) access.onEnd(each.id, () => void ended.push(each.id));
  await access.revoke(grant.id, "Person D");
  expect(ended.sort()).toEqual([grant.id, session.grant.id].sort());
  for (const book of [access, open()]) {
    expect([token, session.token].map((secret) => book.find(secret))).toEqual([undefined, undefined]);
    expect(book.find(other.token)).toBeDefined();
  }
  expect(await access.redeem(code)).toBeUndefined();
  expect(lines.at(-1)).toMatch(/^a token was revoked .*Person D/);
  expect(lines.join()).not.toContain(token);
  await expect(access.revoke(grant.id, "test")).rejects.toMatchObject({ code: "access.unknown" });
});

test("a revoked token of tokens.json is replaced where there must be one, and who knows them in plain is told", async () => {
  const { access } = setUp({ replaceGiven: () => "tok-new" });
  let toldCount = 0;
  access.onGivenChanged(() => void toldCount++);
  await access.revoke("admin", "test");
  expect(access.find("tok-admin")).toBeUndefined();
  expect(access.find("tok-new")).toMatchObject({ id: "admin", role: "admin" });
  expect([
    toldCount,
    access
      .given()
      .map(({ token }) => token)
      .sort(),
  ]).toEqual([1, ["tok-caregiver", "tok-new"]]);
});

test("nobody stays bound to a person who has left", async () => {
  const { access } = setUp();
  const only = await access.addToken({ role: "patient", persons: ["person-a"] }, "test");
  const both = await access.addToken({ role: "caregiver", persons: ["person-a", "person-b"] }, "test");
  const session = await signedIn(access);
  await access.personLeft("person-a");
  expect([only.token, session.token].map((secret) => access.find(secret))).toEqual([undefined, undefined]);
  expect(access.find(both.token)?.persons).toEqual(["person-b"]);
  expect(access.find("tok-caregiver")).toBeDefined();
});

test("an admin is bound to nobody", async () => {
  const { access } = setUp();
  const refusal = { code: "access.bad_holder" };
  await expect(access.addToken({ role: "admin", persons: ["person-a"] }, "test")).rejects.toMatchObject(refusal);
  await expect(access.bind("admin", ["person-a"], "test")).rejects.toMatchObject(refusal);
  expect(() => access.createCode({ role: "admin", persons: ["person-a"] }, "test")).toThrow(expect.objectContaining(refusal));
  expect(access.find("tok-admin")).toBeDefined();
});

test("tokens and sessions are bounded: a 101st token is refused, a 201st session ends the one that was not used for longest", async () => {
  const { access, clock } = setUp({ path: undefined as never });
  const sessions: string[] = [];
  for (let i = 0; i < 201; i++) {
    clock.advance(1000);
    sessions.push((await signedIn(access)).token);
  }
  expect(sessions.map((token) => access.find(token) !== undefined)).toEqual([false, ...Array(200).fill(true)]);
  for (let i = access.list().filter(({ kind }) => kind === "token").length; i < 100; i++)
    await access.addToken({ role: "patient" }, "test");
  await expect(access.addToken({ role: "patient" }, "test")).rejects.toMatchObject({ code: "access.too_many" });
});

test.each(["{", "[]", '{"v":1,"entries":[{"id":"x"}]}'])(
  "a damaged file (%s) is set aside and told; without somebody to tell it is refused",
  (text) => {
    const path = join(folder, "access.json");
    writeFileSync(path, text);
    const clock = virtualClock(0);
    expect(() => openAccess({ clock, path })).toThrow(expect.objectContaining({ code: "access.unreadable" }));
    const repairs: string[] = [];
    const access = openAccess({ clock, path, given, onRepair: (what) => void repairs.push(what) });
    expect(repairs).toEqual([expect.stringContaining("access.json.damaged")]);
    expect(access.find("tok-admin")).toBeDefined();
  },
);

test("a person who has left a home that is closed is in its file no more, and who was bound to others too keeps those", async () => {
  const path = join(folder, "access.json");
  const entry = (id: string, persons?: readonly string[]) => ({
    id,
    kind: "token",
    role: "caregiver",
    createdMs: 1,
    sha256: "a".repeat(43),
    ...(persons && { persons }),
  });
  writeFileSync(path, JSON.stringify({ v: 1, entries: [entry("a", ["p1"]), entry("b", ["p1", "p2"]), entry("c")] }));
  expect(forgetPerson(path, "p1")).toBe(1);
  expect(readFileSync(path, "utf8")).not.toContain("p1");
  expect(readAccess(path).map(({ id, persons }) => [id, persons])).toEqual([
    ["b", ["p2"]],
    ["c", undefined],
  ]);
  expect([forgetPerson(path, "p1"), forgetPerson(join(folder, "none.json"), "p1")]).toEqual([0, 0]);
});
