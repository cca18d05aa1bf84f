/** Which part of a commit goes to which table. */

import type { createAlertTable } from "./alert-table.ts";
import type { createAuditTable } from "./audit-table.ts";
import type { createEventTable } from "./event-table.ts";
import type { createOutboxTable } from "./outbox-table.ts";
import type { createStateTable } from "./state-table.ts";
import type { PersonCommit } from "./store-port.ts";

export interface CommitTables {
  readonly state: ReturnType<typeof createStateTable>;
  readonly events: ReturnType<typeof createEventTable>;
  readonly alerts: ReturnType<typeof createAlertTable>;
  readonly outbox: ReturnType<typeof createOutboxTable>;
  readonly audit: ReturnType<typeof createAuditTable>;
}

/** What a group needs only once a person: the events of all commits as one blob, the newest mark and snapshot. */
export function putPerPerson({ events, state }: CommitTables, commits: readonly PersonCommit[]): void {
  for (const [person, theirs] of Map.groupBy(commits, (commit) => commit.person)) {
    const all = theirs.flatMap((commit) => commit.events ?? []);
    if (all.length > 0) events.add(person, all);
    const snapshot = theirs.findLast((commit) => commit.snapshot !== undefined)?.snapshot;
    const mark = theirs.findLast((commit) => commit.mark !== undefined)?.mark;
    if (snapshot !== undefined) state.putSnapshot(person, snapshot);
    if (mark !== undefined) state.putMark(person, mark);
  }
}

/** What keeps the order of the commits; returns the outbox's next id. */
export function putInOrder({ state, alerts, audit, outbox }: CommitTables, commit: PersonCommit, firstId: number): number {
  for (const alert of commit.alerts ?? []) alerts.put(alert);
  for (const strip of commit.stripsDue ?? []) alerts.owe(strip);
  for (const alertId of commit.stripsDone ?? []) alerts.fulfil(alertId);
  if (commit.audit !== undefined) audit.add(commit.audit);
  for (const { key, value } of commit.values ?? []) state.putValue(key, value);
  return outbox.add(commit.outbox ?? [], firstId);
}
