import { expect, test } from "vitest";
import { siblingUrl } from "./spawn.ts";

test("a sibling has the extension of the file that asks, in sources and in the package", () => {
  expect(siblingUrl("file:///h/gateway/store/store-call.ts", "store-worker").href).toBe("file:///h/gateway/store/store-worker.ts");
  expect(siblingUrl("file:///h/dist/gateway/store/store-call.js", "store-worker").href).toBe(
    "file:///h/dist/gateway/store/store-worker.js",
  );
});
