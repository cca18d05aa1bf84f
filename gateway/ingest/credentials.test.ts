import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { newSecret } from "../runtime/password.ts";
import type { Principal } from "./acl.ts";
import { openCredentials } from "./credentials.ts";

const strap: Principal = { user: "strap-1", role: "device", site: "home" };
const bytes = (text: string) => Buffer.from(text);

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "hearth-credentials-"));
});
afterEach(() => rm(dir, { recursive: true }));

test("an issued secret is random, works after a restart, and stands nowhere in the file, which only its owner can read", async () => {
  const path = join(dir, "keys", "accounts.json");
  const clock = virtualClock();
  const first = await openCredentials({ path, clock });
  const secret = await first.issue(strap);
  expect(secret).toMatch(/^[A-Za-z0-9_-]{24}$/);
  expect(await first.issue({ ...strap, user: "strap-2" })).not.toBe(secret);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, "utf8")).not.toContain(secret);
  const again = await openCredentials({ path, clock });
  expect(await again.verify("strap-1", bytes(secret), "a")).toMatchObject(strap);
  expect(again.list().map((one) => one.user)).toEqual(["strap-1", "strap-2"]);
  expect(JSON.stringify(again.list())).not.toMatch(/scrypt|sha256/);
});

test("nobody gets in without a name or password, with a wrong one, or under a name that was removed", async () => {
  const credentials = await openCredentials({ clock: virtualClock() });
  await credentials.issue(strap, "right");
  expect(await credentials.verify(undefined, bytes("right"), "a")).toBe("wrong");
  expect(await credentials.verify("strap-1", undefined, "a")).toBe("wrong");
  expect(await credentials.verify("strap-1", bytes("Right"), "a")).toBe("wrong");
  expect(await credentials.verify("strap-1", bytes(""), "a")).toBe("wrong");
  expect(await credentials.verify("strap-1", bytes("right"), "a")).toMatchObject(strap);
  await credentials.revoke("strap-1");
  expect(await credentials.verify("strap-1", bytes("right"), "a")).toBe("wrong");
});

test("a new secret makes the old one worthless at once, also where it had been proven before", async () => {
  const credentials = await openCredentials({ clock: virtualClock() });
  const dropped: string[] = [];
  credentials.onRevoke((user) => void dropped.push(user));
  await credentials.issue(strap, "old");
  expect(await credentials.verify("strap-1", bytes("old"), "a")).toMatchObject(strap);
  await credentials.issue(strap, "new");
  expect(await credentials.verify("strap-1", bytes("old"), "a")).toBe("wrong");
  expect(await credentials.verify("strap-1", bytes("new"), "a")).toMatchObject(strap);
  expect(dropped).toEqual(["strap-1"]);
});

test("wrong passwords make the asker wait, not the owner elsewhere, nor one whose secret was proven", async () => {
  const clock = virtualClock();
  const credentials = await openCredentials({ clock });
  await credentials.issue(strap, "right");
  for (let i = 0; i < 5; i++) expect(await credentials.verify("strap-1", bytes(`guess ${i}`), "attacker")).toBe("wrong");
  expect(await credentials.verify("strap-1", bytes("right"), "attacker")).toBe("busy");
  expect(await credentials.verify("strap-1", bytes("right"), "home")).toMatchObject(strap);
  expect(await credentials.verify("strap-1", bytes("right"), "attacker")).toMatchObject(strap);
  expect(await credentials.verify("strap-1", bytes("guess"), "attacker")).toBe("busy");
  clock.advance(29_999);
  expect(await credentials.verify("strap-1", bytes("guess"), "attacker")).toBe("busy");
  clock.advance(1);
  expect(await credentials.verify("strap-1", bytes("guess"), "attacker")).toBe("wrong");
});

test("the wait begins with the last wrong password, and is one name's alone", async () => {
  const clock = virtualClock();
  const credentials = await openCredentials({ clock });
  await credentials.issue(strap, "right");
  const guess = (user = "strap-1") => credentials.verify(user, bytes("guess"), "a");
  for (let i = 0; i < 4; i++) expect(await guess()).toBe("wrong");
  clock.advance(29_999);
  expect(await guess()).toBe("wrong");
  clock.advance(1000);
  expect([await guess(), await guess("strap-2")]).toEqual(["busy", "wrong"]);
  clock.advance(29_000);
  for (let i = 0; i < 5; i++) expect(await guess()).toBe("wrong");
  expect(await guess()).toBe("busy");
});

test("more checks at once than a home has are refused unchecked, and their places are free again when the others are done", async () => {
  const credentials = await openCredentials({ clock: virtualClock() });
  await credentials.issue(strap, "right");
  const ask = (i: number) => credentials.verify("strap-1", bytes(`guess ${i}`), `a${i}`);
  const first = Array.from({ length: 2 + 256 }, (_, i) => ask(i));
  const late = await Promise.all([ask(900), ask(901)]);
  expect(late).toEqual(["busy", "busy"]);
  const verdicts = await Promise.all(first);
  expect(verdicts.filter((verdict) => verdict === "wrong")).toHaveLength(258);
  await credentials.issue({ ...strap, user: "strap-2" }, "other");
  expect(await credentials.verify("strap-2", bytes("other"), "a")).toMatchObject({ user: "strap-2" });
});

test("the owner of a secret that was made here gets in whatever others ask from the same address, and after a restart too", async () => {
  const path = join(dir, "accounts.json");
  const clock = virtualClock();
  const secret = await (await openCredentials({ path, clock })).issue(strap);
  const credentials = await openCredentials({ path, clock });
  await credentials.issue({ ...strap, user: "strap-2" }, "chosen by somebody");
  const guesses = Array.from({ length: 3000 }, (_, i) => credentials.verify(`strap-${1 + (i % 3)}`, bytes(`guess ${i}`), "a"));
  expect(await credentials.verify("strap-1", bytes(secret), "a")).toMatchObject(strap);
  expect((await Promise.all(guesses)).filter((verdict) => typeof verdict === "object")).toEqual([]);
  expect(await credentials.verify("strap-1", bytes(secret), "a")).toMatchObject(strap);
});

test("an account with a stretched hash of a secret that was made here is quick from its first log-in on, over a restart", async () => {
  const path = join(dir, "accounts.json");
  const clock = virtualClock();
  const first = await openCredentials({ path, clock });
  const secret = newSecret();
  await first.issue(strap, secret);
  const verdicts = await Promise.all([0, 1, 2].map(() => first.verify("strap-1", bytes(secret), "a")));
  expect(verdicts).toMatchObject([strap, strap, strap]);
  await first.issue({ ...strap, user: "strap-2" });
  const again = await openCredentials({ path, clock });
  for (let i = 0; i < 9; i++) expect(await again.verify("strap-1", bytes(`guess ${i}`), "a")).toBe("wrong");
  expect(await again.verify("strap-1", bytes(secret), "a")).toMatchObject(strap);
});

test("one asker has no more than five passwords stretched at once, whatever it sends", async () => {
  const credentials = await openCredentials({ clock: virtualClock() });
  await credentials.issue(strap, "right");
  const verdicts = await Promise.all(Array.from({ length: 100 }, (_, i) => credentials.verify("strap-1", bytes(`guess ${i}`), "a")));
  expect(verdicts.filter((verdict) => verdict === "wrong")).toHaveLength(5);
});

test("an account that is removed is told once, to whoever still listens, and one that is new is not", async () => {
  const path = join(dir, "accounts.json");
  const credentials = await openCredentials({ path, clock: virtualClock() });
  const told: string[] = [];
  const cancel = credentials.onRevoke((user) => void told.push(`a ${user}`));
  credentials.onRevoke((user) => void told.push(`b ${user}`));
  await credentials.issue(strap, "right");
  await credentials.issue({ ...strap, user: "strap-2" }, "right");
  expect([told, credentials.has("strap-1")]).toEqual([[], true]);
  await credentials.revoke("strap-1");
  await credentials.revoke("strap-1");
  cancel();
  await credentials.revoke("strap-2");
  expect(told).toEqual(["a strap-1", "b strap-1", "b strap-2"]);
  expect(credentials.has("strap-1")).toBe(false);
  expect((await openCredentials({ path, clock: virtualClock() })).list()).toEqual([]);
});

test("a password that is being checked while its account is removed opens nothing", async () => {
  const credentials = await openCredentials({ clock: virtualClock() });
  await credentials.issue(strap, "right");
  const checking = credentials.verify("strap-1", bytes("right"), "a");
  await credentials.revoke("strap-1");
  expect(await checking).toBe("wrong");
});

test("accounts that change at once are all in the file, which only its owner can read, as is its folder", async () => {
  const path = join(dir, "keys", "accounts.json");
  const credentials = await openCredentials({ path, clock: virtualClock() });
  const users = Array.from({ length: 8 }, (_, i) => `strap-${i}`);
  await Promise.all(users.map((user) => credentials.issue({ ...strap, user }, "x")));
  for (const file of [path, `${path}.copy`]) {
    expect(
      JSON.parse(await readFile(file, "utf8"))
        .accounts.map(({ user }: Principal) => user)
        .sort(),
    ).toEqual(users);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  }
  expect((await stat(join(dir, "keys"))).mode & 0o777).toBe(0o700);
  expect((await readdir(join(dir, "keys"))).sort()).toEqual(["accounts.json", "accounts.json.copy"]);
  expect(JSON.parse(await readFile(path, "utf8")).v).toBe(1);
});

test("an account file that can't be read is the operator's to mend", async () => {
  const opening = openCredentials({ path: dir, clock: virtualClock() });
  await expect(opening).rejects.toMatchObject({ code: "ingest.bad_credentials", kind: "operator" });
  await expect(opening).rejects.toThrow("cannot be read");
});

test("a whole home that connects at once is checked in turn", async () => {
  const credentials = await openCredentials({ clock: virtualClock() });
  await credentials.issue(strap, "right");
  const verdicts = await Promise.all(Array.from({ length: 12 }, () => credentials.verify("strap-1", bytes("right"), "a")));
  expect(verdicts.every((verdict) => typeof verdict === "object")).toBe(true);
});

test("a damaged account file is refused with its name and what is wrong", async () => {
  const path = join(dir, "accounts.json");
  for (const [text, why] of [
    ["{", "not JSON"],
    ["{}", "accounts"],
    ['{"accounts":[{"user":"a","role":"king","site":"home","hash":"x"}]}', "accounts[0]"],
  ] as const) {
    await writeFile(path, text);
    const opening = openCredentials({ path, clock: virtualClock() });
    await expect(opening).rejects.toThrow(path);
    await expect(opening).rejects.toThrow(why);
    await expect(opening).rejects.toMatchObject({ code: "ingest.bad_credentials", kind: "operator" });
  }
});

test("an account that cannot stand in a topic is not made", async () => {
  const credentials = await openCredentials({ clock: virtualClock() });
  await expect(credentials.issue({ ...strap, user: "up" })).rejects.toMatchObject({ code: "ingest.bad_account", kind: "operator" });
  expect([credentials.has("up"), credentials.list()]).toEqual([false, []]);
});

test.each(["", "{", "\0\0\0", "null", '{"accounts":[7]}'])(
  "a home opens over the damaged account file %j from its copy, says so, and the next change is in both",
  async (text) => {
    const path = join(dir, "accounts.json");
    const clock = virtualClock();
    const secret = await (await openCredentials({ path, clock })).issue(strap);
    await writeFile(path, text);
    const repairs: string[] = [];
    const onRepair = (what: string) => void repairs.push(what);
    const credentials = await openCredentials({ path, clock, onRepair });
    expect(await credentials.verify("strap-1", bytes(secret), "a")).toMatchObject(strap);
    expect(repairs).toEqual([expect.stringMatching(/accounts\.json was damaged.*copy/)]);
    expect(await readFile(`${path}.damaged`, "utf8")).toBe(text);
    await credentials.revoke("strap-1");
    await writeFile(path, text);
    expect((await openCredentials({ path, clock, onRepair })).list()).toEqual([]);
  },
);

test("where the copy is damaged too, nobody can log in, and the way out is told", async () => {
  const path = join(dir, "accounts.json");
  await (await openCredentials({ path, clock: virtualClock() })).issue(strap);
  for (const file of await readdir(dir)) await writeFile(join(dir, file), "");
  const repairs: string[] = [];
  const credentials = await openCredentials({ path, clock: virtualClock(), onRepair: (what) => void repairs.push(what) });
  expect(credentials.list()).toEqual([]);
  expect(repairs).toEqual([expect.stringContaining("hearth init --device")]);
});
