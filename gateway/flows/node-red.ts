/** Node-RED as a child of its own, which reads and writes no more of this machine than it needs (Node's permission model: a seat belt, no wall). */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { FlowsHome } from "./flows-home.ts";
import type { PaletteFolder } from "./palette-folder.ts";

interface NodeRedOptions {
  readonly palette: PaletteFolder;
  readonly home: FlowsHome;
  readonly port: number;
  /** Base of the gateway's REST interface, and the flows' own token there. */
  readonly gateway: { readonly address: string; readonly token: string };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line that Node-RED printed. */
  readonly say: (line: string) => void;
}

export interface NodeRed {
  /** True once the editor answers; false where it ended before. */
  ready(): Promise<boolean>;
  /** How it ended, whenever that is; null = by a signal. */
  readonly ended: Promise<number | null>;
  /** Lets flows end in their own way, within their time. */
  close(): Promise<void>;
}

/** Of the shell's: what programs need anywhere, and the way out of this network. No setting of the gateway, which may be a secret. */
const passedOn = /^(PATH|LANG|LC_\w+|TZ|TERM|(HTTPS?|NO|ALL)_PROXY|NODE_EXTRA_CA_CERTS)$/i;
const closeMs = 10_000;
const askEveryMs = 150;

const ownFolder = import.meta.dirname;
const settingsFile = join(ownFolder, "settings.cjs");

export function startNodeRed({ palette, home, port, gateway, env, say }: NodeRedOptions): NodeRed {
  const readable = [palette.folder, ownFolder, home.userDir];
  const child = spawn(
    process.execPath,
    [
      ...["--permission", "--require", join(ownFolder, "no-fsync.cjs")],
      ...readable.map((path) => `--allow-fs-read=${path}`),
      `--allow-fs-write=${home.userDir}`,
      ...[palette.nodeRed, "--userDir", home.userDir, "--settings", settingsFile],
    ],
    {
      cwd: home.userDir,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...Object.fromEntries(Object.entries(env).filter(([name]) => passedOn.test(name))),
        HOME: home.userDir,
        HEARTH_ADDRESS: gateway.address,
        HEARTH_TOKEN: gateway.token,
        HEARTH_FLOWS_PORT: String(port),
        HEARTH_FLOWS_FOLDER: home.userDir,
        HEARTH_PALETTE: palette.folder,
        HEARTH_CREDENTIAL_SECRET: home.credentialSecret,
      },
    },
  );
  sayLines(child, say);
  let isOver = false;
  const ended = new Promise<number | null>((resolve) => {
    const end = (code: number | null) => {
      isOver = true;
      resolve(code);
    };
    child.once("exit", end);
    child.once("error", () => end(null));
  });
  return {
    ended,
    async ready() {
      while (!isOver) {
        if (await answers(port)) return true;
        await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, askEveryMs))]);
      }
      return false;
    },
    async close() {
      if (isOver) return;
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), closeMs);
      await ended;
      clearTimeout(late);
    },
  };
}

/** What tells whoever asks how to sign in: Node-RED's own answer, not another program's. */
async function answers(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/auth/login`, { signal: AbortSignal.timeout(5000) });
    return ((await answer.json()) as { type?: unknown }).type === "credentials";
  } catch {
    return false;
  }
}

function sayLines({ stdout, stderr }: ChildProcess, say: (line: string) => void): void {
  for (const stream of [stdout, stderr]) {
    let rest = "";
    stream?.on("data", (bytes) => {
      const lines = (rest + String(bytes)).split("\n");
      rest = (lines.pop() ?? "").slice(-4000);
      for (const line of lines) if (line.trim() !== "") say(line);
    });
  }
}
