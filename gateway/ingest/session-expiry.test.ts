import { expect, test } from "vitest";
import { createSessionExpiry } from "./session-expiry.ts";

const DAY_US = 86_400e6;

test("a session is forgotten once, after seven days away, and not while its client is back", () => {
  const expiry = createSessionExpiry();
  expiry.left("away", 0);
  expiry.left("back", 0);
  expect(expiry.expired(7 * DAY_US - 1)).toEqual([]);
  expiry.returned("back");
  expect(expiry.expired(7 * DAY_US)).toEqual(["away"]);
  expect(expiry.expired(20 * DAY_US)).toEqual([]);
});
