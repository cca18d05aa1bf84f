/** Loads each native part in a child of its own and lets it work once: a library that does not fit this machine may end its process (SIGILL, SIGSEGV). */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { siblingUrl } from "../runtime/spawn.ts";
import type { Check } from "./check.ts";

/** Part → what the house needs it for. `native-child.ts` knows how to try each. */
export const nativeParts = {
  database: "better-sqlite3 keeps events and alerts",
  models: "ONNX Runtime computes every model of this house once",
  serial: "serialport reads wired sensors",
  page: "esbuild makes the page",
  terminal: "node-pty is the demo's wired sensor",
} as const;

export type NativePart = keyof typeof nativeParts;

interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

const limitMs = 120_000;

/** @param childUrl another child, for tests. */
export async function checkNatives(childUrl: URL = siblingUrl(import.meta.url, "native-child")): Promise<Check[]> {
  const checks: Check[] = [];
  // One after the other: a small machine has room for one.
  for (const part of Object.keys(nativeParts) as NativePart[]) checks.push(checkOf(part, await endOf(childUrl, part)));
  return checks;
}

function endOf(childUrl: URL, part: NativePart): Promise<ChildEnd> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [fileURLToPath(childUrl), part],
      { timeout: limitMs, killSignal: "SIGKILL" },
      (_, __, stderr) => resolve({ code: child.exitCode, signal: child.signalCode, stderr }),
    );
  });
}

export function checkOf(part: NativePart, { code, signal, stderr }: ChildEnd): Check {
  const purpose = nativeParts[part];
  if (code === 0) return { name: part, state: "ok", says: `${purpose}: works` };
  const reason = reasonOf(signal, stderr);
  return { name: part, state: part === "terminal" ? "warning" : "bad", says: `${purpose}: ${reason}` };
}

function reasonOf(signal: string | null, stderr: string): string {
  if (signal === "SIGILL") return "ended by SIGILL, so this processor lacks an instruction that it needs.";
  if (signal === "SIGKILL") return "gave no answer and was ended; is there too little memory?";
  if (signal !== null) return `ended by ${signal}.`;
  const library = /version [`'](GLIBC(?:XX)?)_([\d.]+)' not found/.exec(stderr);
  if (library !== null) {
    const name = library[1] === "GLIBC" ? "glibc" : "libstdc++ (GLIBCXX)";
    return `needs ${name} ${library[2]} or newer; Debian 12, Ubuntu 22.04 and Raspberry Pi OS Bookworm have it.`;
  }
  const error = stderr.split("\n").find((line) => /^\w*Error\b/.test(line));
  return `${(error ?? stderr.trim().split("\n").at(-1) ?? "").slice(0, 300)} – 'npm ci' installs it anew.`;
}
