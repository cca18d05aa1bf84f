/** What the stages of a start hand to each other. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { AlertService } from "../alert/service.ts";
import type { Kinds } from "../config/kinds.ts";
import type { Config } from "../config/schema.ts";
import type { ConsentDesk } from "../consent/consent-desk.ts";
import type { Keeping } from "../disk/keeping.ts";
import type { NotKept } from "../disk/not-kept.ts";
import type { Kept } from "../disk/open-kept.ts";
import type { Models, ModelsOptions } from "../inference/load-models.ts";
import type { Receiver } from "../ingest/receive.ts";
import type { HomeDoors } from "../lan/open-lan.ts";
import type { AnalysisFaults } from "../pipeline/analysis-faults.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { LostStretch } from "../pipeline/recovery.ts";
import type { Signals } from "../pipeline/signals.ts";
import type { FilePort } from "../runtime/file-port.ts";
import type { Log } from "../runtime/log.ts";
import type { Refusals } from "../runtime/refusals.ts";
import type { ModeOf } from "../semantic/mode.ts";
import type { People } from "../setup/open-people.ts";
import type { StripFiller } from "../strips/fill-strips.ts";
import type { Outgoing, TwinLink } from "../sync/start-sync.ts";
import type { Demo } from "../view/gateway-view.ts";
import type { LiveState } from "../view/live-state.ts";
import type { StatusView } from "../view/view-port.ts";

export interface GatewayOptions {
  readonly config: Config;
  /** Folder of journal, store, keys and accounts: the home, or the demo's part of it. */
  readonly dataDir: string;
  readonly mode: Exclude<AlertRecord["mode"], "test">;
  readonly version: string;
  readonly log: Log;
  readonly mqttPort: number;
  readonly ports: () => Readonly<Record<string, number>>;
  readonly lan?: HomeDoors;
  readonly twin?: TwinLink;
  readonly demo?: () => Demo | undefined;
  /** Parts beside the gateway that its status tells of, as its twin. */
  readonly besides?: () => StatusView["health"];
  /** Damaged files that were set aside before the gateway opened, one sentence each. */
  readonly repairs?: readonly string[];
  /** Takes one line for each message to people; the demo's terminal. */
  readonly print?: (line: string) => void;
  readonly clock?: Clock;
  /** A disk that fails on demand, for tests. */
  readonly files?: FilePort;
  /** Other lists of drivers, links, channels and bridges. */
  readonly kinds?: Kinds;
  /** Other packages, or another child to compute in. */
  readonly models?: Pick<ModelsOptions, "instead" | "childUrl" | "registry">;
}

export interface Base {
  readonly options: GatewayOptions;
  readonly config: Config;
  readonly kinds: Kinds;
  readonly clock: Clock;
  readonly log: Log;
  /** Each part puts its end here as soon as it is there: the last one ends first. */
  readonly opened: AsyncDisposableStack;
  readonly signals: Signals;
}

export interface Alerting {
  readonly liveState: LiveState;
  readonly alertService: AlertService;
  readonly notKept: NotKept;
  readonly keeping: Keeping;
  readonly analysisFaults: AnalysisFaults;
  /** Sets `analysis.off` by what is true now. */
  readonly watchAnalysis: () => void;
}

/** What leaves the house, in which mode, and who may say so. */
export interface Outward extends Outgoing {
  readonly modeOf: ModeOf;
  /** Hashes of the decoders that the twin has listed. */
  readonly decoders: () => readonly string[];
  readonly consent: ConsentDesk;
  /** What may leave, or how, has changed. */
  onChange(fn: () => void): void;
  /** What stands for people at the twin, and what they are called at home. */
  twinNames(): readonly (readonly [alias: string, own: string])[];
  /** The clock has been put right. */
  putRight(atUs: number): Promise<void>;
}

export type House = Base & Kept & People & Alerting & { readonly models: Models; readonly refusals: Refusals; readonly outward: Outward };

export interface River {
  readonly pipeline: Pipeline;
  readonly receiver: Receiver;
  readonly strips: StripFiller;
  readonly recovered: number;
  /** What this start could not read of the persons' records. */
  readonly lost: readonly LostStretch[];
}
