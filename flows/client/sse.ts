/** Cuts an event stream (WHATWG HTML, "Server-sent events") into events. Pure; it never keeps more than one unfinished event. */

import { HearthProblem } from "./problem.ts";

export interface StreamEvent {
  readonly event: string;
  readonly data: string;
  /** The last id that the stream has named, as the standard wants it; "" = none. */
  readonly id: string;
}

/** The gateway's largest event is a block of samples, some ten kB. */
const maxEventChars = 1 << 20;

/** Returns a machine: text in, finished events out; `id` is the last one of the line before. It throws `flows.too_large` for an event beyond 1 MB. */
export function createSseParser(id = ""): (text: string) => StreamEvent[] {
  let rest = "";
  let lastId = id;
  const eventOf = (block: string): StreamEvent[] => {
    let event = "message";
    const data: string[] = [];
    for (const line of block.split("\n")) {
      const [, field, value = ""] = /^(\w+)(?:: ?(.*))?$/.exec(line) ?? [];
      if (field === "event") event = value;
      else if (field === "data") data.push(value);
      else if (field === "id" && !value.includes("\0")) lastId = value;
    }
    return data.length === 0 ? [] : [{ event, data: data.join("\n"), id: lastId }];
  };
  return (text) => {
    rest += text.replaceAll("\r", "");
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    if (rest.length > maxEventChars) throw new HearthProblem("flows.too_large", "The gateway sent an event of more than 1 MB.");
    return blocks.flatMap(eventOf);
  };
}
