/** `hearth doctor`: can Hearth run on this machine, and what of the install does it not need? `--trim` removes the latter; nothing else here changes anything. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { homeFolder } from "../config/load.ts";
import type { Check } from "../doctor/check.ts";
import { checkMachine, glibcVersion, readMachine } from "../doctor/machine.ts";
import { checkNatives } from "../doctor/natives.ts";
import { findUnneeded, removeUnneeded, type System, type Trimmed, type Unneeded } from "../doctor/other-systems.ts";
import { checkPlace } from "../doctor/place.ts";
import { checkRecord } from "../doctor/record.ts";
import { sizeText } from "../runtime/text-table.ts";

interface DoctorArguments {
  readonly trim: boolean;
  readonly json: boolean;
}

const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** Sets exit code 1 where something is bad, or where `--trim` could not remove all. */
export async function doctor({ trim, json }: DoctorArguments): Promise<void> {
  const unneeded = findUnneeded(modules, thisSystem());
  const trimmed = trim ? removeUnneeded(modules, unneeded) : undefined;
  const folder = homeFolder();
  // After the trim, so that they tell whether everything still loads.
  const checks = [
    ...checkMachine(readMachine()),
    ...(await checkNatives()),
    ...(await checkPlace(folder, await isAnswering(folder))),
    ...checkRecord(folder),
  ];
  const isFit = checks.every(({ state }) => state !== "bad");
  if (!isFit || (trimmed?.kept.length ?? 0) > 0) process.exitCode = 1;
  const left = trimmed?.kept ?? unneeded;
  process.stdout.write(
    json
      ? `${JSON.stringify({ ok: isFit, checks, not_needed: left, ...(trimmed === undefined ? {} : { removed: trimmed.removed }) })}\n`
      : `${[...checks.map(lineOf), verdict(checks), "", ...(trimmed === undefined ? offer(unneeded) : report(trimmed))].join("\n")}\n`,
  );
}

function thisSystem(): System {
  const { platform, arch } = process;
  return { platform, arch, isMusl: platform === "linux" && glibcVersion() === undefined };
}

/** True where the gateway that wrote this home's ports.json answers on them. */
async function isAnswering(folder: string): Promise<boolean> {
  try {
    const { http } = JSON.parse(await readFile(join(folder, "ports.json"), "utf8")) as { http: number };
    return (await fetch(`http://127.0.0.1:${http}/healthz`)).status > 0;
  } catch {
    return false;
  }
}

function lineOf({ name, state, says }: Check): string {
  return `${{ ok: "ok     ", warning: "warning", bad: "BAD    " }[state]}  ${name.padEnd(9)}  ${says}`;
}

function verdict(checks: readonly Check[]): string {
  const bad = checks.filter(({ state }) => state === "bad").map(({ name }) => name);
  return bad.length === 0 ? "Hearth can run here." : `Hearth cannot run here: ${bad.join(", ")}.`;
}

function offer(unneeded: readonly Unneeded[]): string[] {
  if (unneeded.length === 0) return ["The install holds nothing for other systems."];
  const words = "Programs for other systems and files for a compiler, which nothing here loads";
  return [`${words}: ${totalText(unneeded)}`, ...listed(unneeded), "'hearth doctor --trim' removes them; 'npm ci' brings them back."];
}

function report({ removed, kept }: Trimmed): string[] {
  const failed = kept.map(({ path, reason }) => `  not removed (${reason}): node_modules/${path}`);
  if (removed.length === 0) return [failed.length === 0 ? "There was nothing to remove." : "Nothing could be removed:", ...failed];
  return [`Removed: ${totalText(removed)}`, ...listed(removed), ...failed, "'npm ci' brings them back."];
}

function listed(unneeded: readonly Unneeded[]): string[] {
  return unneeded.map(({ path, bytes }) => `  ${sizeText(bytes).padStart(9)}  node_modules/${path}`);
}

function totalText(unneeded: readonly Unneeded[]): string {
  return sizeText(unneeded.reduce((sum, { bytes }) => sum + bytes, 0));
}
