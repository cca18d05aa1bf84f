/**
 * Requests to one gateway with its token. Node's own http and https: its fetch can't be told an authority of one's own without changing what every other
 * flow of the process trusts.
 */

import { type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { HearthProblem } from "./problem.ts";

interface HttpOptions {
  readonly base: URL;
  readonly token: string;
  /** PEM of the authority that signed the gateway's certificate; undefined = those that Node trusts. */
  readonly ca?: string | undefined;
}

export interface Http {
  /** Sends `body` as JSON and reads the answer's JSON. Throws HearthProblem with the gateway's own code, `flows.unreachable`, `flows.too_large`. */
  json(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown, more?: Asked): Promise<unknown>;
  /** The same with bytes of another type, in both directions. */
  bytes(
    method: "GET" | "POST" | "PUT",
    path: string,
    body?: { readonly type: string; readonly bytes: Uint8Array },
    more?: Asked,
  ): Promise<Buffer>;
  /** Bytes as they come, until the gateway or `signal` ends them. */
  stream(path: string, asked: Asked & { readonly signal: AbortSignal }): Promise<AsyncIterable<Buffer>>;
}

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const answerMs = 15_000;
/** Ten minutes of a strip as text stay below. */
const maxAnswerBytes = 16 << 20;
/** What the gateway reads of JSON; more is not even sent. */
const maxJsonBytes = 64 << 10;
const maxBodyBytes = 4 << 20;
/** The gateway takes 32 requests of an account at once; the rest of them is left to other users of the token. */
const maxAtOnce = 8;
const maxWaiting = 256;

export function createHttp({ base, token, ca }: HttpOptions): Http {
  const places = createPlaces(maxAtOnce, maxWaiting);

  const ask = (method: string, path: string, body: Sent | undefined, { headers, signal }: Asked): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const request = (base.protocol === "https:" ? requestTls : requestPlain)(new URL(path, base), {
        method,
        agent: false,
        ...(ca === undefined ? {} : { ca }),
        ...(signal === undefined ? {} : { signal }),
        headers: {
          accept: "application/json",
          ...headers,
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": body.type, "content-length": body.bytes.byteLength }),
        },
      });
      request.once("response", resolve);
      // Stays: a line may break after the answer has begun, and the reader of the answer is told then.
      request.on("error", (error) => reject(unreachable(base, error)));
      request.end(body?.bytes);
    });

  /** The whole answer within its time. */
  const whole = (method: string, path: string, body: Sent | undefined, more: Asked): Promise<Buffer> =>
    places.take(async () => {
      const signal =
        more.signal === undefined ? AbortSignal.timeout(answerMs) : AbortSignal.any([more.signal, AbortSignal.timeout(answerMs)]);
      try {
        const answer = await ask(method, path, body, { ...more, signal });
        const bytes = await readAtMost(answer, maxAnswerBytes);
        const status = answer.statusCode ?? 0;
        if (status < 200 || status > 299) throw refusal(status, bytes);
        return bytes;
      } catch (error) {
        throw error instanceof HearthProblem ? error : unreachable(base, error);
      }
    });

  return {
    async json(method, path, body, more = {}) {
      const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      if (bytes !== undefined && bytes.byteLength > maxJsonBytes)
        throw new HearthProblem(
          "flows.too_large",
          `A message for the gateway may have ${maxJsonBytes >> 10} kB; this one has ${bytes.byteLength >> 10}.`,
        );
      return parse(await whole(method, path, bytes === undefined ? undefined : { type: "application/json", bytes }, more));
    },
    async bytes(method, path, body, more = {}) {
      if (body !== undefined && body.bytes.byteLength > maxBodyBytes)
        throw new HearthProblem("flows.too_large", `A body for the gateway may have ${maxBodyBytes >> 20} MB.`);
      return whole(method, path, body, more);
    },
    async stream(path, asked) {
      const answer = await ask("GET", path, undefined, { ...asked, headers: { ...asked.headers, accept: "text/event-stream" } });
      if (answer.statusCode !== 200) throw refusal(answer.statusCode ?? 0, await readAtMost(answer, maxAnswerBytes));
      return answer;
    },
  };
}

interface Sent {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** So many at once, so many wait, the rest is refused with `flows.busy`. */
function createPlaces(atOnce: number, maxWaiting: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async take<T>(work: () => Promise<T>): Promise<T> {
      if (running >= atOnce) {
        if (waiting.length >= maxWaiting) throw new HearthProblem("flows.busy", `More than ${maxWaiting} requests wait for the gateway.`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else running++;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running--;
        else next();
      }
    },
  };
}

async function readAtMost(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.byteLength;
    if (bytes > maxBytes) {
      answer.destroy();
      throw new HearthProblem("flows.too_large", `The gateway's answer has more than ${maxBytes >> 20} MB.`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function parse(bytes: Buffer): unknown {
  if (bytes.byteLength === 0) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new HearthProblem("flows.no_gateway", "What answers under this address is no Hearth gateway.");
  }
}

function refusal(status: number, bytes: Buffer): HearthProblem {
  try {
    const { code, detail } = JSON.parse(bytes.toString()) as { code?: unknown; detail?: unknown };
    if (typeof code === "string" && typeof detail === "string") return new HearthProblem(code, detail, status);
  } catch {
    // Not the gateway's words; told below.
  }
  return new HearthProblem("flows.no_gateway", `What answers under this address is no Hearth gateway (HTTP ${status}).`, status);
}

const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|ALTNAME/;

function unreachable(base: URL, cause: unknown): HearthProblem {
  const { code = "", name = "" } = cause as { code?: string; name?: string };
  if (certificateCodes.test(code))
    return new HearthProblem(
      "flows.certificate",
      `The certificate of ${base.host} is not trusted (${code}); name Hearth's own authority file.`,
    );
  const why = name === "TimeoutError" ? "no answer in time" : code || (cause instanceof Error ? cause.message : "unknown");
  return new HearthProblem("flows.unreachable", `${base.host} does not answer (${why}).`);
}
