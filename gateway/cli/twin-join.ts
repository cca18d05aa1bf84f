/** `hearth twin join`: at home, enrols this gateway at a distant twin with a claim that was made there. */

import { readFileSync } from "node:fs";
import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { lockHome, namedSecret, openHome, writePrivate } from "../config/home-folder.ts";
import { environment, homeFolder, loadConfig, parseConfig } from "../config/load.ts";
import { withTwinAt } from "../config/set-twin.ts";
import { maxClaimBytes, readClaim } from "../twin/claim.ts";
import { joinWithClaim } from "../twin/join.ts";
import { say } from "./say.ts";

const answerMs = 30_000;
const maxAnswerBytes = 64 * 1024;

/** Throws `enrol.*` (operator) as the twin refuses it, `enrol.unreachable`, `enrol.forged` (world), `home.in_use`, `config.*` (operator). */
export async function joinTwin(file: string, options: { json: boolean }): Promise<void> {
  const claim = readClaim(readText(file));
  const home = openHome(homeFolder());
  const secret = (name: string) => namedSecret(home, name);
  const { gateway } = loadConfig(home.configFile, { secret });
  const name = claim.gateway === gateway.id ? {} : { name: claim.gateway };
  const text = withTwinAt(readFileSync(home.configFile, "utf8"), { embedded: false, url: claim.broker, ...name });
  // Nobody gets a home that will not run.
  parseConfig(text, { file: home.configFile, env: environment(), secret });
  const unlock = lockHome(home, process.pid);
  try {
    const { fingerprint } = await joinWithClaim({
      ...{ claim, gatewayDir: join(home.folder, "twin-link") },
      ask: (body) => post(`${claim.twin.replace(/\/$/, "")}/api/v1/enrolments`, body, claim.ca),
      accepted: () => writePrivate(home.configFile, text),
    });
    const words = [
      `This gateway is enrolled at ${claim.twin} as ${claim.gateway}, with a key of its own (SHA-256 ${fingerprint.slice(0, 16)}…).`,
      `${home.configFile} names that twin now: 'npm start' runs the gateway with it. What the twin beside it had stays in ${join(home.folder, "twin")}.`,
    ];
    say(options, { gateway: claim.gateway, twin: claim.twin, broker: claim.broker, key_sha256: fingerprint }, words.join("\n"));
  } finally {
    unlock();
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8").slice(0, maxClaimBytes + 1);
  } catch (cause) {
    throw new GatewayError("enrol.no_claim", "operator", `${file} cannot be read: give the file that 'hearth twin claim' wrote.`, {
      cause,
    });
  }
}

/** `ca`: believed besides the machine's own list. */
function post(url: string, body: unknown, ca: string | undefined): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const unreachable = (cause: unknown) =>
    reject(
      new GatewayError("enrol.unreachable", "world", `The twin does not answer at ${url}: ${toGatewayError(cause).message}`, { cause }),
    );
  const headers = { "content-type": "application/json" };
  const timeout = AbortSignal.timeout(answerMs);
  const settings = { method: "POST", headers, signal: timeout };
  const outgoing = url.startsWith("https:")
    ? requestTls(url, { ...settings, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) })
    : requestPlain(url, settings);
  outgoing.once("error", unreachable);
  outgoing.once("response", (incoming) => {
    let text = "";
    incoming.setEncoding("utf8");
    incoming.on("data", (piece: string) => {
      text += piece;
      if (text.length > maxAnswerBytes) incoming.destroy(new Error("too long an answer"));
    });
    incoming.once("error", unreachable);
    incoming.once("end", () => {
      try {
        const answer = JSON.parse(text) as Record<string, unknown>;
        if (incoming.statusCode === 201) resolve(answer);
        else
          reject(
            new GatewayError(`${answer.code ?? "enrol.refused"}`, "operator", `${answer.detail ?? answer.title ?? "The twin refused it."}`),
          );
      } catch (cause) {
        unreachable(cause);
      }
    });
  });
  outgoing.end(JSON.stringify(body));
  return promise;
}
