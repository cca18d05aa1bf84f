/** `hearth strip`: a stretch of signal, round an alert or a time, as values, as a picture on ECG paper or as a WFDB record. */

import { setTimeout as pause } from "node:timers/promises";
import { HearthProblem, problemOf } from "../../client/problem.ts";
import type { Message, NodeType, Settings } from "../../node-red/host.ts";
import { onPaper } from "./paper.ts";
import { toPng } from "./png.ts";
import { stripRequest } from "./request.ts";
import { chosen, type Strip, stripValues } from "./strip.ts";
import { toSvg } from "./svg.ts";
import { wfdbFiles } from "./wfdb.ts";

/** Messages whose stretch isn't over yet, and requests on their way. */
const maxWaiting = 100;
/** A time further ahead than an alert's own stretch is a mistake of the flow. */
const maxWaitMs = 60_000;

export const strip: NodeType = {
  type: "hearth strip",
  open(settings, { gateway, status }) {
    const over = new AbortController();
    let waiting = 0;
    const make = async (message: Message): Promise<Message> => {
      if (gateway === undefined) throw new HearthProblem("flows.no_gateway", "No gateway is chosen.");
      if (waiting >= maxWaiting)
        throw new HearthProblem("flows.busy", `More than ${maxWaiting} messages wait for their stretch of signal.`);
      waiting++;
      try {
        const { path, name, endMs } = stripRequest(settings, message);
        const waitMs = settings.whole === true ? Math.min(maxWaitMs, endMs - Date.now()) : 0;
        if (waitMs > 0) {
          status("waiting", "strip.status.waiting");
          await pause(waitMs, undefined, { signal: over.signal });
        }
        const answer = (await gateway.http().json("GET", path, undefined, { signal: over.signal })) as Strip;
        return { ...message, ...formed(settings, chosen(answer, String(settings.channel ?? "").trim()), { name, title: message.title }) };
      } finally {
        waiting--;
      }
    };
    return {
      async input(message, send) {
        try {
          const made = await make(message);
          status("good", "strip.status.made", { name: String(made.filename ?? "") });
          send([made, null]);
        } catch (error) {
          if (over.signal.aborted) return;
          // What a flow had to say is said all the same, without a picture.
          const { code, message: detail } = problemOf(error);
          status("attention", "strip.status.without", { why: detail });
          send([null, { ...message, problem: { code, detail } }]);
        }
      },
      close: () => over.abort(),
    };
  },
};

function formed(settings: Settings, found: Strip, { name, title }: { readonly name: string; readonly title: unknown }): Message {
  const picture = () => onPaper(found, { title: typeof title === "string" ? title : "" });
  const file = (ending: string, contentType: string, payload: unknown): Message => ({
    payload,
    filename: `${name}.${ending}`,
    contentType,
  });
  switch (settings.format) {
    case "png":
      return file("png", "image/png", toPng(picture()));
    case "svg":
      return file("svg", "image/svg+xml", toSvg(picture()));
    case "wfdb":
      return { payload: wfdbFiles(found, name), filename: name };
    default:
      if (found.traces.length === 0) throw new HearthProblem("flows.no_signal", "No signal was kept of this time.");
      return { payload: stripValues(found), filename: name };
  }
}
