/** POSTs a message as JSON to an address of the household's choice. By default it sends the lock-screen form only: the receiver is somebody else's machine. */

import Type from "typebox";
import { GatewayError } from "../../../device-drivers/contract/error.ts";
import { readJson } from "../../../device-drivers/framing/json-reader.ts";
import { readAtMost } from "../../../device-drivers/framing/read-at-most.ts";
import { type Channel, defineChannel } from "./channel.ts";

/** A receiver answers in a line; of a longer answer nothing is kept. */
const maxAnswerBytes = 65_536;

interface WebhookOptions {
  readonly url: string;
  readonly name?: string;
  readonly carer?: string;
  readonly token?: string;
  /** True: name and value leave the house. */
  readonly details?: boolean;
  readonly fetch?: typeof globalThis.fetch;
}

/** Accepted is a 2xx; the receipt is the receiver's `id`, or the step id that it was given as Idempotency-Key. Rejects with `channel.refused`. */
export function webhookChannel(options: WebhookOptions): Channel {
  const send = options.fetch ?? globalThis.fetch;
  return {
    name: options.name ?? "webhook",
    ...(options.carer === undefined ? {} : { carer: options.carer }),
    async send({ stepId, alert, why, title, body, lock }, signal) {
      const facts = { id: alert.id, step: stepId, why, priority: alert.priority, rule: alert.rule, mode: alert.mode };
      const text = options.details === true ? { title, body, person: alert.person } : { title: lock };
      const response = await send(options.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "idempotency-key": stepId,
          ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        },
        body: JSON.stringify({ ...facts, ...text }),
        redirect: "error",
        signal,
      });
      const answer = await readAtMost(response.body, maxAnswerBytes);
      if (!response.ok)
        throw new GatewayError("channel.refused", "world", "The webhook did not accept the message.", {
          fields: { status: response.status },
        });
      return { receipt: (answer === undefined ? undefined : receiptIn(answer)) ?? stepId };
    },
  };
}

function receiptIn(answer: Uint8Array): string | undefined {
  const parsed = readJson(answer, { maxBytes: maxAnswerBytes })?.value as { readonly id?: unknown } | null | undefined;
  return typeof parsed?.id === "string" || typeof parsed?.id === "number" ? String(parsed.id).slice(0, 200) : undefined;
}

export const webhook = defineChannel({
  kind: "webhook",
  options: {
    url: Type.String({ pattern: "^https?://", description: "Address that is posted to" }),
    token: Type.Optional(Type.String({ minLength: 1, description: "Sent as bearer token; write it as !secret NAME" })),
    details: Type.Optional(Type.Boolean({ description: "True: name and value leave the house; else what a locked screen may show" })),
  },
  create: (_context, settings) => webhookChannel(settings),
});
