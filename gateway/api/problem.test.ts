import { expect, test } from "vitest";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { problemResponse, statusOf } from "./problem.ts";

const detailOf = async (error: GatewayError) => (await problemResponse(error).json()).detail as string;
const world = (message: string, fields: Record<string, unknown> = {}) => new GatewayError("store.io", "world", message, { fields });

test.each([
  ["/home/person-a/.hearth/journal/day-1.seg can't be read", "day-1.seg can't be read"],
  ["ENOENT: no such file or directory, open '/home/person-a/.hearth/hearth.yaml'", "ENOENT: no such file or directory, open 'hearth.yaml'"],
  ["the account file /var/lib/hearth/accounts.json is not usable: no list", "the account file accounts.json is not usable: no list"],
  ["Cannot load file:///opt/hearth/models/x/model.onnx: damaged", "Cannot load model.onnx: damaged"],
  ["2 files (/tmp/a/one.hea, /tmp/a/two.dat) differ", "2 files (one.hea, two.dat) differ"],
])("%s becomes %s", async (message, detail) => {
  expect(await detailOf(world(message))).toBe(detail);
});

test("a folder whose name has blanks is left out where the error names it", async () => {
  const file = "/home/Person A/my hearth/keys.json";
  expect(await detailOf(world(`${file} is damaged`, { file }))).toBe("keys.json is damaged");
});

test.each([
  "/dev/serial/by-id/usb-Xsens-1: there is no such port",
  "The query needs 'from' and 'to': ISO 8601 or seconds since 1970, 72 beats/min and mV/s.",
  "Give https://twin.example/api/v1 and a token",
])("%s stays as it is", async (message) => {
  expect(await detailOf(world(message))).toBe(message);
});

test("what a terminal would obey is not told back, nor more than 500 characters, nor a field's name of more than 100", async () => {
  const answer = await problemResponse(
    new GatewayError("http.bad_field", "operator", `The field '\u001b[2J\u202e${"x".repeat(60_000)}'`, {
      fields: { field: "y".repeat(60_000) },
    }),
  ).json();
  expect(answer.detail).toMatch(/^The field ' \[2J x{400,}$/);
  expect([answer.detail.length, answer.field.length]).toEqual([500, 100]);
});

test("a bug's text, stack and cause stay inside, whatever was thrown", async () => {
  for (const thrown of [
    new TypeError("/home/person-a is not a function"),
    new Error("x", { cause: new Error("secret") }),
    "/etc/secret",
    undefined,
  ]) {
    const answer = await problemResponse(toGatewayError(thrown, "http.internal")).text();
    expect(answer).not.toMatch(/home|secret|\bat \b|\.ts/);
  }
});

test("whatever has too many is 429 and says when to come again", () => {
  const error = new GatewayError("http.too_many_uploads", "operator", "Later.");
  expect([statusOf(error), problemResponse(error).headers.get("retry-after")]).toEqual([429, "10"]);
});
