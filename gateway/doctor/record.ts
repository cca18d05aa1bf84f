/** Is the record of who did what whole? */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import { auditText, verifyAuditOf } from "../store/verify-audit.ts";
import type { Check } from "./check.ts";

/** Nothing for a home, or a demo in it, that has no record yet. */
export function checkRecord(home: string): Check[] {
  const dir = join(home, existsSync(join(home, "hearth.yaml")) ? "store" : "demo/store");
  try {
    const verdict = verifyAuditOf(dir);
    if (verdict === undefined) return [];
    return [{ name: "record", state: verdict.brokenAt === undefined ? "ok" : "warning", says: auditText(verdict) }];
  } catch (thrown) {
    return [{ name: "record", state: "warning", says: `The audit chain can't be read: ${toGatewayError(thrown).message}` }];
  }
}
