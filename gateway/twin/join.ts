/**
 * The home's side of a claim: a key of its own, the twin's word for it, and the files from which the gateway then speaks to that twin. Until that word is
 * there the home keeps what it had; a second try with the same claim uses the same key.
 */

import { createHash, createPublicKey } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hashSecret, newSecret } from "../runtime/password.ts";
import { writePrivateFile } from "../runtime/private-file.ts";
import { askToJoin, type JoinBody, openJoined, type readClaim } from "./claim.ts";
import { enrolmentFiles, ensureKey } from "./enrol.ts";

interface JoinOptions {
  readonly claim: ReturnType<typeof readClaim>;
  /** The gateway's folder, as `loadGatewayEnrolment` reads it. */
  readonly gatewayDir: string;
  /** Sends it to the twin and answers what came back. */
  readonly ask: (body: JoinBody) => Promise<unknown>;
  /** Called when the twin has said yes, before the new files take the place of the old ones. */
  readonly accepted: () => void;
}

const claimFile = "claim";

/** Answers the gateway's public key, by its SHA-256. @throws GatewayError `enrol.forged` (world), and whatever `ask` throws */
export async function joinWithClaim({ claim, gatewayDir, ask, accepted }: JoinOptions): Promise<{ readonly fingerprint: string }> {
  const fresh = `${gatewayDir}.joining`;
  const path = (name: string) => join(fresh, name);
  if (!existsSync(path(claimFile)) || readFileSync(path(claimFile), "utf8") !== claim.id) rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  writePrivateFile(path(claimFile), claim.id);
  const key = ensureKey(path(enrolmentFiles.key), () => {});
  if (!existsSync(path(enrolmentFiles.password))) writePrivateFile(path(enrolmentFiles.password), newSecret());
  // The same each time, so that the twin knows a second try.
  const salt = createHash("sha256").update(claim.id).digest().subarray(0, 16);
  const body = askToJoin(claim, key, hashSecret(readFileSync(path(enrolmentFiles.password), "utf8"), salt));
  const password = openJoined(claim.gateway, body, await ask(body), claim.twinPublicKey);
  if (password !== undefined) writePrivateFile(path(enrolmentFiles.password), password);
  writePrivateFile(path(enrolmentFiles.twin), claim.twinPublicKey.export({ type: "spki", format: "pem" }).toString());
  if (claim.ca !== undefined) writePrivateFile(path(enrolmentFiles.ca), claim.ca);
  accepted();
  rmSync(gatewayDir, { recursive: true, force: true });
  renameSync(fresh, gatewayDir);
  return {
    fingerprint: createHash("sha256")
      .update(createPublicKey(key).export({ type: "spki", format: "der" }))
      .digest("hex"),
  };
}
