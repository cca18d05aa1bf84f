import { expect, test } from "vitest";
import { createLineLimit } from "./line-limit.ts";
import { createLog } from "./log.ts";

test("a sentence said 100,000 times is written 200 times, then every ten seconds with the number of those left out; others go on", () => {
  let nowMs = 0;
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ level: "info", write: (line) => lines.push(JSON.parse(line)), limit: createLineLimit(() => nowMs) });
  const child = log.child({ area: "flood" });
  for (let i = 0; i < 100_000; i++) child.warn({ i }, "a message was refused");
  expect(lines).toHaveLength(200);
  log.info({}, "something else");
  expect(lines.at(-1)).toMatchObject({ msg: "something else" });
  nowMs = 10_000;
  child.warn({ i: 7 }, "a message was refused");
  child.warn({ i: 8 }, "a message was refused");
  expect(lines).toHaveLength(202);
  expect(lines.at(-1)).toMatchObject({ area: "flood", i: 7, msg: "a message was refused", notLogged: 99_800 });
  nowMs = 10_000_000;
  for (let i = 0; i < 1000; i++) child.warn({ i }, "a message was refused");
  expect(lines).toHaveLength(402);
});

test("what is asked for at debug level is not limited", () => {
  const lines: string[] = [];
  const log = createLog({ level: "debug", write: (line) => lines.push(line), limit: createLineLimit(() => 0) });
  for (let i = 0; i < 1000; i++) log.debug({ i }, "a batch came");
  expect(lines).toHaveLength(1000);
});
