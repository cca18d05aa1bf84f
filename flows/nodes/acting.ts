/** What a node does that asks the gateway for something because a message came: its status says what came of it, and refusals are counted. */

import type { Http } from "../client/http.ts";
import { HearthProblem, problemOf } from "../client/problem.ts";
import type { NodeHost } from "../node-red/host.ts";

/** Runs `work` with the gateway; what it throws is shown, counted, and the node's error. */
export function createActing({
  gateway,
  status,
}: Pick<NodeHost, "gateway" | "status">): <T>(work: (http: Http) => T | Promise<T>) => Promise<T> {
  let refused = 0;
  return async (work) => {
    try {
      if (gateway === undefined) throw new HearthProblem("flows.no_gateway_chosen", "Choose a gateway in this node's dialog.");
      return await work(gateway.http());
    } catch (error) {
      const problem = problemOf(error);
      refused++;
      status("failed", "common.not-done", { why: problem.message, refused });
      throw problem;
    }
  };
}
