/** `hearth alerts verify`: is the record of who did what with which alert whole? With the gateway running or stopped. */

import { join } from "node:path";
import { hasConfig, openHome } from "../config/home-folder.ts";
import { homeFolder } from "../config/load.ts";
import { auditText, verifyAuditOf } from "../store/verify-audit.ts";

/** Sets exit code 1 where it is not. */
export function verify({ json }: { readonly json: boolean }): void {
  const home = openHome(homeFolder());
  const verdict = verifyAuditOf(join(hasConfig(home) ? home.folder : home.demoFolder, "store")) ?? { rows: 0, erased: 0 };
  if (verdict.brokenAt !== undefined) process.exitCode = 1;
  const { rows, erased, brokenAt = null } = verdict;
  process.stdout.write(
    json ? `${JSON.stringify({ whole: brokenAt === null, rows, erased, broken_at: brokenAt })}\n` : `${auditText(verdict)}\n`,
  );
}
