/** The outbox as the uplink sees it: rows to send, rows to remove, figures. What is in it is the store's affair. */

import type { OutboxRow, Store } from "../store/store-port.ts";

export interface OutboxSource extends Pick<Store, "outboxBegin" | "outboxEnd" | "outboxFigures"> {
  /**
   * Newest rows first over the classes status, semantic and raw, `skip` being those in flight. A store without it drains oldest first, so that
   * what is new waits behind a backlog.
   */
  outboxNewest?(limit: number, skip: ReadonlySet<number>): Promise<OutboxRow[]>;
}
