/** Over the gateway's REST interface, where no MQTT is reachable: a batch by POST, answered when it is on the gateway's disk. */

import type { Gateway } from "../../client/connection.ts";
import { HearthProblem, problemOf } from "../../client/problem.ts";
import type { Line, LineEvents } from "./line.ts";
import type { OutSettings } from "./settings.ts";

interface RestLineParts extends LineEvents {
  readonly settings: Pick<OutSettings, "device" | "stream" | "meta">;
  readonly gateway: Gateway;
}

export function openRestLine({ settings, gateway, onUp, onAnswer }: RestLineParts): Line {
  const { device, stream, meta } = settings;
  const path = `/api/v1/streams/${device}/${stream}`;
  let described: Promise<unknown> | undefined;
  const describe = () => {
    const body = { type: "application/json", bytes: meta };
    described ??= gateway
      .http()
      .bytes("PUT", `${path}/meta`, body)
      .catch((error: unknown) => {
        described = undefined;
        throw asLasting(error);
      });
    return described;
  };
  // Nothing is open between requests: each says for itself whether the gateway is there.
  queueMicrotask(onUp);
  return {
    async send(bytes) {
      try {
        await describe();
        const answer = await gateway.http().bytes("POST", path, { type: "application/cbor", bytes });
        if (answer.includes("wants_descriptor") && JSON.parse(answer.toString()).wants_descriptor) {
          described = undefined;
          await describe();
        }
        onAnswer({ reason: undefined });
      } catch (error) {
        onAnswer({ reason: problemOf(error).message });
        throw error;
      }
    },
    close: async () => {},
  };
}

/** A descriptor that is refused says nothing against the batches: they wait until it is mended. */
function asLasting(error: unknown): HearthProblem {
  const { code, message } = problemOf(error);
  return new HearthProblem(code, message);
}
