/** POSTs a message as JSON to an address of the household's choice. By default it sends the lock-screen form only: the receiver is somebody else's machine. */

import { createHmac } from "node:crypto";
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
  /** Key of the signature; without one the message goes unsigned. */
  readonly secret?: string;
  /** True: name and value leave the house. */
  readonly details?: boolean;
  readonly fetch?: typeof globalThis.fetch;
  readonly nowMs?: () => number;
}

/**
 * Headers as Standard Webhooks 1.0.0 has them ("Signature scheme", symmetric): HMAC-SHA256 over `id.seconds.body`, in base64 behind `v1,`. The key are the
 * bytes of the secret, or what its base64 says where it begins with `whsec_`. A receiver refuses what is older than some minutes, so that a copy is worth nothing.
 */
function signed(secret: string, { id, seconds, body }: { readonly id: string; readonly seconds: number; readonly body: string }) {
  const [, base64] = /^whsec_(.+)$/.exec(secret) ?? [];
  const key = base64 === undefined ? Buffer.from(secret) : Buffer.from(base64, "base64");
  const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": String(seconds), "webhook-signature": `v1,${signature}` };
}

/** Accepted is a 2xx; the receipt is the receiver's `id`, or the step id that it was given as Idempotency-Key. Rejects with `channel.refused`. */
export function webhookChannel(options: WebhookOptions): Channel {
  const send = options.fetch ?? globalThis.fetch;
  const nowMs = options.nowMs ?? Date.now;
  return {
    name: options.name ?? "webhook",
    ...(options.carer === undefined ? {} : { carer: options.carer }),
    async send({ stepId, alert, why, title, body, lock }, signal) {
      const facts = { id: alert.id, step: stepId, why, priority: alert.priority, rule: alert.rule, mode: alert.mode };
      const text = options.details === true ? { title, body, person: alert.person } : { title: lock };
      const sent = JSON.stringify({ ...facts, ...text });
      const seconds = Math.floor(nowMs() / 1000);
      const response = await send(options.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "idempotency-key": stepId,
          ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
          ...(options.secret === undefined ? {} : signed(options.secret, { id: stepId, seconds, body: sent })),
        },
        body: sent,
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
    secret: Type.Optional(
      Type.String({
        minLength: 16,
        description: "Signs each message as Standard Webhooks say (webhook-signature, HMAC-SHA256); write it as !secret NAME",
      }),
    ),
    details: Type.Optional(Type.Boolean({ description: "True: name and value leave the house; else what a locked screen may show" })),
  },
  create: (_context, settings) => webhookChannel(settings),
});
