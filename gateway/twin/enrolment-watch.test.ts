import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createLog } from "../runtime/log.ts";
import { watchEnrolments } from "./enrolment-watch.ts";
import type { EnrolmentAct } from "./store/port.ts";

test("a change is told within five seconds, again where it could not be, and all of it each minute", async () => {
  const clock = virtualClock();
  const acts: EnrolmentAct[] = [];
  const calls: string[] = [];
  let isDown = false;
  const note = (name: string) => async () => {
    calls.push(name);
    if (isDown) throw new Error("no server answers");
  };
  const end = await watchEnrolments({
    ...{ store: { enrolmentActs: async (limit) => acts.slice(0, limit) }, clock, log: createLog({ level: "silent" }) },
    ...{ onChange: note("change"), repeat: note("repeat") },
  });
  const pass = async (seconds: number) => {
    for (let s = 0; s < seconds; s += 5) {
      clock.advance(5000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await pass(30);
  expect(calls).toEqual(["change"]);
  acts.unshift({ gateway: "home-a", what: "revoked", by: "operator", atUs: 1 });
  isDown = true;
  await pass(10);
  isDown = false;
  await pass(10);
  expect(calls).toEqual(["change", "change", "change", "change"]);
  await pass(60);
  expect(calls.slice(4)).toEqual(["repeat"]);
  end();
  await pass(120);
  expect(calls).toHaveLength(5);
});
