/** What a process or thread does once, when all of it stands. It decides nothing and keeps nothing of its own. */

import { flushCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { systemClock } from "../../device-drivers/contract/clock.ts";

type Collector = (how: { readonly type: "major"; readonly flavor: "last-resort" }) => void;

/** The first samples come before. */
const settleMs = 2000;

/**
 * Once and soon: keeps what Node compiled, and gives back the memory that only starting needed. By itself Node keeps compiled code at an orderly end alone, which a
 * home without a switch never has; and a process with little to do keeps the garbage of loading, and a young generation grown for it, for hours. Takes 0.1 s.
 */
export function trimMemorySoon(): void {
  systemClock().after(settleMs, settle);
}

function settle(): void {
  flushCompileCache();
  // Node opens its collector only by a flag, which a running process may still set.
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as Collector;
  collect({ type: "major", flavor: "last-resort" });
}
