/** What the pipeline is given: the ports that it writes to and reads from, and who decides what a device and a person are. */

import type { Driver } from "../../device-drivers/contract/driver.ts";
import type { Journal } from "../journal/journal-port.ts";
import type { Store } from "../store/store-port.ts";
import type { createDecider } from "./decide.ts";
import type { PipelineListener } from "./listener.ts";
import type { PersonOptions } from "./person.ts";
import type { Settled } from "./settle-queue.ts";
import type { WarmUpOptions } from "./warm-up.ts";

export interface PipelineOptions {
  readonly journal: Journal;
  readonly store: Pick<Store, "commit" | "mark" | "events">;
  /** The driver of a device, loaded before its first byte. */
  readonly driverOf: (device: string) => { driver: Driver; options: unknown } | undefined;
  readonly personOf: (device: string, atUs: number) => string | undefined;
  /** What parts that begin afresh are fed; without it they are fed nothing. */
  readonly blocks?: (person: string, ...of: Parameters<WarmUpOptions["blocks"]>) => ReturnType<WarmUpOptions["blocks"]>;
  readonly person: (id: string) => Omit<PersonOptions, "onSettled" | "onPartFault" | "onSamples" | "saved">;
  readonly decider: (id: string) => Pick<Parameters<typeof createDecider>[0], "flushS" | "alerts" | "waveforms">;
  readonly idle: () => Promise<void>;
  /** When a settled item is decided. */
  readonly nowUs: (settled: Pick<Settled, "releasedUs">) => number;
  readonly listener: PipelineListener;
}
