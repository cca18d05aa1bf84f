/**
 * Was somebody still at the other end of a connection that a newer one of the same client replaced? A wearable that lost its radio leaves a connection that is
 * closed, reset or dead; a second device goes on speaking in it, or closes it when it is told to. Only the second kind shows that two devices use one identity.
 */

import type { Socket } from "node:net";
import type { Clock } from "../../device-drivers/contract/clock.ts";

/** Bytes within this time were on their way, or had not been read yet, when the newer connection came. A close that belongs to bytes comes within it, too. */
export const settleMs = 500;
/** A client that gave the connection up has its FIN sent again by its system: at the latest after as long as its radio was lost. */
export const silentMs = 5000;
/** One that reads its socket answers the gateway's FIN within this time. */
export const answerMs = 1000;

/**
 * Reads and drops what comes until it is known who is there, then ends the socket. `judged` is called once, not after a cut.
 * @returns cuts the watch short, without a verdict
 */
export function watchTakenOver(socket: Socket, clock: Clock, judged: (wasAlive: boolean) => void): () => void {
  const startUs = clock.monotonicUs();
  let state: "listening" | "spoke" | "asked" | "over" = "listening";
  let cancels: (() => void)[] = [];
  const wait = (ms: number, then: () => void) => void cancels.push(clock.after(ms, then));

  const stop = () => {
    state = "over";
    for (const cancel of cancels) cancel();
    cancels = [];
    socket.destroy();
  };
  const conclude = (wasAlive: boolean) => {
    if (state === "over") return;
    stop();
    judged(wasAlive);
  };

  wait(silentMs, () => {
    if (state !== "listening") return;
    state = "asked";
    socket.end();
    wait(answerMs, () => conclude(false));
  });
  socket.on("data", () => {
    // Bytes that come with the answer are old ones, sent again by a system whose program has left.
    if (state === "asked") return conclude(false);
    if (state !== "listening" || clock.monotonicUs() - startUs < settleMs * 1000) return;
    state = "spoke";
    wait(settleMs, () => conclude(true));
  });
  socket.on("end", () => conclude(state === "asked"));
  socket.on("error", () => conclude(false));
  socket.on("close", () => conclude(false));
  if (socket.destroyed || socket.readableEnded) queueMicrotask(() => conclude(false));
  else socket.resume();
  return stop;
}
