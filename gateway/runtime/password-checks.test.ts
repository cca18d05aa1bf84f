import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { hashPassword, hashSecret, isPassword, isSecret, newSecret } from "./password.ts";
import { createPasswordChecks } from "./password-checks.ts";

const bytes = (text: string) => Buffer.from(text);

test("a guesser that comes from thousands of addresses is forgotten by the oldest, not all at once", async () => {
  const { check } = createPasswordChecks(virtualClock());
  // The cheapest stretching there is, and a hash that no password has.
  const stored = "scrypt$2$8$1$c2FsdA$bm9uZQ";
  for (let i = 0; i < 5; i++) await check("a", stored, bytes(`guess ${i}`), "last");
  for (let i = 0; i < 4095; i++) expect(await check("a", stored, bytes("guess"), `${i}`)).toBe("wrong");
  expect(await check("a", stored, bytes("guess"), "last")).toBe("busy");
  expect(await check("a", stored, bytes("guess"), "one more")).toBe("wrong");
  expect(await check("a", stored, bytes("guess"), "last")).toBe("wrong");
});

test("a name without an account is wrong at once, even with the password of one that was removed", async () => {
  const { check } = createPasswordChecks(virtualClock());
  const stored = await hashPassword("right");
  expect(await check("a", stored, bytes("right"), "x")).toBe("right");
  const asked = Array.from({ length: 1000 }, (_, i) => check(i === 0 ? "a" : `nobody-${i}`, undefined, bytes("right"), "x"));
  expect(new Set(await Promise.all(asked))).toEqual(new Set(["wrong"]));
});

test("a hash of a secret opens with that secret alone, and a stretched one is no secret's", async () => {
  const [secret, other] = [newSecret(), newSecret()];
  const stored = hashSecret(secret);
  expect([isSecret(secret, stored), isSecret(other, stored), await isPassword(secret, stored)]).toEqual([true, false, true]);
  expect([isSecret(secret, await hashPassword(secret)), isSecret(secret, "sha256$$"), isSecret(secret, "sha256")]).toEqual([
    undefined,
    false,
    undefined,
  ]);
});
