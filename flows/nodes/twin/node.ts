/** `hearth twin`: reads what the twin knows, and tells it what is wished of the gateway. */

import type { Http } from "../../client/http.ts";
import type { NodeType } from "../../node-red/host.ts";
import { createActing } from "../acting.ts";
import { badMessage } from "../message.ts";
import { type Desired, twinPath, wishOf } from "./question.ts";

export const twin: NodeType = {
  type: "hearth twin",
  open(settings, host) {
    const act = createActing(host);
    /** Where wishes are read and made: through the gateway, unless its dialog names a twin elsewhere. */
    const wishes = (http: Http) => {
      const state = host.gateway?.state();
      if (state?.kind !== "live") throw badMessage("The gateway is not there, so nobody knows its name at the twin.");
      const path = `gateways/${encodeURIComponent(state.status.gateway)}/desired`;
      const elsewhere = host.gateway?.twin();
      return elsewhere === undefined ? { http, path: `/api/v1/twin/${path}` } : { http: elsewhere, path: `/api/v1/${path}` };
    };
    return {
      async input(message, send) {
        const what = message.what ?? settings.what;
        const payload = await act(async (http) => {
          if (what !== "desired" && what !== "set-desired") return http.json("GET", twinPath(settings, message));
          const at = wishes(http);
          const now = (await at.http.json("GET", at.path)) as { desired: Desired | null };
          if (what === "desired") return now;
          return at.http.json("PUT", at.path, wishOf(now.desired, message.payload));
        });
        host.status("good", what === "set-desired" ? "twin.status.wished" : "twin.status.answered");
        send({ ...message, payload });
      },
    };
  },
};
