import { expect, test } from "vitest";
import { GatewayError, toGatewayError } from "./error.ts";

test("what is classified stays as it is, what nobody classified is a bug", () => {
  const known = new GatewayError("store.disk_full", "world", "full");
  expect(toGatewayError(known)).toBe(known);
  expect(toGatewayError(new Error("odd"))).toMatchObject({ code: "bug.unclassified", kind: "bug", message: "odd" });
  expect(toGatewayError("odd", "store.bug")).toMatchObject({ code: "store.bug", kind: "bug", message: "odd" });
});

test.each(["ERR_DLOPEN_FAILED", "ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"])(
  "a package that can't be loaded (%s) is the operator's, with the way out",
  (code) => {
    const thrown = Object.assign(new Error("libx.so.1: version `GLIBC_2.34' not found\nRequire stack: …"), { code });
    expect(toGatewayError(thrown)).toMatchObject({ code: "install.incomplete", kind: "operator", cause: thrown });
    expect(toGatewayError(thrown).message).toMatch(/^A part of the install can't be loaded \(libx.*not found\); .*doctor.*'npm ci'.*\.$/);
  },
);
