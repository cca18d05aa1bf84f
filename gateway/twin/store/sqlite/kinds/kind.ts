/**
 * How a kind of payload is written into its tables, inside the caller's transaction. Frames come in any order, from any worker: a repeat changes
 * nothing, and of two words about one thing the same one stays whichever came first.
 */

import type { Frame } from "../../../../semantic/frame.ts";
import type { Database } from "../database.ts";

type FrameHead = Omit<Frame, "s" | "p">;

export type Write<Payload> = (frame: FrameHead, payload: Payload, receivedUs: number) => void;

/** Prepares the statements of one kind. */
export type PrepareWrite<Payload> = (db: Database) => Write<Payload>;

/** Notes that something about a person has come; `asOfUs` is the end of the events that are here by it. */
export function prepareSeen(db: Database): (g: string, person: string, asOfUs: number | null, receivedUs: number) => void {
  const seen = db.prepare(
    `INSERT INTO people(g, person, as_of_us, received_us) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET as_of_us = max(coalesce(as_of_us, 0), coalesce(excluded.as_of_us, as_of_us)),
     received_us = coalesce(max(received_us, excluded.received_us), excluded.received_us)`,
  );
  return (g, person, asOfUs, receivedUs) => void seen.run(g, person, asOfUs, receivedUs);
}
