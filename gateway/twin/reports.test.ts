import { expect, test } from "vitest";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { createLog } from "../runtime/log.ts";
import { createReports } from "./reports.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test("reports of one gateway are written one after the other, the last word stays, and no other gateway waits for it", async () => {
  const writes: { text: string; end: (error?: Error) => void }[] = [];
  const putReported = (gateway: string, text: string) =>
    new Promise<void>((resolve, reject) => {
      writes.push({ text: `${gateway} ${text}`, end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  const report = createReports({ store: { putReported }, log: createLog({ level: "silent" }), onMalformed: () => undefined });
  const first = report("home-a", bytes({ version: 1 }));
  void report("home-a", bytes({ version: 2 }));
  void report("home-a", bytes({ version: 3 }));
  void report("home-b", bytes({ version: 9 }));
  expect(writes.map(({ text }) => text)).toEqual(['home-a {"version":1}', 'home-b {"version":9}']);
  writes[0]?.end(new GatewayError("twin.io", "world", "broken"));
  await Promise.resolve();
  await Promise.resolve();
  expect(writes.map(({ text }) => text).slice(2)).toEqual(['home-a {"version":3}']);
  writes[2]?.end();
  await first;
  void report("home-a", bytes({ version: 4 }));
  expect(writes.map(({ text }) => text).slice(3)).toEqual(['home-a {"version":4}']);
});

test("what is no JSON object is counted and never written", async () => {
  let malformed = 0;
  const putReported = () => Promise.reject(new Error("nothing should be written"));
  const report = createReports({ store: { putReported }, log: createLog({ level: "silent" }), onMalformed: () => (malformed += 1) });
  for (const value of [null, 1, "x", [1]]) await report("home-a", bytes(value));
  await report("home-a", Uint8Array.of(0x7b));
  expect(malformed).toBe(5);
});
