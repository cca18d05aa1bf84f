import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { answerMs, settleMs, silentMs, watchTakenOver } from "./taken-over.ts";

/** A socket that keeps what is done to it. */
function watch(more: Partial<Socket> = {}) {
  const clock = virtualClock();
  clock.advance(7000);
  const done: string[] = [];
  const socket = Object.assign(new EventEmitter(), {
    destroyed: false,
    readableEnded: false,
    resume: () => done.push("resume"),
    end: () => done.push("end"),
    destroy: () => done.push("destroy"),
    ...more,
  });
  const verdicts: boolean[] = [];
  const stop = watchTakenOver(socket as unknown as Socket, clock, (wasAlive) => verdicts.push(wasAlive));
  return { clock, socket, verdicts, done, stop, speak: () => void socket.emit("data", Uint8Array.of(1)) };
}

test("its times are half a second for what was on its way, five seconds of silence, and one for the answer", () => {
  expect([settleMs, silentMs, answerMs]).toEqual([500, 5000, 1000]);
});

describe("behind a connection that was replaced there is a device still", () => {
  test("where it goes on speaking for more than half a second, and stays for another half", () => {
    const { clock, speak, verdicts, done } = watch();
    clock.advance(500);
    speak();
    clock.advance(499);
    expect(verdicts).toEqual([]);
    clock.advance(1);
    expect([verdicts, done]).toEqual([[true], ["resume", "destroy"]]);
    clock.advance(60_000);
    speak();
    expect([verdicts, done]).toEqual([[true], ["resume", "destroy"]]);
  });

  test("also where it speaks again and again: the half second counts from the first of it", () => {
    const { clock, speak, verdicts } = watch();
    clock.advance(500);
    for (let i = 0; i < 5; i++) {
      speak();
      clock.advance(100);
    }
    expect(verdicts).toEqual([true]);
  });

  test("where it is silent and answers the gateway's close", () => {
    const { clock, socket, verdicts, done } = watch();
    clock.advance(4999);
    expect(done).toEqual(["resume"]);
    clock.advance(1);
    expect(done).toEqual(["resume", "end"]);
    clock.advance(999);
    socket.emit("end");
    expect([verdicts, done]).toEqual([[true], ["resume", "end", "destroy"]]);
  });
});

describe("nobody is there", () => {
  test("where only bytes come that were on their way, and no answer to the gateway's close", () => {
    const { clock, speak, verdicts, done } = watch();
    speak();
    clock.advance(499);
    speak();
    clock.advance(4501);
    expect([verdicts, done]).toEqual([[], ["resume", "end"]]);
    clock.advance(999);
    expect(verdicts).toEqual([]);
    clock.advance(1);
    expect([verdicts, done]).toEqual([[false], ["resume", "end", "destroy"]]);
  });

  test("where bytes come with the answer: they are old ones", () => {
    const { clock, socket, speak, verdicts } = watch();
    clock.advance(5000);
    speak();
    socket.emit("end");
    expect(verdicts).toEqual([false]);
  });

  test.each(["end", "error", "close"])("where the connection itself has its %s first, also within the half second after bytes", (event) => {
    const at = (ms: number, isSpeaking: boolean) => {
      const { clock, socket, speak, verdicts } = watch();
      clock.advance(ms);
      if (isSpeaking) speak();
      socket.emit(event, new Error("reset"));
      socket.emit("close");
      clock.advance(60_000);
      return verdicts;
    };
    expect([at(0, false), at(4000, false), at(600, true)]).toEqual([[false], [false], [false]]);
  });

  test.each([{ destroyed: true }, { readableEnded: true }])("where it had ended before anybody looked: %o", async (ended) => {
    const { verdicts, done } = watch(ended);
    expect(verdicts).toEqual([]);
    await turn();
    expect([verdicts, done]).toEqual([[false], ["destroy"]]);
  });
});

test("a device that speaks is not asked as well: its answer would be nothing new", () => {
  const { clock, speak, done } = watch();
  clock.advance(4800);
  speak();
  clock.advance(400);
  expect(done).toEqual(["resume"]);
});

test("a watch that is cut short ends the socket and says nothing", () => {
  const { clock, socket, speak, stop, verdicts, done } = watch();
  stop();
  speak();
  socket.emit("end");
  clock.advance(60_000);
  expect([verdicts, done]).toEqual([[], ["resume", "destroy"]]);
});
