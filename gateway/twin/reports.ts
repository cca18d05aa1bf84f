/** What gateways report as in force: checked, and written one after the other for each gateway, so that the last word stays. */

import { toGatewayError } from "../../device-drivers/contract/error.ts";
import { readJson } from "../../device-drivers/framing/json-reader.ts";
import type { Log } from "../runtime/log.ts";
import { maxDesiredBytes } from "../semantic/desired.ts";
import type { TwinStore } from "./store/port.ts";

/** What a gateway reports is a wish with its version. */
const maxReportedBytes = 2 * maxDesiredBytes;

/** Resolves when the report is written, or another that came later will be; a gateway reports again at its next connection. */
export function createReports({
  store,
  log,
  onMalformed,
}: {
  readonly store: Pick<TwinStore, "putReported">;
  readonly log: Log;
  readonly onMalformed: () => void;
}): (gateway: string, bytes: Uint8Array) => Promise<void> {
  /** Of gateways whose report is being written: the one to write next. */
  const nextOf = new Map<string, string | undefined>();
  return async (gateway, bytes) => {
    const reported = readJson(bytes, { maxBytes: maxReportedBytes })?.value;
    if (typeof reported !== "object" || reported === null || Array.isArray(reported)) return onMalformed();
    const isBusy = nextOf.has(gateway);
    nextOf.set(gateway, JSON.stringify(reported));
    if (isBusy) return;
    for (let text = nextOf.get(gateway); text !== undefined; text = nextOf.get(gateway)) {
      nextOf.set(gateway, undefined);
      try {
        await store.putReported(gateway, text);
      } catch (thrown) {
        log.error({ code: toGatewayError(thrown, "twin.not_stored").code }, "what a gateway reported could not be stored");
      }
    }
    nextOf.delete(gateway);
  };
}
