/** The collector on demand, for tests of what is still held. */

import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as (how: { readonly type: "major"; readonly flavor: "last-resort" }) => void;

/** Collects until nothing more comes of it; what finalisers let go of goes as well. */
export async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collect({ type: "major", flavor: "last-resort" });
    await turn();
  }
}
