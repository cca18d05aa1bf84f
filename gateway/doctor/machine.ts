/** What the machine itself brings: system, Node, processor, memory, serial ports. Facts are read by `readMachine`; what they mean is pure. */

import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { cpus, freemem } from "node:os";
import { join } from "node:path";
import { sizeText } from "../runtime/text-table.ts";
import type { Check } from "./check.ts";

export interface MachineFacts {
  readonly platform: string;
  readonly arch: string;
  /** Version of the GNU C library; undefined on musl and outside Linux. */
  readonly glibc: string | undefined;
  readonly node: { readonly version: string; readonly path: string };
  readonly processor: string;
  readonly cores: number;
  /** `flags` or `Features` of /proc/cpuinfo; undefined where it can't be read. */
  readonly features: readonly string[] | undefined;
  /** What programs may still take, in bytes. */
  readonly freeMemoryBytes: number;
  readonly serialPorts: readonly { readonly path: string; readonly isOpenToUs: boolean }[];
}

/** Instructions that int8 models gain from. */
const usefulFeatures = ["avx2", "avx_vnni", "avx512_vnni", "asimd", "asimddp", "i8mm", "sve"];
/** Gateway, model host and twin at rest take 300 MB; the rest is for a house full of wearables. */
const wantedMemoryBytes = 500e6;

export function checkMachine(facts: MachineFacts): Check[] {
  const { platform, arch, glibc, node, processor, cores, features, freeMemoryBytes } = facts;
  const useful = features?.filter((feature) => usefulFeatures.includes(feature)) ?? [];
  return [
    { name: "system", state: "ok", says: `${platform} ${arch}${glibc === undefined ? "" : `, glibc ${glibc}`}` },
    { name: "node", state: "ok", says: `${node.version}, ${node.path}` },
    platform === "linux" && features === undefined
      ? {
          name: "processor",
          state: "warning",
          says: "/proc/cpuinfo can't be read; ONNX Runtime looks there for what this processor can do.",
        }
      : { name: "processor", state: "ok", says: `${processor}, ${cores} cores${useful.length === 0 ? "" : `, ${useful.join(" ")}`}` },
    freeMemoryBytes < wantedMemoryBytes
      ? { name: "memory", state: "warning", says: `${sizeText(freeMemoryBytes)} are free; Hearth wants ${sizeText(wantedMemoryBytes)}.` }
      : { name: "memory", state: "ok", says: `${sizeText(freeMemoryBytes)} are free` },
    checkUsb(facts.serialPorts),
  ];
}

function checkUsb(ports: MachineFacts["serialPorts"]): Check {
  const closed = ports.filter(({ isOpenToUs }) => !isOpenToUs).map(({ path }) => path);
  if (closed.length > 0)
    return {
      name: "usb",
      state: "warning",
      says: `This user may not open ${closed.join(", ")}: 'sudo usermod -aG dialout $USER', then log in again.`,
    };
  return {
    name: "usb",
    state: "ok",
    says: ports.length === 0 ? "no USB serial device is plugged in" : ports.map(({ path }) => path).join(", "),
  };
}

export function readMachine(): MachineFacts {
  const { platform, arch, version, execPath } = process;
  const all = cpus();
  return {
    platform,
    arch,
    glibc: glibcVersion(),
    node: { version, path: execPath },
    processor: all[0]?.model.trim() || arch,
    cores: all.length,
    features: processorFeatures(),
    freeMemoryBytes: freemem(),
    serialPorts: serialPorts(),
  };
}

export function glibcVersion(): string | undefined {
  // Without this a report looks up the names of every open connection.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime;
}

function processorFeatures(): string[] | undefined {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
    return line.trim().split(/\s+/);
  } catch {
    return undefined;
  }
}

function serialPorts(): { path: string; isOpenToUs: boolean }[] {
  const names = readdirSync("/dev").filter((name) => /^tty(USB|ACM)\d+$/.test(name));
  return names.map((name) => {
    const path = join("/dev", name);
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
      return { path, isOpenToUs: true };
    } catch {
      return { path, isOpenToUs: false };
    }
  });
}
