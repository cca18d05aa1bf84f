/** What a run prints at its end. */

import { floor, folderOf, goal } from "./folders.ts";
import type { Verdict } from "./hunt.ts";
import type { Mutant } from "./plant.ts";

const lines = (sign: string, text: string) =>
  text
    .split("\n")
    .map((line) => `    ${sign} ${line.trim()}`)
    .join("\n");

/** A fault as a difference. */
export function planted({ file, line, operator, before, after }: Mutant): string {
  return `${file}:${line} ${operator}\n${lines("-", before)}\n${lines("+", after)}`;
}

export function survivors(verdicts: readonly Verdict[]): string {
  const left = verdicts.filter(({ noticedBy }) => noticedBy === undefined);
  return left.length === 0 ? "" : `No test noticed:\n${left.map(({ mutant }) => planted(mutant)).join("\n")}\n\n`;
}

interface Share {
  readonly folder: string;
  readonly noticed: number;
  readonly planted: number;
}

function shares(verdicts: readonly Verdict[]): Share[] {
  return [...Map.groupBy(verdicts, ({ mutant }) => folderOf(mutant.file))].map(([folder, of]) => ({
    folder,
    noticed: of.filter(({ noticedBy }) => noticedBy !== undefined).length,
    planted: of.length,
  }));
}

const percent = ({ noticed, planted }: Share) => `${Math.round((100 * noticed) / planted)} %`;

export function table(verdicts: readonly Verdict[]): string {
  const rows = shares(verdicts);
  const total = { folder: "all", noticed: rows.reduce((n, row) => n + row.noticed, 0), planted: verdicts.length };
  const says = (row: Share) =>
    row.noticed < floor * row.planted ? "BELOW THE FLOOR" : row.noticed < goal * row.planted ? "below the goal" : "";
  return [...rows, ...(rows.length > 1 ? [total] : [])]
    .map((row) =>
      [
        row.folder.padEnd(26),
        `${row.noticed} of ${row.planted}`.padStart(12),
        percent(row).padStart(6),
        row === total ? "" : ` ${says(row)}`,
      ]
        .join(" ")
        .trimEnd(),
    )
    .join("\n");
}

/** Whether every folder has its share. */
export function isAboveFloor(verdicts: readonly Verdict[]): boolean {
  return shares(verdicts).every(({ noticed, planted }) => noticed >= floor * planted);
}
