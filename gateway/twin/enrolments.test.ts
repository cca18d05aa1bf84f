import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { createLog } from "../runtime/log.ts";
import { isPassword } from "../runtime/password.ts";
import { type Claim, type JoinBody, makeClaim, readClaim } from "./claim.ts";
import { loadGatewayEnrolment } from "./enrol.ts";
import { createEnrolments, type Enrolments } from "./enrolments.ts";
import { joinWithClaim } from "./join.ts";
import type { TwinStore } from "./store/port.ts";
import { openTwinStore } from "./store/sqlite/store.ts";

const hourUs = 3600e6;
const twinKey = generateKeyPairSync("ed25519").privateKey;

let dir: string;
let clock: VirtualClock;
let store: TwinStore;
let refusedCount: number;
let enrolments: Enrolments;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hearth-join-"));
  clock = virtualClock(1_700_000_000_000_000);
  store = openTwinStore(dir, () => {});
  refusedCount = 0;
  enrolments = enrolmentsWith({});
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const enrolmentsWith = (more: Pick<Parameters<typeof createEnrolments>[0], "passwordFor">) =>
  createEnrolments({
    ...{ store, privateKey: twinKey, clock, log: createLog({ level: "silent" }) },
    onRefused: () => refusedCount++,
    ...more,
  });

async function claimFor(gateway: string, more: Partial<Claim> = {}): Promise<Claim> {
  const where = { gateway, twin: "https://twin.example.org", broker: "mqtts://twin.example.org" };
  const { claim, stored } = makeClaim({ ...where, ...more }, twinKey, clock.wallUs() + hourUs);
  await store.putClaim(stored, { by: "operator", atUs: clock.wallUs() });
  return claim;
}

const folderOf = (home: string) => join(dir, home);
const joinAs = (home: string, claim: Claim, ask: (body: JoinBody) => Promise<unknown> = (body) => enrolments.join(body)) =>
  joinWithClaim({ claim: readClaim(JSON.stringify(claim)), gatewayDir: folderOf(home), ask, accepted: () => {} });
const whatHappened = async () => (await store.enrolmentActs(9)).map(({ what, gateway, by }) => `${what} ${gateway} by ${by}`);

test("a claim enrols its gateway with a key and a password that the gateway has made itself, and its files say whose word it believes", async () => {
  await joinAs("home", await claimFor("home-a", { ca: "an authority" }));
  const account = await store.account("home-a");
  const { sign, ...own } = loadGatewayEnrolment("home-a", folderOf("home"));
  expect(await isPassword(own.password, account?.passwordHash ?? "")).toBe(true);
  expect([own.ca, own.twinPublicKey.equals(twinPublicKey())]).toEqual(["an authority", true]);
  const { createPublicKey, verify } = await import("node:crypto");
  expect(verify(null, Buffer.from("x"), createPublicKey(account?.publicKeyPem ?? ""), sign(Buffer.from("x")))).toBe(true);
  expect(statSync(join(folderOf("home"), "key.pem")).mode & 0o077).toBe(0);
  expect(await whatHappened()).toEqual(["joined home-a by gateway", "claimed home-a by operator"]);
});

const twinPublicKey = () =>
  readClaim(JSON.stringify(makeClaim({ gateway: "x", twin: "https://x", broker: "mqtts://x" }, twinKey, 0).claim)).twinPublicKey;

test("a claim is used once; the same home may ask again where the answer was lost, and gets on with the same key", async () => {
  const claim = await claimFor("home-a");
  const lost = joinAs("home", claim, async (body) => {
    await enrolments.join(body);
    throw new Error("the line went down");
  });
  await expect(lost).rejects.toThrow("the line went down");
  expect(existsSync(folderOf("home"))).toBe(false);
  await joinAs("home", claim);
  await expect(joinAs("thief", claim)).rejects.toMatchObject({ code: "enrol.used" });
  expect(existsSync(folderOf("thief"))).toBe(false);
  expect((await store.account("home-a"))?.publicKeyPem).toContain("PUBLIC KEY");
  expect([await whatHappened(), refusedCount]).toEqual([["joined home-a by gateway", "claimed home-a by operator"], 1]);
});

test("a claim that is too old, replaced by a newer one, revoked, of another twin or only half a claim enrols nobody", async () => {
  const old = await claimFor("home-a");
  clock.advance(hourUs / 1000);
  await expect(joinAs("home", old)).rejects.toMatchObject({ code: "enrol.expired" });
  const replaced = await claimFor("home-a");
  const revoked = await claimFor("home-a");
  await expect(joinAs("home", replaced)).rejects.toMatchObject({ code: "enrol.wrong_claim" });
  await store.withdraw("home-a", { by: "operator", atUs: 1 });
  await expect(joinAs("home", revoked)).rejects.toMatchObject({ code: "enrol.wrong_claim" });
  const { claim: foreign } = makeClaim({ gateway: "home-a", twin: "https://x", broker: "mqtts://x" }, twinKey, clock.wallUs() + hourUs);
  await expect(joinAs("home", foreign)).rejects.toMatchObject({ code: "enrol.wrong_claim" });
  const whole = JSON.stringify(await claimFor("home-a"));
  for (const text of [
    "",
    "{}",
    "hello",
    whole.slice(0, -1),
    whole.replace('"hearth_claim":1', '"hearth_claim":2'),
    `${whole}${" ".repeat(40_000)}`,
  ])
    expect(() => readClaim(text), text.slice(0, 20)).toThrow(expect.objectContaining({ code: "enrol.bad_claim" }));
  expect([await store.account("home-a"), refusedCount]).toEqual([undefined, 4]);
});

test("who knows a claim's id and not its key learns nothing of it and uses nothing up", async () => {
  const claim = await claimFor("home-a");
  let body: JoinBody | undefined;
  await joinAs("eavesdropper", await claimFor("home-b"), async (sent) => {
    body = { ...sent, claim: claim.id };
    return enrolments.join(sent);
  });
  const wrong = { code: "enrol.wrong_claim" };
  await expect(enrolments.join(body as JoinBody)).rejects.toMatchObject(wrong);
  for (const [field, value] of Object.entries({ public_key: "AAAA", claim_signature: "", key_signature: "AAAA" }))
    await expect(enrolments.join({ ...(body as JoinBody), [field]: value })).rejects.toMatchObject(wrong);
  await joinAs("home", claim);
  expect(await store.account("home-a")).toMatchObject({ isJoined: true });
});

test("a home believes the twin of its claim alone, and keeps what it had until then", async () => {
  await joinAs("home", await claimFor("home-a"));
  const before = readFileSync(join(folderOf("home"), "key.pem"), "utf8");
  const claim = await claimFor("home-a");
  for (const answer of [{}, { password: null, signature: "AAAA" }, null, "yes"])
    await expect(joinAs("home", claim, async () => answer)).rejects.toMatchObject({ code: "enrol.forged" });
  const withPassword = async (body: JoinBody) => ({ ...(await enrolments.join(body)), password: "of the one in between" });
  await expect(joinAs("home", claim, withPassword)).rejects.toMatchObject({ code: "enrol.forged" });
  expect(readFileSync(join(folderOf("home"), "key.pem"), "utf8")).toBe(before);
});

test("where the broker gives passwords, the gateway takes the one that the twin signs for its key", async () => {
  enrolments = enrolmentsWith({ passwordFor: (gateway, key) => `pass-of-${gateway}-${key.asymmetricKeyType}` });
  await joinAs("home", await claimFor("home-a"));
  expect(loadGatewayEnrolment("home-a", folderOf("home")).password).toBe("pass-of-home-a-ed25519");
});

test("a gateway that joins again has a new key, and the one before is known as ended", async () => {
  await joinAs("home", await claimFor("home-a"));
  const first = (await store.account("home-a"))?.publicKeyPem;
  await joinAs("home", await claimFor("home-a"));
  expect((await store.account("home-a"))?.publicKeyPem).not.toBe(first);
  expect((await store.endedKeys()).map(({ publicKeyPem }) => publicKeyPem)).toEqual([first]);
});
