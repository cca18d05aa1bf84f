/** Whether each part of the house does its work, and why not. */

import type { ModelHost } from "../inference/inference-port.ts";
import type { Journal } from "../journal/journal-port.ts";
import type { LostStretch } from "../pipeline/recovery.ts";
import type { Store } from "../store/store-port.ts";
import type { UplinkStatus } from "../sync/start-sync.ts";
import type { StatusView } from "./view-port.ts";

interface HealthParts {
  readonly nowUs: () => number;
  readonly startedUs: number;
  readonly store: Pick<Store, "figures">;
  readonly journal: Pick<Journal, "figures">;
  readonly host: Pick<ModelHost, "models">;
  /** What this start could not read of the persons' records. */
  readonly lost: readonly LostStretch[];
  /** Undefined in a home without a twin. */
  readonly uplink: () => UplinkStatus | undefined;
  /** The doors to the home network. */
  readonly networkHealth: () => StatusView["health"];
  /** Parts beside the gateway. */
  readonly besides: () => StatusView["health"];
}

/** How long after the start a lost stretch keeps the house from being called well. */
const lostShownUs = 3_600_000_000;

export function healthOf({
  nowUs,
  startedUs,
  store,
  journal,
  host,
  lost,
  uplink,
  networkHealth,
  besides,
}: HealthParts): StatusView["health"] {
  const fault = journal.figures().failing;
  const { refusedCommits } = store.figures();
  const line = uplink();
  return [
    { part: "store", ok: refusedCommits === 0, ...(refusedCommits === 0 ? {} : { detail: `${refusedCommits} commits held in memory` }) },
    { part: "journal", ok: fault === undefined, ...(fault === undefined ? {} : { detail: fault.code }) },
    ...(lost.length > 0 && nowUs() - startedUs < lostShownUs ? [{ part: "record", ok: false, detail: sayLost(lost) }] : []),
    ...host.models().map(({ id, state, reason }) => ({
      part: `model ${id}`,
      ok: state === "ready",
      ...(reason === undefined ? {} : { detail: reason }),
    })),
    ...(line === undefined ? [] : [{ part: "uplink", ok: line.connected }]),
    ...networkHealth(),
    ...besides(),
  ];
}

function sayLost(lost: readonly LostStretch[]): string {
  const at = (timeUs: number) => new Date(timeUs / 1000).toISOString();
  return `the journal has lost ${lost.map(({ fromUs, toUs }) => `${at(fromUs)} to ${at(toUs)}`).join(", ")}`;
}
