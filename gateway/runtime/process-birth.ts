/** Tells a process from a later one of the same number: after a power cut an early number is soon another program's. */

import { readFileSync } from "node:fs";

/** The boot and the start within it (proc(5): stat, field 22); "" where the system has no /proc or the process is gone or a zombie. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name, the second field, may have spaces and brackets in it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return "";
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${fields[19]}`;
  } catch {
    return "";
  }
}

/** One line for a file that names a process: "number birth". */
export function processLine(pid: number): string {
  return `${pid} ${birthOf(pid)}\n`;
}

/** The number in a line of `processLine` while that very process lives; a line without a birth is believed by its number alone. */
export function livingProcess(line: string): number | undefined {
  const [number = "", birth = ""] = line.trim().split(" ");
  const pid = Number.parseInt(number, 10);
  return isAlive(pid) && (birth === "" || birth === birthOf(pid)) ? pid : undefined;
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
