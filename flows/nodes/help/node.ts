/** `hearth help`: somebody calls for help with a button of the house, and may take it back while it counts down. */

import type { NodeType } from "../../node-red/host.ts";
import { createActing } from "../acting.ts";
import { type HelpCall, helpRequest, lookOf, nextLookMs } from "./call.ts";

interface Watched {
  /** What was sent last, so that a look that shows nothing new sends nothing. */
  readonly state: HelpCall["state"];
  readonly cancel: () => void;
}

export const help: NodeType = {
  type: "hearth help",
  open(settings, host) {
    const act = createActing(host);
    /** By person; the gateway has refused whoever does not live here. */
    const watched = new Map<string, Watched>();
    const show = (call: HelpCall) => {
      const { look, key, values } = lookOf(call);
      host.status(look, key, values);
    };
    /** Looks again until the countdown has ended, one way or the other. */
    const watch = (person: string, call: HelpCall) => {
      watched.get(person)?.cancel();
      watched.delete(person);
      const ms = nextLookMs(call);
      if (ms === undefined) return;
      const own: Watched = { state: call.state, cancel: host.after(ms, () => void look(person, own, call)) };
      watched.set(person, own);
    };
    const look = async (person: string, own: Watched, before: HelpCall) => {
      let now = before;
      try {
        const answer = await host.gateway?.http().json("GET", `/api/v1/people/${person}/help`);
        now = (answer as { help: HelpCall }).help;
      } catch {
        // The call is the gateway's by now; only its sight is late.
      }
      if (watched.get(person) !== own) return;
      show(now);
      if (now.state !== own.state) host.send({ topic: now.person, payload: now });
      watch(person, now);
    };
    return {
      async input(message, send) {
        const { call, already } = await act(async (http) => {
          const { method, person, body } = helpRequest(settings, message);
          const answer = (await http.json(method, `/api/v1/people/${person}/help`, body)) as { help: HelpCall; already: boolean };
          watch(person, answer.help);
          return { call: answer.help, already: answer.already };
        });
        show(call);
        send({ ...message, topic: call.person, payload: call, already });
      },
      close() {
        for (const { cancel } of watched.values()) cancel();
        watched.clear();
      },
    };
  },
};
