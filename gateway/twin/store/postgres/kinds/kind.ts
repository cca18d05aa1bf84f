/** How a kind of payload is written into its tables, inside the caller's transaction; it promises what `../../sqlite/kinds/kind.ts` does. */

import type { Frame } from "../../../../semantic/frame.ts";
import type { Ask } from "../pool.ts";

export type FrameHead = Omit<Frame, "s" | "p">;

export type Write<Payload> = (ask: Ask, frame: FrameHead, payload: Payload, receivedUs: number) => Promise<void>;

/** Notes that something about a person has come; `asOfUs` is the end of the events that are here by it. */
export async function seen(ask: Ask, g: string, person: string, asOfUs: number | null, receivedUs: number): Promise<void> {
  await ask(
    `INSERT INTO people(g, person, as_of_us, received_us) VALUES ($1, $2, $3, $4)
     ON CONFLICT (g, person) DO UPDATE SET as_of_us = greatest(people.as_of_us, excluded.as_of_us),
     received_us = greatest(people.received_us, excluded.received_us)`,
    [g, person, asOfUs, receivedUs],
  );
}
