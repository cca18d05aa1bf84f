/** `hearth raise`: a condition that a flow has found becomes an alert of Hearth, with the same life as any other. */

import { problemOf } from "../../client/problem.ts";
import type { NodeType } from "../../node-red/host.ts";
import { createActing } from "../acting.ts";
import { badMessage } from "../message.ts";
import { type ConditionRequest, conditionRequest } from "./condition.ts";

interface Answer {
  readonly condition: { readonly title: string; readonly said_at: string; readonly lease_until: string; readonly alert: string } | null;
  readonly already: boolean;
}

/** More conditions at a time than a flow has reason to hold. */
const maxHeld = 32;

export const raise: NodeType = {
  type: "hearth raise",
  open(settings, host) {
    const act = createActing(host);
    /** By path: the next time that a condition is said again, so that its lease does not end while this flow runs and means it. */
    const held = new Map<string, () => void>();
    let isClosed = false;
    const letGo = (path: string) => {
      held.get(path)?.();
      held.delete(path);
    };
    const hold = (request: ConditionRequest, { condition }: Answer) => {
      letGo(request.path);
      if (isClosed || settings.hold === false || condition === null) return;
      const leaseMs = Date.parse(condition.lease_until) - Date.parse(condition.said_at);
      const again = async () => {
        try {
          hold(request, (await host.gateway?.http().json("PUT", request.path, request.body)) as Answer);
        } catch (error) {
          // Goes on until the line is back; a refusal is somebody's to mend.
          if (isClosed) return;
          if (problemOf(error).status === 0)
            held.set(
              request.path,
              host.after(leaseMs / 6, () => void again()),
            );
          else host.error(error);
        }
      };
      held.set(
        request.path,
        host.after(leaseMs / 3, () => void again()),
      );
    };
    return {
      async input(message, send) {
        const answer = await act(async (http) => {
          const request = conditionRequest(settings, message);
          if (request.method === "PUT" && settings.hold !== false && !held.has(request.path) && held.size >= maxHeld)
            throw badMessage(`This node holds ${maxHeld} conditions already; end one, or switch holding off.`);
          if (request.method === "DELETE") letGo(request.path);
          const got = (await http.json(request.method, request.path, request.body)) as Answer;
          if (request.method === "PUT") hold(request, got);
          return { ...got, isOver: request.method === "DELETE" };
        });
        const { condition, already, isOver } = answer;
        if (isOver) host.status("good", already ? "raise.status.was-over" : "raise.status.over", {});
        else host.status("attention", "raise.status.true", { title: condition?.title ?? "" });
        send({ ...message, payload: condition, already });
      },
      close() {
        isClosed = true;
        for (const path of [...held.keys()]) letGo(path);
      },
    };
  },
};
