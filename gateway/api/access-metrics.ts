/** Figures of who may come in and who was refused, for /metrics. */

import type { Access } from "../access/access.ts";
import { createMetrics } from "../runtime/metrics.ts";

/** Prometheus text. */
export function createAccessMetrics(access: Pick<Access, "list" | "refused">): () => string {
  const metrics = createMetrics();
  const refused = metrics.gauge(
    "hearth_access_refused_total",
    "Tokens that opened nothing and one-time codes that were wrong, used or too old",
  );
  const grants = metrics.gauge("hearth_access_grants", "Tokens and signed-in browsers");
  metrics.onCollect(() => {
    for (const [what, count] of Object.entries(access.refused)) refused.set(count, { what });
    for (const kind of ["token", "session"]) grants.set(access.list().filter((grant) => grant.kind === kind).length, { kind });
  });
  return metrics.text;
}
