/** `hearth results`: what the gateway's models found, whichever they are, with quality and age. */

import type { Status } from "../../client/wire.ts";
import type { NodeType } from "../../node-red/host.ts";
import { watchPersons } from "../known-persons.ts";
import { createQualities, type LiveQuality } from "./qualities.ts";
import { createResultFilter, type LiveModelResult, type LiveResult, modelResultOf, resultOf } from "./results.ts";

export const results: NodeType = {
  type: "hearth results",
  open(settings, host) {
    const { gateway, send, nowMs } = host;
    const filter = createResultFilter(settings);
    const qualities = createQualities();
    let sent = 0;
    let others = 0;
    let aheadMs = 0;
    const { status, close: stopWatching } = watchPersons(host, filter.persons);
    const tell = (result: ReturnType<typeof resultOf>) => {
      if (result === undefined) return;
      if (filter.wants(result)) {
        sent++;
        send({ topic: `${result.person}/${result.kind}`, ...result, payload: result.value ?? result.label });
        status("good", "results.status.last", { label: result.label, sent });
      } else if (++others % 100 === 0 && sent === 0) status("idle", "results.status.none-pass", { others });
    };
    const ends = [
      gateway?.onEvent("status", (data) => {
        aheadMs = Date.parse((data as { status: Status }).status.time) - nowMs();
      }),
      gateway?.onEvent("quality", (data) => qualities.note(data as LiveQuality)),
      gateway?.onEvent("event", (data) => tell(resultOf(data as LiveResult, qualities.of, nowMs() + aheadMs))),
      gateway?.onEvent("result", (data) => tell(modelResultOf(data as LiveModelResult, qualities.of, nowMs() + aheadMs))),
      stopWatching,
    ];
    return {
      close() {
        for (const end of ends) end?.();
      },
    };
  },
};
