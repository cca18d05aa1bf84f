/** Journal, store and listener for a replay: nothing is kept on disk, everything settles at once and in order, and no fault is passed over. */

import type { GatewayError } from "../../device-drivers/contract/error.ts";
import type { OutboxItem, PersonEvent, StripDue } from "../../device-drivers/contract/event.ts";
import type { AlertChange } from "../alert/core.ts";
import type { Journal } from "../journal/journal-port.ts";
import type { PipelineOptions } from "../pipeline/pipeline-options.ts";
import type { PersonCommit, Store } from "../store/store-port.ts";

/** Acknowledges at once and keeps nothing: a replay reads its recording again where it needs samples. */
export function passingJournal(): Journal {
  let position = 0;
  let bytes = 0;
  return {
    room: () => Promise.resolve(),
    offer(_lane, chunk, done) {
      bytes += chunk.bytes.length;
      done(undefined, ++position);
    },
    async *read() {},
    seek: async () => undefined,
    last: async () => undefined,
    lanes: async () => [],
    forget: async () => {},
    figures: () => ({ recordsTotal: position, payloadBytesTotal: bytes, writtenBytesTotal: 0, commitsTotal: 0, waitingBytes: 0 }),
    close: async () => {},
  };
}

export interface Collected {
  readonly events: PersonEvent[];
  readonly outbox: OutboxItem[];
  readonly stripsDue: StripDue[];
  readonly changes: AlertChange[];
}

export function collectingStore(into: Collected): Pick<Store, "commit" | "mark" | "events"> {
  return {
    async commit(row: PersonCommit) {
      into.events.push(...(row.events ?? []));
      into.outbox.push(...(row.outbox ?? []));
      into.stripsDue.push(...(row.stripsDue ?? []));
    },
    mark: async () => ({}),
    events: async () => [],
  };
}

/** Looks away from everything but what is given, and throws what a house would live on with. */
export function strictListener(given: Partial<PipelineOptions["listener"]>): PipelineOptions["listener"] {
  const fail = (error: GatewayError) => {
    throw error;
  };
  return { onAlert() {}, onEvents() {}, onStripsDue() {}, onReply() {}, onStoreError: fail, onFault: fail, ...given };
}
