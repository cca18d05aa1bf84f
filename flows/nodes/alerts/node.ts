/** `hearth alerts`: alerts as they change, first what is open. */

import { isOpen } from "../../client/wire.ts";
import type { NodeType } from "../../node-red/host.ts";
import { watchPersons } from "../known-persons.ts";
import { alertFilter } from "./filter.ts";

export const alerts: NodeType = {
  type: "hearth alerts",
  open(settings, host) {
    const { gateway, send } = host;
    const filter = alertFilter(settings);
    const open = new Set<string>();
    let told = 0;
    let others = 0;
    const { status, close: stopWatching } = watchPersons(host, filter.persons);
    const show = () => {
      if (open.size > 0) status("attention", "alerts.status.open", { open: open.size, told });
      else if (told === 0 && others > 0) status("idle", "alerts.status.none-pass", { others });
      else status("good", "alerts.status.quiet", { told });
    };
    show();
    const stop = gateway?.onAlert((alert, why, change) => {
      // What was open and has changed so that it passes no more is gone from here, but no news for this flow.
      if (filter.matches(alert) && isOpen(alert)) open.add(alert.id);
      else open.delete(alert.id);
      if (filter.matches(alert)) {
        told++;
        send({ topic: alert.rule, payload: alert, alert: { ...alert }, why, change });
      } else others++;
      show();
    });
    return {
      close() {
        stop?.();
        stopWatching();
      },
    };
  },
};
