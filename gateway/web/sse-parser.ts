/** Cuts the text of an event stream into events, however it arrives. Pure; it never keeps more than one unfinished event. */

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** Returns a machine: text in, finished events out. */
export function createSseParser(): (text: string) => ServerEvent[] {
  let rest = "";
  return (text) => {
    rest += text.replaceAll("\r", "");
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    return blocks.flatMap((block) => {
      let event = "message";
      const data: string[] = [];
      for (const line of block.split("\n")) {
        if (line.startsWith("event:")) event = line.slice(6).trim();
        else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
      }
      return data.length === 0 ? [] : [{ event, data: data.join("\n") }];
    });
  };
}
