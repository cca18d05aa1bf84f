/** The folder a home keeps: who may open it, its tokens and secrets, the ports in use, the demo's turns. Everything is readable by its owner alone. */

import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { newSecret } from "../runtime/password.ts";
import { writePrivateFile } from "../runtime/private-file.ts";
import { livingProcess, processLine } from "../runtime/process-birth.ts";
import { releaseReserve } from "../runtime/reserve.ts";
import { setAside } from "../runtime/set-aside.ts";

export interface Home {
  readonly folder: string;
  /** hearth.yaml; its absence makes `npm start` a demo. */
  readonly configFile: string;
  readonly portsFile: string;
  readonly tokensFile: string;
  readonly secretsFile: string;
  readonly demoFolder: string;
}

type RoleTokens = Readonly<Record<"admin" | "caregiver" | "patient" | "integrator", string>>;
type HomeTokens = Partial<RoleTokens> & Pick<RoleTokens, "admin">;

/** As in ports.json. */
export interface PortsInUse {
  readonly http: number;
  readonly mqtt: number;
  /** MQTT with TLS on the home network, where that is open. */
  readonly mqtt_tls?: number;
  readonly twin: number;
  readonly twin_mqtt: number;
}

/** Makes the folder (0700) if it is not there and names its files. Throws `home.unusable` (operator). */
export function openHome(folder: string): Home {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // A disk that went read-only refuses even what is so already.
    if ((statSync(folder).mode & 0o777) !== 0o700) chmodSync(folder, 0o700);
  } catch (cause) {
    throw new GatewayError("home.unusable", "operator", `The data folder ${folder} cannot be used; set HEARTH_HOME to a folder of yours.`, {
      cause,
    });
  }
  return {
    folder,
    configFile: join(folder, "hearth.yaml"),
    portsFile: join(folder, "ports.json"),
    tokensFile: join(folder, "tokens.json"),
    secretsFile: join(folder, "secrets.json"),
    demoFolder: join(folder, "demo"),
  };
}

export function hasConfig(home: Home): boolean {
  return existsSync(home.configFile);
}

/**
 * Keeps a second gateway out of the same home, whose journal must have one writer. Returns the release.
 * Throws `home.in_use` (operator). What a process left that no longer lives is taken over.
 */
export function lockHome(home: Home, pid: number): () => void {
  const file = join(home.folder, "hearth.pid");
  const holder = existsSync(file) ? livingProcess(readFileSync(file, "utf8")) : undefined;
  if (holder !== undefined && holder !== pid) {
    throw new GatewayError(
      "home.in_use",
      "operator",
      `Another Hearth (process ${holder}) uses ${home.folder}; stop it, or set HEARTH_HOME to another folder.`,
      { fields: { holder } },
    );
  }
  writeWherePossible(file, processLine(pid));
  return () => {
    try {
      rmSync(file, { force: true });
    } catch {
      // A disk that can't be written; the next start sees that this process is gone.
    }
  };
}

const tokenRoles = ["admin", "caregiver", "patient", "integrator"] as const;

/**
 * The tokens of tokens.json (0600), in plain. The admin's is the key with which the verbs of this machine ask the gateway, and is made where there is none.
 * A home that was made by an earlier Hearth has one for every role; in a new one the others are in access.json, as hashes. With `all` each role gets one.
 *
 * @param onRepair told when the file was damaged and new tokens were made; without it the damaged file throws `home.unreadable` (operator).
 */
export function homeTokens(home: Home, { all, onRepair }: { all: boolean; onRepair?: (what: string) => void }): HomeTokens {
  const known = knownTokens(home, onRepair);
  const tokens = Object.fromEntries(
    tokenRoles.flatMap((role): [string, string][] => {
      const token = known[role];
      if (typeof token === "string" && token !== "") return [[role, token]];
      return all || role === "admin" ? [[role, newSecret()]] : [];
    }),
  ) as unknown as HomeTokens;
  writeTokens(home, tokens, onRepair !== undefined);
  return tokens;
}

/** One for each role: the demo, a measurement, a twin alone. */
export function roleTokens(home: Home, onRepair?: (what: string) => void): RoleTokens {
  return homeTokens(home, { all: true, ...(onRepair === undefined ? {} : { onRepair }) }) as RoleTokens;
}

/** Takes a role's token out of tokens.json. The admin's is made anew, or this machine's verbs would be locked out, and with `all` every other; answers it. */
export function replaceToken(home: Home, role: keyof RoleTokens, { all }: { all: boolean }): string | undefined {
  const { [role]: _old, ...others } = knownTokens(home);
  const fresh = all || role === "admin" ? newSecret() : undefined;
  writeTokens(home, { ...others, ...(fresh === undefined ? {} : { [role]: fresh }) }, false);
  return fresh;
}

function writeTokens(home: Home, tokens: object, isSpare: boolean): void {
  const text = `${JSON.stringify(tokens, null, 2)}\n`;
  if (isSpare) writeWherePossible(home.tokensFile, text);
  else writePrivate(home.tokensFile, text);
}

function knownTokens(home: Home, onRepair?: (what: string) => void): Record<string, unknown> {
  try {
    return readJson(home.tokensFile);
  } catch (thrown) {
    if (onRepair === undefined) throw thrown;
    onRepair(setAside(home.tokensFile, "new tokens were made: those of before open nothing, make others with 'hearth token add'."));
    return {};
  }
}

/** The same as a list, as those who check tokens want it. */
export function tokenList(tokens: Partial<RoleTokens>): { readonly role: keyof RoleTokens; readonly token: string }[] {
  return tokenRoles.flatMap((role) => (tokens[role] === undefined ? [] : { role, token: tokens[role] }));
}

/** A named secret of secrets.json (what `!secret NAME` means), or undefined. */
export function namedSecret(home: Home, name: string): string | undefined {
  const value = readJson(home.secretsFile)[name];
  return typeof value === "string" ? value : undefined;
}

export function writePorts(home: Home, ports: PortsInUse): void {
  writeWherePossible(home.portsFile, `${JSON.stringify(ports)}\n`);
}

/** The ports of what runs (or ran last) here; undefined before the first start. Throws `home.unreadable` (operator) on a damaged file. */
export function readPorts(home: Home): PortsInUse | undefined {
  const { http, mqtt, mqtt_tls, twin, twin_mqtt } = readJson(home.portsFile);
  const isPort = (value: unknown): value is number => typeof value === "number";
  return isPort(http) && isPort(mqtt) && isPort(twin) && isPort(twin_mqtt)
    ? { http, mqtt, ...(isPort(mqtt_tls) ? { mqtt_tls } : {}), twin, twin_mqtt }
    : undefined;
}

/**
 * Writes a file that only the owner reads (0600), whole or not at all; one that says so already is left alone. On a full disk the folder's reserve is
 * given up for it. Throws `home.unwritable` (world).
 */
export function writePrivate(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  try {
    writePrivateFile(file, text);
  } catch {
    releaseReserve(dirname(file));
    try {
      writePrivateFile(file, text);
    } catch (cause) {
      const { code = "" } = cause as NodeJS.ErrnoException;
      throw new GatewayError("home.unwritable", "world", `${file} cannot be written (${code}): free some space on its disk, or check it.`, {
        cause,
      });
    }
  }
}

/** What a home can live without for once: nobody is watched by a home that stays shut. The full disk is told as an alert. */
function writeWherePossible(file: string, text: string): void {
  try {
    writePrivate(file, text);
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
  }
}

function readJson(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  const unreadable = (cause?: unknown) =>
    new GatewayError("home.unreadable", "operator", `${file} is not readable JSON; remove it to have a new one made.`, { cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw unreadable(cause);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw unreadable();
  return parsed as Record<string, unknown>;
}

/** Begins the demo with an empty folder and keeps the last one as demo.previous; with `keep` the old one goes on. Returns the folder. */
export function prepareDemo(home: Home, options: { keep: boolean }): string {
  const previous = `${home.demoFolder}.previous`;
  if (!options.keep && existsSync(home.demoFolder)) {
    rmSync(previous, { recursive: true, force: true });
    renameSync(home.demoFolder, previous);
  }
  mkdirSync(home.demoFolder, { recursive: true, mode: 0o700 });
  return home.demoFolder;
}

/**
 * A port to listen on: `port` itself when it is free, or with `fallback` a free one instead; 0 is always a free one.
 * Throws `home.port_busy`, `home.port_refused` (operator) with the port's name. Another program that asks for the very same port may still come first.
 */
export async function claimPort(port: number, host: string, options: { name: string; fallback: boolean }): Promise<number> {
  const refused = port === 0 ? undefined : await tryPort(port, host);
  if (port !== 0 && refused === undefined) return port;
  const free = refused === undefined || options.fallback ? await freePort(host) : refused;
  if (typeof free === "number") return free;
  if (free.code !== "EADDRINUSE")
    throw new GatewayError(
      "home.port_refused",
      "operator",
      `This machine does not let it listen on ${host} port ${port} (${options.name}): ${free.code}; choose another address or ports.${options.name} in hearth.yaml.`,
      { cause: free, fields: { name: options.name, port } },
    );
  throw new GatewayError(
    "home.port_busy",
    "operator",
    `Port ${port} (${options.name}) is in use by another program; free it or set ports.${options.name} in hearth.yaml.`,
    {
      fields: { name: options.name, port },
    },
  );
}

/**
 * Below those that a system gives to connections (RFC 6335: 49152 and up; Linux: 32768 and up) and to whoever asks for port 0: one of these could be
 * gone before the door is opened, or while a house closes and opens again.
 */
const freePorts = { from: 20_000, count: 12_000, tries: 100 };
/** One is never told twice in a process, and each process begins elsewhere: whoever was told it may not have opened its door yet. The factor is a prime. */
let portsTold = process.pid * 7919;

async function freePort(host: string): Promise<number | NodeJS.ErrnoException> {
  for (let tries = 1; ; tries++) {
    const port = freePorts.from + (portsTold++ % freePorts.count);
    const refused = await tryPort(port, host);
    if (refused === undefined) return port;
    if (tries === freePorts.tries) return refused;
  }
}

/** Why it can't be listened on; undefined where it can. */
function tryPort(port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
