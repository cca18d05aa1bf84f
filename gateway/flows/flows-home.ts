/** What a home keeps of its flows: `$HEARTH_HOME/flows/`, readable by its owner alone. Flows themselves may write `node-red/` there, and nothing else. */

import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { writePrivate } from "../config/home-folder.ts";
import { newSecret } from "../runtime/password.ts";

/** The token with which the flows are joined to the gateway. */
export interface Joined {
  /** As in `hearth token list`. */
  readonly id: string;
  readonly token: string;
  /** Where the gateway answered last. */
  readonly address: string;
}

export interface FlowsHome {
  readonly folder: string;
  /** Node-RED's user folder. */
  readonly userDir: string;
  /** Encrypts what nodes keep as credentials; made once, or flows could not be read again. */
  readonly credentialSecret: string;
  /** Makes durable what flows have saved since the last call: Node-RED itself may not (no-fsync.cjs). */
  syncFlows(): void;
  joined(): Joined | undefined;
  keepJoined(joined: Joined): void;
}

/** Throws `home.unwritable` (world), `home.unreadable` (operator). */
export function openFlowsHome(home: string): FlowsHome {
  const folder = join(home, "flows");
  const userDir = join(folder, "node-red");
  try {
    mkdirSync(userDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new GatewayError("home.unwritable", "world", `${userDir} cannot be made: free some space on its disk, or check it.`, { cause });
  }
  const keyFile = join(folder, "credential-secret");
  if (!existsSync(keyFile)) writePrivate(keyFile, `${newSecret()}\n`);
  const syncedMs = new Map<string, number>();
  const joinedFile = join(folder, "joined.json");
  return {
    ...{ folder, userDir },
    credentialSecret: readFileSync(keyFile, "utf8").trim(),
    syncFlows() {
      for (const name of ["flows.json", "flows_cred.json"]) {
        const savedMs = statSync(join(userDir, name), { throwIfNoEntry: false })?.mtimeMs;
        if (savedMs === undefined || syncedMs.get(name) === savedMs) continue;
        try {
          syncPath(join(userDir, name));
          syncPath(userDir);
          syncedMs.set(name, savedMs);
        } catch {
          // A disk that fails says so at the next save; it is tried again at the next call.
        }
      }
    },
    joined() {
      if (!existsSync(joinedFile)) return undefined;
      try {
        const { id, token, address } = JSON.parse(readFileSync(joinedFile, "utf8")) as Record<string, unknown>;
        if (typeof id === "string" && typeof token === "string" && typeof address === "string") return { id, token, address };
      } catch {
        // Told below, as any other text in it.
      }
      throw new GatewayError("home.unreadable", "operator", `${joinedFile} is damaged; remove it to have the flows joined anew.`);
    },
    keepJoined: (joined) => writePrivate(joinedFile, `${JSON.stringify(joined, null, 2)}\n`),
  };
}

function syncPath(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Node-RED takes these two from its environment, so that neither a port nor a token stands in a flow. */
const variable = (name: string) => `\${${name}}`;
export const gatewayNode = {
  id: "hearth-home",
  type: "hearth-gateway",
  name: "Hearth at home",
  address: variable("HEARTH_ADDRESS"),
  caFile: "",
};
const gatewayCredentials = { [gatewayNode.id]: { token: variable("HEARTH_TOKEN") } };

/** Puts a first flow on a canvas that nobody has used yet. Throws `home.unwritable` (world). */
export function layFirstFlow({ userDir, credentialSecret }: FlowsHome, example: string): void {
  const file = join(userDir, "flows.json");
  if (existsSync(file)) return;
  const flow = existsSync(example) ? (JSON.parse(readFileSync(example, "utf8")) as { id: string }[]) : [];
  const others = flow.filter(({ id }) => id !== gatewayNode.id);
  // Last, so that a start that fell in between lays both anew.
  writePrivate(join(userDir, "flows_cred.json"), JSON.stringify({ $: encrypted(JSON.stringify(gatewayCredentials), credentialSecret) }));
  writePrivate(file, `${JSON.stringify([...others, gatewayNode], null, 4)}\n`);
}

/** As Node-RED reads it (@node-red/runtime, nodes/credentials.js): the vector in hex, then AES-256-CTR in base64, its key the secret's SHA-256. */
function encrypted(text: string, secret: string): string {
  const vector = randomBytes(16);
  const cipher = createCipheriv("aes-256-ctr", createHash("sha256").update(secret).digest(), vector);
  return vector.toString("hex") + Buffer.concat([cipher.update(text, "utf8"), cipher.final()]).toString("base64");
}
