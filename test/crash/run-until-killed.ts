/** The parent of a child that works for ever and tells of it (`tell.ts`), line by line: a letter and a number. */

import { spawn } from "node:child_process";
import { expect } from "vitest";

const acknowledgement = "a".charCodeAt(0);

/** Runs a program until it has told of so many acknowledgements, kills it, and gives the numbers of each letter that it got out. */
export async function runUntilKilled(args: readonly string[], acks: number): Promise<(letter: string) => number[]> {
  const running = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const told: Buffer[] = [];
  let ackCount = 0;
  let isKilled = false;
  running.stdout.on("data", (data: Buffer) => {
    told.push(data);
    for (const byte of data) if (byte === acknowledgement) ackCount++;
    if (isKilled || ackCount < acks) return;
    isKilled = true;
    running.kill("SIGKILL");
  });
  await new Promise((resolve) => running.on("close", resolve));
  expect(running.signalCode).toBe("SIGKILL");
  const lines = Buffer.concat(told).toString("latin1").split("\n").slice(0, -1);
  return (letter) => lines.filter((line) => line.startsWith(letter)).map((line) => Number(line.slice(2)));
}
