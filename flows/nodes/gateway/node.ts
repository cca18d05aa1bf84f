/** The configuration node: one connection to a gateway for all nodes that choose it, and the dialog's Test button. */

import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { openConnection } from "../../client/connection.ts";
import { createHttp, type Http } from "../../client/http.ts";
import { HearthProblem, problemOf } from "../../client/problem.ts";
import type { OwnStatus } from "../../client/wire.ts";
import type { Settings } from "../../node-red/host.ts";
import type { Red, RedNode } from "../../node-red/red-api.ts";
import type { GatewayNode } from "../../node-red/register.ts";
import { gatewaySettings } from "./settings.ts";

/** Of a file with a few certificates. */
const maxCaBytes = 1 << 18;

export function registerGateway(RED: Red): void {
  RED.nodes.registerType(
    "hearth-gateway",
    function (this: GatewayNode, settings) {
      RED.nodes.createNode(this, settings);
      const gateway = openConnection({
        openHttp: () => openHttp(settings, this.credentials ?? {}),
        openTwin: () => openTwin(settings, this.credentials ?? {}),
        sleep: (ms, signal) => pause(ms, undefined, { signal }).catch(() => {}),
        random: Math.random,
        onFault: (error) => this.error(problemOf(error).message),
      });
      this.gateway = gateway;
      this.on("close", (done) => {
        gateway.close();
        done();
      });
    },
    { credentials: { token: { type: "password" }, twinToken: { type: "password" } } },
  );
  addTest(RED);
}

/** Throws what keeps the settings from being used. */
function openHttp(settings: Settings, credentials: Settings): Http {
  const { base, token, caFile } = gatewaySettings(settings, credentials);
  return createHttp({ base, token, ca: caFile === undefined ? undefined : readCa(caFile) });
}

/** The same token unless the twin's operator gave another one. */
function openTwin(settings: Settings, { token, twinToken }: Settings): Http | undefined {
  const address = settings.twinAddress;
  if (typeof address !== "string" || address.trim() === "") return undefined;
  return openHttp({ ...settings, address }, { token: twinToken || token });
}

function readCa(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.byteLength <= maxCaBytes && bytes.includes("-----BEGIN CERTIFICATE-----")) return bytes.toString();
  } catch {
    // Told below: whichever way it can't be used, the file has to be mended.
  }
  throw new HearthProblem("flows.ca_file", `The authority file ${file} can't be read as certificates (PEM).`);
}

interface TestRequest {
  body?: { id?: unknown; address?: unknown; caFile?: unknown; token?: unknown };
}

/** What the dialog holds, tried before it is deployed. A password field that was not touched has no value: then the stored one is meant. */
function addTest(RED: Red): void {
  const answer = async ({ body = {} }: TestRequest, response: { json(value: object): void }) => {
    const stored = RED.nodes.getNode(String(body.id)) as RedNode | null;
    const isTyped = typeof body.token === "string" && body.token !== "" && body.token !== "__PWRD__";
    try {
      // As Node-RED does when it starts the node.
      const typed = String(body.address);
      const address = typed.includes("${") ? RED.util.evaluateNodeProperty(typed, "env", {}) : typed;
      const client = openHttp({ ...body, address }, isTyped ? { token: body.token } : (stored?.credentials ?? {}));
      const { gateway, version, mode, role, persons } = (await client.json("GET", "/api/v1/status")) as OwnStatus;
      response.json({ ok: true, gateway, version, mode, role, persons });
    } catch (error) {
      const { code, message } = problemOf(error);
      response.json({ ok: false, code, detail: message });
    }
  };
  RED.httpAdmin.post("/hearth-gateway/test", RED.auth.needsPermission("flows.write"), answer);
}
