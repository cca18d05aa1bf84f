import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Message } from "./channel.ts";
import { consoleChannel } from "./console.ts";
import { pageChannel } from "./page.ts";
import { webhookChannel } from "./webhook.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const never = new AbortController().signal;
const message: Message = {
  stepId: "a1/raised/5",
  why: "raised",
  title: "Person A: fast rhythm",
  body: "Chest strap.",
  lock: "Hearth: urgent – open to see",
  alert: {
    ...{
      id: "a1",
      person: "p1",
      rule: "rhythm.vt",
      device: "strap",
      priority: "high",
      kind: "physiological",
      state: "active",
      mode: "demo",
    },
    ...{ onsetUs: 1, raisedUs: 2, lastSeenUs: 2, count: 1, quality: "good", snoozes: [], deliveries: [] },
  },
};

/** A receiver on this machine: answers what it is told to and keeps what it got. */
async function receiver(status: number, answer: string) {
  const got: { headers: IncomingMessage["headers"]; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      got.push({ headers: request.headers, body });
      response.writeHead(status, { location: "/elsewhere" }).end(answer);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  closers.push(() => server.close());
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

test("the page's receipt is the sequence of the live stream", async () => {
  const rows: Message[] = [];
  expect(await pageChannel((row) => String(rows.push(row))).send(message, never)).toEqual({ receipt: "1" });
  expect(rows).toEqual([message]);
});

test("the console prints one line an alert", async () => {
  const lines: string[] = [];
  const printer = consoleChannel((line) => lines.push(line));
  await printer.send(message, never);
  expect(await printer.send({ ...message, why: "repeated" }, never)).toEqual({ receipt: "line-2" });
  expect(lines).toEqual(["ALERT high rhythm.vt: Person A: fast rhythm", "ALERT high rhythm.vt: Person A: fast rhythm (repeated)"]);
});

test("a webhook's answer is read no further than a line needs: it counts as accepted, under the step's own id", async () => {
  const { url } = await receiver(200, `{"id": 42, "more": "${"x".repeat(1_000_000)}"}`);
  expect(await webhookChannel({ url }).send(message, never)).toEqual({ receipt: message.stepId });
});

test("of a receiver's id no more is kept than a receipt needs", async () => {
  const { url } = await receiver(200, `{"id": "${"x".repeat(300)}"}`);
  expect(await webhookChannel({ url }).send(message, never)).toEqual({ receipt: "x".repeat(200) });
});

test("a webhook sends the lock-screen form with its step id and takes the receiver's id as receipt", async () => {
  const { got, url } = await receiver(200, '{"id": 42}');
  expect(await webhookChannel({ url, token: "secret" }).send(message, never)).toEqual({ receipt: "42" });
  expect(got[0]?.headers).toMatchObject({
    "idempotency-key": "a1/raised/5",
    authorization: "Bearer secret",
    "content-type": "application/json",
  });
  expect(JSON.parse(got[0]?.body ?? "")).toEqual({
    id: "a1",
    step: "a1/raised/5",
    why: "raised",
    priority: "high",
    rule: "rhythm.vt",
    mode: "demo",
    title: message.lock,
  });
});

test("name and value leave the house only when asked to, and an answer without an id is receipted by the step", async () => {
  const { got, url } = await receiver(204, "");
  expect(await webhookChannel({ url, details: true, carer: "Person B" }).send(message, never)).toEqual({ receipt: "a1/raised/5" });
  expect(JSON.parse(got[0]?.body ?? "")).toMatchObject({ title: message.title, body: message.body, person: "p1" });
});

test("anything but a 2xx, a redirect and a signal that fires are refusals", async () => {
  const refusing = await receiver(503, "busy");
  await expect(webhookChannel({ url: refusing.url }).send(message, never)).rejects.toMatchObject({
    code: "channel.refused",
    kind: "world",
    fields: { status: 503 },
  });
  const moved = await receiver(302, "");
  await expect(webhookChannel({ url: moved.url }).send(message, never)).rejects.toThrow();
  const open = await receiver(200, "{}");
  await expect(webhookChannel({ url: open.url }).send(message, AbortSignal.abort())).rejects.toThrow();
});

test("a channel says how it is called in receipts, whom it reaches, and whether it only displays", () => {
  const page = pageChannel(() => "1");
  const own = webhookChannel({ url: "http://home", name: "phone-b", carer: "Person B" });
  const plain = webhookChannel({ url: "http://home" });
  expect([page, consoleChannel(() => {}), own, plain].map(({ name, carer, isDisplay }) => [name, carer, isDisplay === true])).toEqual([
    ["page", undefined, true],
    ["console", undefined, false],
    ["phone-b", "Person B", false],
    ["webhook", undefined, false],
  ]);
  expect("carer" in plain).toBe(false);
});

test("a webhook with a secret signs what it sends as Standard Webhooks say, anew at each attempt", async () => {
  const { got, url } = await receiver(200, "{}");
  let nowMs = 1_614_265_330_900;
  const channel = webhookChannel({ url, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", nowMs: () => nowMs });
  await channel.send(message, never);
  nowMs += 60_000;
  await channel.send(message, never);
  expect(got.map(({ headers }) => headers["webhook-timestamp"])).toEqual(["1614265330", "1614265390"]);
  for (const { headers, body } of got) {
    const key = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    const whole = createHmac("sha256", key).update(`${message.stepId}.${headers["webhook-timestamp"]}.${body}`).digest("base64");
    expect([headers["webhook-id"], headers["webhook-signature"]]).toEqual([message.stepId, `v1,${whole}`]);
  }
  expect(got[0]?.headers["webhook-signature"]).not.toBe(got[1]?.headers["webhook-signature"]);
});

test("a webhook without a secret sends no signature", async () => {
  const { got, url } = await receiver(200, "{}");
  await webhookChannel({ url }).send(message, never);
  expect(Object.keys(got[0]?.headers ?? {}).filter((name) => name.startsWith("webhook-"))).toEqual([]);
});
