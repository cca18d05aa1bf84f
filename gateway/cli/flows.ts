/** `hearth flows`: Node-RED beside this home's gateway, joined to it with a token of its own, until Ctrl-C. */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { untilStopped } from "../app.ts";
import { claimPort, type Home, lockHome, openHome, readPorts } from "../config/home-folder.ts";
import { environment, homeFolder } from "../config/load.ts";
import { type FlowsHome, type Joined, layFirstFlow, openFlowsHome } from "../flows/flows-home.ts";
import { type NodeRed, startNodeRed } from "../flows/node-red.ts";
import { type PaletteFolder, readyPalette } from "../flows/palette-folder.ts";
import { askGateway, isNotRunning } from "./running-gateway.ts";

interface FlowsOptions {
  readonly port?: number;
  readonly join: boolean;
}

const paletteFolder = fileURLToPath(new URL("../../flows", import.meta.url));
const usualPort = 1880;
const lookEveryMs = 3000;
/** So many unexpected ends within a minute are no accident. */
const maxEnds = 3;
const endsWithinMs = 60_000;

const say = (line: string) => void process.stdout.write(`${line}\n`);

/**
 * Ends with Ctrl-C. Throws `use.port`, `home.in_use`, `home.port_refused`, `flows.token_revoked` (operator), `flows.not_installed`, `flows.ended` (world).
 */
export async function flows(options: FlowsOptions): Promise<void> {
  const { port: wished = usualPort } = options;
  if (!Number.isInteger(wished) || wished < 0 || wished > 65_535)
    throw new GatewayError("use.port", "operator", "--port is a number from 0 to 65535; 0 takes any free one.");
  const home = openHome(homeFolder());
  const own = openFlowsHome(home.folder);
  const unlock = lockHome({ ...home, folder: own.folder }, process.pid);
  const over = new AbortController();
  void untilStopped({ outlivesTerminal: false }).then(() => over.abort());
  try {
    const palette = await readyPalette(paletteFolder, { say, signal: over.signal, env: environment() });
    const joined = over.signal.aborted ? undefined : await joinGateway(home, own, { anew: options.join, signal: over.signal });
    if (joined === undefined) return;
    layFirstFlow(own, join(palette.folder, "examples", firstFlow));
    const port = await claimPort(wished, "127.0.0.1", { name: "flows", fallback: options.port === undefined });
    if (port !== wished && wished !== 0) say(`Port ${wished} is in use by another program; the editor is on ${port}.`);
    await keepNodeRed({ home, own, palette, port, joined, signal: over.signal });
    say("The flows have ended; 'npm run flows' starts them again as they were.");
  } finally {
    unlock();
  }
}

const firstFlow = "01 red lamp.json";

interface Kept {
  readonly home: Home;
  readonly own: FlowsHome;
  readonly palette: PaletteFolder;
  readonly port: number;
  readonly joined: Joined;
  readonly signal: AbortSignal;
}

/** Keeps Node-RED running, with the gateway's address and the token as they are now, until `signal`. */
async function keepNodeRed({ home, own, palette, port, joined: first, signal }: Kept): Promise<void> {
  let joined = first;
  const ends: number[] = [];
  const lastLines: string[] = [];
  const onLine = (line: string) => {
    lastLines.push(line);
    lastLines.splice(0, lastLines.length - 5);
    say(line);
  };
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const nodeRed = startNodeRed({ palette, home: own, port, gateway: joined, env: environment(), say: onLine });
    try {
      if ((await readyOr(nodeRed, signal)) && isFirst) await greet(own, port);
      const change = await nextChange(nodeRed, joined, home, own, signal);
      if (change.kind === "stopped") return;
      if (change.kind === "joined") joined = change.joined;
      else {
        ends.push(performance.now());
        if (ends.filter((at) => performance.now() - at < endsWithinMs).length >= maxEnds)
          throw new GatewayError("flows.ended", "world", `Node-RED ends again and again; it said last:\n${lastLines.join("\n")}`);
        say(`Node-RED has ended by itself (${change.code}) and is started again.`);
      }
    } finally {
      await nodeRed.close();
      own.syncFlows();
    }
  }
}

type Change =
  | { readonly kind: "stopped" }
  | { readonly kind: "ended"; readonly code: number | null }
  | { readonly kind: "joined"; readonly joined: Joined };

/** Waits for whatever makes another start necessary, and says what becomes of the gateway meanwhile. */
async function nextChange(nodeRed: NodeRed, joined: Joined, home: Home, own: FlowsHome, signal: AbortSignal): Promise<Change> {
  const watch = new AbortController();
  const stop = () => watch.abort();
  signal.addEventListener("abort", stop);
  const ended = nodeRed.ended.then((code): Change => (signal.aborted ? { kind: "stopped" } : { kind: "ended", code }));
  const watched = async (): Promise<Change> => {
    let said = "known";
    while (!watch.signal.aborted) {
      own.syncFlows();
      const { found, address } = await lookFor(joined, home);
      if (found === "known" && address !== joined.address) {
        say(`The gateway answers at ${address} now.`);
        return { kind: "joined", joined: keep(own, { ...joined, address }) };
      }
      if (found === "unknown" && (await isDemo())) {
        say("This is a new demo; the flows get a token there.");
        return { kind: "joined", joined: await makeToken(own, address) };
      }
      if (found !== said) say(whatIs[found](joined));
      said = found;
      await sleep(lookEveryMs, undefined, { signal: watch.signal }).catch(() => {});
    }
    return { kind: "stopped" };
  };
  try {
    return await Promise.race([ended, watched()]);
  } finally {
    watch.abort();
    signal.removeEventListener("abort", stop);
  }
}

const whatIs: Readonly<Record<"known" | "unknown" | "silent", (joined: Joined) => string>> = {
  known: () => "The gateway answers again.",
  unknown: ({ id }) => `${revokedSays(id)} The flows go on without the gateway.`,
  silent: () => "The gateway does not answer; the flows go on and wait for it.",
};

const revokedSays = (id: string) => `The token of the flows (${id}) was revoked; 'npm run flows -- --join' makes another.`;

/** What the gateway that runs here now, if any, says to the flows' token. */
async function lookFor(joined: Joined, home: Home): Promise<{ found: "known" | "unknown" | "silent"; address: string }> {
  const port = readPorts(home)?.http;
  const address = port === undefined ? joined.address : `http://127.0.0.1:${port}`;
  const headers = { authorization: `Bearer ${joined.token}` };
  const answer = await fetch(`${address}/api/v1/status`, { headers, signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  if (answer?.status === 401) return { found: "unknown", address };
  return { found: answer?.ok === true ? "known" : "silent", address };
}

const isDemo = async () =>
  askGateway("status").then(
    ({ mode }) => mode === "demo",
    () => false,
  );

/** The token of before where it is still good or nobody answers; else a new one, as soon as a gateway is there. Undefined when told to end. */
async function joinGateway(
  home: Home,
  own: FlowsHome,
  { anew, signal }: { anew: boolean; signal: AbortSignal },
): Promise<Joined | undefined> {
  const before = own.joined();
  if (before !== undefined && !anew) {
    const { found, address } = await lookFor(before, home);
    if (found === "silent") say("No gateway answers yet; the flows start and wait for it.");
    if (found !== "unknown") return keep(own, { ...before, address });
    if (!(await isDemo())) throw new GatewayError("flows.token_revoked", "operator", revokedSays(before.id));
  }
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    try {
      const { ports } = (await askGateway("status")) as { ports: { http: number } };
      const joined = await makeToken(own, `http://127.0.0.1:${ports.http}`);
      if (before !== undefined && anew) await askGateway(`tokens/${encodeURIComponent(before.id)}`, { method: "DELETE" }).catch(() => {});
      return joined;
    } catch (thrown) {
      if (!isNotRunning(thrown)) throw thrown;
      if (isFirst) say(`Waiting for the gateway of ${home.folder}: start it with 'npm start' in another window. Ctrl-C ends this.`);
      await sleep(lookEveryMs, undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}

/** An integrator's, for everybody of the home; named, so that whoever lists tokens knows whose it is. */
async function makeToken(own: FlowsHome, address: string): Promise<Joined> {
  const body = { role: "integrator", name: "Node-RED" };
  const { token, grant } = (await askGateway("tokens", { method: "POST", body })) as { token: string; grant: { id: string } };
  return keep(own, { id: grant.id, token, address });
}

function keep(own: FlowsHome, joined: Joined): Joined {
  own.keepJoined(joined);
  return joined;
}

async function readyOr(nodeRed: NodeRed, signal: AbortSignal): Promise<boolean> {
  const stopped = new Promise<false>((resolve) => signal.addEventListener("abort", () => resolve(false), { once: true }));
  return Promise.race([nodeRed.ready(), stopped]);
}

async function greet(own: FlowsHome, port: number): Promise<void> {
  const code = await askGateway("sign-in-codes", { method: "POST", body: { role: "integrator", name: "Integrator" } }).then(
    (answer) => String(answer.code),
    () => undefined,
  );
  say(`Node-RED runs: http://127.0.0.1:${port}`);
  say(
    code === undefined
      ? "  sign in   any name; password: an integrator's or admin's token, once the gateway answers"
      : `  sign in   any name; password: ${code} (once, for 10 minutes), or an integrator's token`,
  );
  say("            'npm run hearth -- sign-in --role integrator' prints another code");
  say(`  flows     are kept in ${own.userDir}`);
  say("  examples  in the editor's menu: Import, Examples, @hearth/node-red-hearth");
  say("Ctrl-C ends it.");
}
