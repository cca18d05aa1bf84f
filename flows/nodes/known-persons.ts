/** Says at once, not when nothing ever comes, that a node waits for somebody who does not live here. */

import type { Gateway } from "../client/connection.ts";
import type { Person } from "../client/wire.ts";

/** Calls with the first of `wanted` that the gateway does not know, each time that the connection has come; returns its end. */
export function onUnknownPersons(gateway: Gateway, wanted: readonly string[], tell: (unknown: string) => void): () => void {
  if (wanted.length === 0) return () => {};
  let isOver = false;
  const ask = async () => {
    const { people } = (await gateway.http().json("GET", "/api/v1/people")) as { people: Person[] };
    const unknown = wanted.find((id) => !people.some((person) => person.id === id));
    if (unknown !== undefined && !isOver) tell(unknown);
  };
  const stop = gateway.onState(({ kind }) => {
    // A line that breaks here is told by the connection itself, and comes again.
    if (kind === "live") ask().catch(() => {});
  });
  return () => {
    isOver = true;
    stop();
  };
}
