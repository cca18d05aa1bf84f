/** `hearth twin`: reads what the twin knows, and tells it what is wished of the gateway. */

import type { NodeType } from "../../node-red/host.ts";
import { createActing } from "../acting.ts";
import { badMessage } from "../message.ts";
import { type Desired, twinPath, wishOf } from "./question.ts";

export const twin: NodeType = {
  type: "hearth twin",
  open(settings, host) {
    const act = createActing(host);
    const desiredPath = () => {
      const state = host.gateway?.state();
      if (state?.kind !== "live") throw badMessage("The gateway is not there, so nobody knows its name at the twin.");
      return `/api/v1/gateways/${encodeURIComponent(state.status.gateway)}/desired`;
    };
    return {
      async input(message, send) {
        const what = message.what ?? settings.what;
        const payload = await act(async (http) => {
          if (what !== "desired" && what !== "set-desired") return http.json("GET", twinPath(settings, message));
          const twinHttp = host.gateway?.twin();
          if (twinHttp === undefined) throw badMessage("Name the twin's own address in the gateway's dialog: wishes go there.");
          const now = (await twinHttp.json("GET", desiredPath())) as { desired: Desired | null };
          if (what === "desired") return now;
          return twinHttp.json("PUT", desiredPath(), wishOf(now.desired, message.payload));
        });
        host.status("good", what === "set-desired" ? "twin.status.wished" : "twin.status.answered");
        send({ ...message, payload });
      },
    };
  },
};
