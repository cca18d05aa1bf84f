/** Asks the gateway again and again while it is there. */

import type { Http } from "../client/http.ts";
import { problemOf } from "../client/problem.ts";
import type { NodeHost } from "../node-red/host.ts";

/** Calls `ask` at once when the gateway is there and then `everyMs` after each answer; returns its end. What it throws is shown and asked again. */
export function repeat({ gateway, status, after }: NodeHost, everyMs: number, ask: (http: Http) => Promise<void>): () => void {
  let cancel = () => {};
  let round = 0;
  const run = async (own: number) => {
    try {
      if (gateway?.state().kind === "live") await ask(gateway.http());
    } catch (error) {
      // A line that broke is told by the connection itself.
      const problem = problemOf(error);
      if (own === round && problem.status !== 0) status("failed", "common.not-done", { why: problem.message, refused: 1 });
    }
    if (own === round && gateway?.state().kind === "live") cancel = after(everyMs, () => void run(own));
  };
  const stop = gateway?.onState(({ kind }) => {
    cancel();
    round++;
    if (kind === "live") void run(round);
  });
  return () => {
    stop?.();
    cancel();
    round = -1;
  };
}
