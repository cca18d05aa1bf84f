/** Says at once, not when nothing ever comes, that a node waits for somebody who does not live here. */

import type { Http } from "../client/http.ts";
import type { Person } from "../client/wire.ts";
import type { NodeHost, StatusLine } from "../node-red/host.ts";

interface KnownPersons {
  /** The node's own line, which is shown while everybody is known. */
  readonly status: NodeHost["status"];
  close(): void;
}

/** Looks each time that the connection has come; the first of `wanted` whom the gateway does not know stands at the node, and is its error. */
export function watchPersons({ gateway, status, error }: NodeHost, wanted: readonly string[]): KnownPersons {
  let unknown: string | undefined;
  let own: StatusLine | undefined;
  let isOver = false;
  const ask = async (http: Http) => {
    const { people } = (await http.json("GET", "/api/v1/people")) as { people: Person[] };
    if (isOver) return;
    unknown = wanted.find((id) => !people.some((person) => person.id === id));
    if (unknown !== undefined) {
      status("failed", "common.unknown-person", { person: unknown });
      error(new Error(`No person "${unknown}" lives here.`));
    } else if (own !== undefined) status(own.look, own.key, own.values);
  };
  const stop = gateway?.onState(({ kind }) => {
    // A line that breaks here is told by the connection itself, and comes again.
    if (kind === "live" && wanted.length > 0) ask(gateway.http()).catch(() => {});
  });
  return {
    status(look, key, values) {
      own = values === undefined ? { look, key } : { look, key, values };
      if (unknown === undefined) status(look, key, values);
    },
    close() {
      isOver = true;
      stop?.();
    },
  };
}
