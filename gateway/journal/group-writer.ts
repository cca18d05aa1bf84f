/** How a group gets to the disk: once, and once more for what was refused where room could be made. It never rejects; a refusal is an outcome. */

import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import type { CommitReply, CommitRequest, LaneOutcome } from "./journal-core.ts";
import type { JournalBackend } from "./worker-backend.ts";

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** `makeRoom` is asked when the disk refuses; true = the group may fit now. */
export function createGroupWriter(
  backend: JournalBackend,
  makeRoom: ((error: GatewayError) => Promise<boolean>) | undefined,
): (request: CommitRequest) => Promise<CommitReply> {
  async function tryWrite(request: CommitRequest): Promise<CommitReply> {
    try {
      return await backend.commit(request);
    } catch (thrown) {
      const { code, message } = toGatewayError(thrown);
      return refuseAll(request, { code: "journal.io", message: `${code}: ${message}` });
    }
  }

  return async function write(request: CommitRequest): Promise<CommitReply> {
    const first = await tryWrite(request);
    const refused = first.outcomes.filter((outcome) => outcome.kind === "failed");
    const batches = refused.flatMap(({ batch }) => (batch === undefined ? [] : [batch]));
    const why = refused.find(({ code }) => code !== "journal.key_bad");
    if (batches.length === 0 || why === undefined) return first;
    if ((await makeRoom?.(errorOf(why)).catch(() => false)) !== true) return first;
    const again = await tryWrite({ ...request, newSources: [], batches });
    const settled = new Map(again.outcomes.map((outcome) => [outcome.lane, outcome]));
    return {
      outcomes: first.outcomes.map((outcome) => settled.get(outcome.lane) ?? outcome),
      writtenBytes: first.writtenBytes + again.writtenBytes,
    };
  };
}

export function refuseAll({ batches }: CommitRequest, { code, message }: Refusal): CommitReply {
  return { outcomes: batches.map(({ lane }) => ({ lane, kind: "failed", code, message })), writtenBytes: 0 };
}

export function errorOf({ code, message, lane }: LaneOutcome & { kind: "failed" }): GatewayError {
  return new GatewayError(code, code === "journal.key_bad" ? "operator" : "world", message, { fields: { lane } });
}
