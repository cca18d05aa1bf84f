import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromPublic } from "@nats-io/nkeys";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeNatsAccounts, openNatsAccounts } from "./nats-accounts.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hearth-accounts-"));
  makeNatsAccounts(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const claimsOf = (token: string) => {
  const [head = "", body = "", signature = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as {
    iss: string;
    sub: string;
    name: string;
    nats: Record<string, unknown>;
  };
  const isSigned = fromPublic(claims.iss).verify(Buffer.from(`${head}.${body}`), Buffer.from(signature, "base64url"));
  return { ...claims, isSigned };
};

test("a gateway's password is a token for its own key and its own topics, by MQTT alone, that the account has signed", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { sub, name, nats, isSigned } = claimsOf(openNatsAccounts(dir).gatewayPassword("home-a", publicKey));
  expect([isSigned, name, nats.allowed_connection_types]).toEqual([true, "home-a", ["MQTT"]]);
  expect(nats.pub).toEqual({ allow: ["hearth.v1.home-a.up.>", "hearth.v1.home-a.reported", "hearth.v1.home-a.status"] });
  expect(JSON.stringify(nats.sub)).not.toContain("*");
  // The library's reader of such keys checks the checksum, and verifies what the gateway's key has signed.
  const bytes = Buffer.from("x");
  expect(fromPublic(sub).verify(bytes, sign(null, bytes, privateKey))).toBe(true);
});

test("the keys are made once and read by their owner alone, and no server is given one", () => {
  const before = readdirSync(dir).map((name) => readFileSync(join(dir, name), "utf8"));
  makeNatsAccounts(dir);
  expect(readdirSync(dir).map((name) => readFileSync(join(dir, name), "utf8"))).toEqual(before);
  expect(before).toHaveLength(3);
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o077).toBe(0);
  const lines = openNatsAccounts(dir).serverLines("/store").join("\n");
  for (const seed of before) expect(lines).not.toContain(seed);
});

test("a key that is missing is named", () => {
  rmSync(join(dir, "operator.seed"));
  expect(() => openNatsAccounts(dir)).toThrow(
    expect.objectContaining({ code: "twin.no_accounts", message: expect.stringContaining("operator.seed") }),
  );
});
