/** `hearth acknowledge`: what a person does with an alert, in that person's name. */

import type { Alert } from "../../client/wire.ts";
import type { NodeType } from "../../node-red/host.ts";
import { createActing } from "../acting.ts";
import { doneBefore, verbRequest } from "./request.ts";

export const acknowledge: NodeType = {
  type: "hearth acknowledge",
  open(settings, host) {
    const act = createActing(host);
    return {
      async input(message, send) {
        const answer = await act(async (http) => {
          const { verb, path, body } = verbRequest(settings, message);
          return { verb, ...((await http.json("POST", path, body)) as { alert: Alert; already: boolean }) };
        });
        const { verb, alert, already } = answer;
        const before = doneBefore(alert, already);
        if (before === undefined) host.status("good", "acknowledge.status.done", { verb, title: alert.title });
        else host.status("idle", before === "" ? "acknowledge.status.already" : "acknowledge.status.already-by", { by: before });
        send({ ...message, payload: alert, alert: { ...alert }, verb, already, already_by: before || null });
      },
    };
  },
};
