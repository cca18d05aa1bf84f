/** Prints an alert as one line, for the demo. Never in a log: it carries a name and a value. */

import { type Channel, standingChannel } from "./channel.ts";

/** `write` takes one line without its end; `run` makes the receipts of this start unlike those of another. */
export function consoleChannel(write: (line: string) => void, run = "line"): Channel {
  let lines = 0;
  return {
    name: "console",
    async send({ alert, title, why }) {
      write(`ALERT ${alert.priority} ${alert.rule}: ${title}${why === "raised" ? "" : ` (${why.replaceAll("-", " ")})`}`);
      return { receipt: `${run}-${++lines}` };
    },
  };
}

export const consolePrinter = standingChannel("console", ({ print, run }) =>
  print === undefined ? undefined : consoleChannel(print, run),
);
