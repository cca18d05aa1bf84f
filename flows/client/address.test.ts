import { expect, test } from "vitest";
import { baseOf } from "./address.ts";

test.each([
  ["192.168.1.20:8099", "http://192.168.1.20:8099/"],
  [" http://hearth.local:8099/ ", "http://hearth.local:8099/"],
  ["https://[fe80::1]:8443", "https://[fe80::1]:8443/"],
])("%s is an address", (typed, base) => expect(baseOf(typed).href).toBe(base));

test.each([
  ["", /No address/],
  ["mqtt://home:1883", /no address such as/],
  ["http://", /no address such as/],
  ["http://home:99999", /no address such as/],
  ["http://me:secret@home:8099", /its own field/],
  ["http://home:8099/api/v1", /ends after the port/],
  ["http://home:8099/?token=x", /ends after the port/],
])("%j is none, and it is said why", (typed, says) => expect(() => baseOf(typed)).toThrow(says));
