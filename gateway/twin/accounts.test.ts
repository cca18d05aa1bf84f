import { generateKeyPairSync } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import { hashPassword } from "../runtime/password.ts";
import { createAccounts, takeOverAccounts } from "./accounts.ts";
import type { EnrolledGateway } from "./store/port.ts";

const pem = () => generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString();

let clock: VirtualClock;
let known: Map<string, EnrolledGateway>;
let asked: string[];
const store = {
  async account(gateway: string) {
    asked.push(gateway);
    return known.get(gateway);
  },
  async enrol(account: EnrolledGateway) {
    known.set(account.gateway, account);
  },
  async withdraw(gateway: string) {
    known.delete(gateway);
  },
  enrolled: async () => [...known.values()],
};
beforeEach(() => {
  clock = virtualClock();
  known = new Map([["home-a", { gateway: "home-a", publicKeyPem: pem(), passwordHash: "" }]]);
  asked = [];
});

test("a key is asked for once in ten seconds; a new one and a withdrawal are seen after that", async () => {
  const { keyOf } = createAccounts(store, clock);
  const first = await keyOf("home-a");
  expect(first?.export({ type: "spki", format: "pem" })).toBe(known.get("home-a")?.publicKeyPem);
  clock.advance(9999);
  expect(await keyOf("home-a")).toBe(first);
  expect(asked).toEqual(["home-a"]);
  const renewed = pem();
  known.set("home-a", { gateway: "home-a", publicKeyPem: renewed, passwordHash: "" });
  clock.advance(1);
  expect((await keyOf("home-a"))?.export({ type: "spki", format: "pem" })).toBe(renewed);
  known.clear();
  clock.advance(10_000);
  expect(await keyOf("home-a")).toBeUndefined();
});

test("what is remembered of a thousand gateways is one question in ten seconds, of whoever asks first", async () => {
  const names = Array.from({ length: 1000 }, (_, i) => `home-${i}`);
  const publicKeyPem = pem();
  known = new Map(names.map((gateway) => [gateway, { gateway, publicKeyPem, passwordHash: "" }]));
  let looks = 0;
  const counted = {
    ...store,
    async enrolled() {
      looks += 1;
      return store.enrolled();
    },
  };
  const { keyOf } = createAccounts(counted, clock);
  for (const name of names) await keyOf(name);
  clock.advance(10_000);
  expect((await Promise.all(names.map(keyOf))).every((key) => key !== undefined)).toBe(true);
  expect([asked.length, looks]).toEqual([1000, 1]);
  known.delete("home-7");
  clock.advance(10_000);
  expect([await keyOf("home-8"), await keyOf("home-7")]).toEqual([expect.anything(), undefined]);
});

test("a gateway that is enrolled now is known now, whoever asked for it before", async () => {
  const { keyOf } = createAccounts(store, clock);
  expect(await keyOf("home-b")).toBeUndefined();
  known.set("home-b", { gateway: "home-b", publicKeyPem: pem(), passwordHash: "" });
  expect(await keyOf("home-b")).toBeDefined();
});

test("only the right password of an enrolled gateway is let in, and a withdrawal counts at once", async () => {
  const { isAllowed } = createAccounts(store, clock);
  known.set("home-a", { gateway: "home-a", publicKeyPem: pem(), passwordHash: await hashPassword("right") });
  const check = (gateway: string, password: string) => isAllowed(gateway, Buffer.from(password), "a");
  const ask = async () => [await check("home-a", "right"), await check("home-a", "wrong"), await check("home-b", "right")];
  expect(await ask()).toEqual(["right", "wrong", "wrong"]);
  known.clear();
  expect(await ask()).toEqual(["wrong", "wrong", "wrong"]);
});

test("at a start sound files are taken over, damaged ones change nothing, and who has none is withdrawn", async () => {
  const account = (gateway: string, passwordHash: string) => ({ gateway, publicKeyPem: "key", passwordHash });
  known = new Map(["home-a", "home-b", "home-c"].map((gateway) => [gateway, account(gateway, "old")]));
  await takeOverAccounts(
    store,
    { enrolled: [account("home-a", "new"), account("home-d", "new")], listed: ["home-a", "home-b", "home-d"] },
    7,
  );
  expect([...known.values()].map(({ gateway, passwordHash }) => `${gateway} ${passwordHash}`)).toEqual([
    "home-a new",
    "home-b old",
    "home-d new",
  ]);
  const written: string[] = [];
  await takeOverAccounts(
    { ...store, enrol: async ({ gateway }) => void written.push(gateway) },
    { enrolled: [account("home-a", "new"), account("home-d", "newer")], listed: ["home-a", "home-b", "home-d"] },
    7,
  );
  expect(written).toEqual(["home-d"]);
});
