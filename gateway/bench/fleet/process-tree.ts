/** What a process and all that it has started have spent of CPU, those that have ended included (Linux). */

import { readdir, readFile } from "node:fs/promises";

const msPerJiffy = 10;

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Its own, and of children that it has waited for. */
  readonly cpuMs: number;
  readonly residentMb: number;
}

interface TreeFigures {
  readonly cpuMs: number;
  /** Resident, shared pages counted once each time. */
  readonly residentMb: number;
}

export async function treeOf(root: number): Promise<TreeFigures> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map(processOf))).flatMap((process) => process ?? []);
  const tree = new Set([root]);
  // A child's number may be lower than its parent's, so until nothing is added.
  for (let before = 0; before < tree.size; ) {
    before = tree.size;
    for (const { pid, parent } of all) if (tree.has(parent)) tree.add(pid);
  }
  const own = all.filter(({ pid }) => tree.has(pid));
  const sum = (of: (process: Process) => number) => own.reduce((total, process) => total + of(process), 0);
  return { cpuMs: sum(({ cpuMs }) => cpuMs), residentMb: sum(({ residentMb }) => residentMb) };
}

async function processOf(pid: number): Promise<Process | undefined> {
  // One that has ended meanwhile has no file any more.
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const number = (at: number) => Number(fields[at]);
  return {
    ...{ pid, parent: number(1) },
    cpuMs: (number(11) + number(12) + number(13) + number(14)) * msPerJiffy,
    residentMb: (number(21) * 4096) / 2 ** 20,
  };
}
