import { describe, expect, test } from "vitest";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type Cause, createRefusals, systemWords } from "./refusals.ts";

function open() {
  let timeUs = 0;
  const lines: Record<string, unknown>[] = [];
  const refusals = createRefusals({
    clock: { monotonicUs: () => timeUs },
    nowUs: () => timeUs,
    log: { warn: (fields) => void lines.push({ ...fields }) },
  });
  return { refusals, lines, at: (seconds: number) => (timeUs = seconds * 1e6) };
}
const topic = (name: string): Cause => ({ where: "mqtt", reason: "acl_publish", account: "strap", topic: name, address: "192.168.0.9" });

describe("what was refused", () => {
  test("stands once a cause, newest first, with how often and since when", () => {
    const { refusals, at } = open();
    refusals.note(topic("a"));
    at(5);
    refusals.note(topic("b"));
    at(9);
    refusals.note(topic("a"));
    expect(refusals.recent()).toEqual([
      { ...topic("a"), firstUs: 0, lastUs: 9e6, count: 2 },
      { ...topic("b"), firstUs: 5e6, lastUs: 5e6, count: 1 },
    ]);
  });

  test("whoever thinks of new topics fills neither the list nor the log", () => {
    const { refusals, lines, at } = open();
    for (let i = 0; i < 10_000; i++) refusals.note(topic(`topic-${i}`));
    expect(refusals.recent()).toHaveLength(50);
    expect(refusals.recent()[0]?.topic).toBe("topic-9999");
    expect(lines).toHaveLength(5);
    at(60);
    refusals.note(topic("later"));
    expect(lines.at(-1)).toMatchObject({ topic: "later", notLogged: 9995 });
    refusals.note(topic("at once"));
    expect(lines).toHaveLength(6);
    // Another cause has lines of its own.
    refusals.note({ where: "http", reason: "http.unauthorized", path: "/api/v1/status" });
    expect(lines).toHaveLength(7);
  });

  test("a name from a wire is cut and carries nothing that a terminal would obey", () => {
    const { refusals } = open();
    refusals.note(topic(`\u001b[2J\u202e${"x".repeat(1000)}`));
    const [{ topic: kept = "" } = { topic: "" }] = refusals.recent();
    expect(kept).toHaveLength(200);
    expect(kept).toMatch(/^�\[2J�x+…$/);
  });
});

test("the system's own words are found under the house's", () => {
  const system = Object.assign(new Error("EACCES: permission denied, open '/dev/ttyUSB0'"), { code: "EACCES" });
  const refused = new GatewayError("link.refused", "world", "/dev/ttyUSB0: the port can't be opened", { cause: system });
  expect(systemWords(refused)).toBe("EACCES: permission denied, open '/dev/ttyUSB0'");
  const native = new GatewayError("link.refused", "world", "/dev/ttyUSB0: the port can't be opened", { cause: new Error("Resource busy") });
  expect(systemWords(native)).toBe("/dev/ttyUSB0: the port can't be opened: Resource busy");
  expect(systemWords(new GatewayError("a.b", "world", "no cause"))).toBe("no cause");
  expect(systemWords("thrown as text")).toBe("thrown as text");
});
