/**
 * The gateway's side of what people do at the twin with alerts of this home: taken only if the twin signed it, not long ago, and once. The home's own
 * alert core decides it, under the name and the role that came with it, and what came of it is audited and goes back to the twin.
 */

import type { KeyObject } from "node:crypto";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import { readJson } from "../../device-drivers/framing/json-reader.ts";
import type { Log } from "../runtime/log.ts";
import { type Act, openAct } from "../semantic/act.ts";
import { shippedPayloads } from "../semantic/payload-codec.ts";
import type { Store } from "../store/store-port.ts";

interface ActPartOptions {
  readonly gateway: string;
  readonly twinPublicKey: KeyObject;
  readonly store: Pick<Store, "alert" | "commit" | "getValue">;
  /** As a person at home would: throws `alert.unknown`, `alert.not_allowed`, `alert.bad_request`. */
  readonly act: (
    alert: string,
    verb: Act["verb"],
    actor: { readonly role: Act["role"]; readonly name: string },
    options: Pick<Act, "minutes" | "reason">,
  ) => Promise<{ readonly already: boolean }>;
  /** Now on the gateway's axis, microseconds. */
  readonly nowUs: () => number;
  readonly log: Pick<Log, "warn">;
}

interface ActPart {
  /** Resolves when it is decided and the answer is on its way. Never rejects. */
  receive(bytes: Uint8Array): Promise<void>;
  /** Acts that were not answered, by reason: `act.malformed`, `act.forged`, `act.too_many`. */
  readonly refused: Readonly<Record<string, number>>;
}

/** The house itself in rows that belong to nobody. */
const house = "gateway";
const takenKey = "twin/acts";
/** An act that is older, or as far in the future, counts no more: what somebody saw then may be another now. Both clocks are near the true time. */
const validUs = 600_000_000;
/** Within that time; a page of the twin presses no faster. */
const mostTaken = 256;
const maxTakenBytes = 65_536;

interface Taken {
  readonly id: string;
  readonly takenUs: number;
}

export function createActPart({ gateway, twinPublicKey, store, act: doAct, nowUs, log }: ActPartOptions): ActPart {
  const refused: Record<string, number> = {};
  let taken: readonly Taken[] | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const refuse = (code: string) => {
    refused[code] = (refused[code] ?? 0) + 1;
    log.warn({ code }, "an act from the twin was refused");
  };

  const decide = async ({ alert, verb, role, by: name, atUs, minutes, reason }: Act): Promise<string> => {
    if (Math.abs(nowUs() - atUs) > validUs) return "act.not_now";
    try {
      const more = { ...(minutes === undefined ? {} : { minutes }), ...(reason === undefined ? {} : { reason }) };
      const { already } = await doAct(alert, verb, { role, name }, more);
      return already ? "already" : "done";
    } catch (thrown) {
      return toGatewayError(thrown, "act.failed").code;
    }
  };

  const take = async (bytes: Uint8Array): Promise<void> => {
    const act = openAct(gateway, bytes, twinPublicKey);
    taken ??= readTaken(await store.getValue(takenKey));
    // The twin sends it again until it has the answer.
    if (taken.some(({ id }) => id === act.id)) return;
    const lately = taken.filter(({ takenUs }) => Math.abs(nowUs() - takenUs) <= 2 * validUs);
    if (lately.length >= mostTaken) return refuse("act.too_many");
    const outcome = await decide(act);
    const person = (await store.alert(act.alert))?.person ?? house;
    const [timeUs, next] = [nowUs(), [...lately, { id: act.id, takenUs: nowUs() }]];
    const { id, alert, verb, role, by, atUs } = act;
    const detail = { act: id, verb, role, atUs, outcome };
    await store.commit(
      {
        person,
        values: [{ key: takenKey, value: new TextEncoder().encode(JSON.stringify(next)) }],
        audit: [{ atUs: timeUs, what: "act.taken", by, subject: alert, detail: { ...detail, from: "twin" } }],
        outbox: [shippedPayloads.toOutbox({ kind: "acted", act: id, person, outcome, timeUs })],
      },
      true,
    );
    taken = next;
  };

  return {
    receive(bytes) {
      const done = turn.then(() => take(bytes)).catch((thrown: unknown) => refuse(toGatewayError(thrown, "act.not_stored").code));
      turn = done;
      return done;
    },
    refused,
  };
}

function readTaken(kept: Uint8Array | undefined): readonly Taken[] {
  const value = kept === undefined ? undefined : readJson(kept, { maxBytes: maxTakenBytes })?.value;
  return Array.isArray(value) ? (value as Taken[]) : [];
}
