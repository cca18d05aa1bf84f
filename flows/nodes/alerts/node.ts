/** `hearth alerts`: alerts as they change, first what is open. */

import { isOpen } from "../../client/wire.ts";
import type { NodeType } from "../../node-red/host.ts";
import { onUnknownPersons } from "../known-persons.ts";
import { alertFilter } from "./filter.ts";

export const alerts: NodeType = {
  type: "hearth alerts",
  open(settings, { gateway, send, status, error }) {
    const filter = alertFilter(settings);
    const open = new Set<string>();
    let told = 0;
    let others = 0;
    const show = () => {
      if (open.size > 0) status("attention", "alerts.status.open", { open: open.size, told });
      else if (told === 0 && others > 0) status("idle", "alerts.status.none-pass", { others });
      else status("good", "alerts.status.quiet", { told });
    };
    show();
    const ends = [
      gateway?.onAlert((alert, why, change) => {
        // What was open and has changed so that it passes no more is gone from here, but no news for this flow.
        if (filter.matches(alert) && isOpen(alert)) open.add(alert.id);
        else open.delete(alert.id);
        if (filter.matches(alert)) {
          told++;
          send({ topic: alert.rule, payload: alert, alert: { ...alert }, why, change });
        } else others++;
        show();
      }),
      gateway &&
        onUnknownPersons(gateway, filter.persons, (unknown) => {
          status("failed", "common.unknown-person", { person: unknown });
          error(new Error(`No person "${unknown}" lives here.`));
        }),
    ];
    return {
      close() {
        for (const end of ends) end?.();
      },
    };
  },
};
