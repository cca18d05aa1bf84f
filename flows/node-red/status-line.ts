/** What stands below a node: the connection's state while the gateway is not there, else the node's own line. Pure. */

import type { ConnectionState } from "../client/connection.ts";
import type { StatusLine } from "./host.ts";

export function shownLine(state: ConnectionState | undefined, own: StatusLine | undefined): StatusLine {
  if (state === undefined) return { look: "failed", key: "common.no-gateway" };
  if (state.kind === "connecting") return { look: "waiting", key: "common.connecting" };
  if (state.kind === "live") return own ?? { look: "good", key: "common.connected" };
  const { code, message } = state.problem;
  if (state.kind === "lost") return { look: "waiting", key: "common.lost", values: { why: message } };
  // A token that was revoked is what people have to mend most often.
  if (code === "http.unauthorized") return { look: "failed", key: "common.token-refused" };
  return { look: "failed", key: "common.refused", values: { why: message } };
}
