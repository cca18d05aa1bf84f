/** Node-RED's settings as `hearth flows` wants them: closed unless somebody opens them. It is loaded inside Node-RED (settings.cjs), not by the gateway. */

import { join } from "node:path";
import { type Answer, type Asked, endSession, guardHost, guardPages, type Middleware } from "./door.ts";
import { createSignIn } from "./sign-in.ts";

interface FlowsSettings {
  /** Base of the gateway's REST interface. */
  readonly gateway: string;
  readonly port: number;
  /** Where flows are kept, and the only folder that they may write. */
  readonly userDir: string;
  /** Folder of the palette, a Node-RED module. */
  readonly palette: string;
  /** Encrypts what nodes keep as credentials. */
  readonly credentialSecret: string;
}

/** Node-RED's levels (nodered.org/docs/user-guide/runtime/logging): fatal 10, error 20, warn 30, info 40. */
interface LogLine {
  readonly level: number;
  readonly msg: unknown;
  readonly type?: string;
  readonly name?: string;
  readonly id?: string;
}

/** A node that is sent more than it can take lets go of the oldest. */
const maxNodeBuffer = 1000;

/** What settings.cjs exports. */
export function closedSettings({ gateway, port, userDir, palette, credentialSecret }: FlowsSettings): object {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const signIn = createSignIn({ address: gateway, nowMs: () => performance.now(), say });
  const host = guardHost([]);
  return {
    ...{ uiHost: "127.0.0.1", uiPort: port, userDir, flowFile: "flows.json", flowFilePretty: true, credentialSecret },
    adminAuth: {
      type: "credentials",
      users: async () => null,
      authenticate: signIn.authenticate,
      tokens: signIn.tokens,
    },
    httpAdminMiddleware: [host, endSession(signIn)],
    httpNodeAuth: both(host, guardPages(signIn)),
    webSocketNodeVerifyClient: (
      { req }: { req: { readonly headers: Asked["headers"] } },
      done: (isWelcome: boolean, code?: number) => void,
    ) => {
      const asked = { method: "GET", path: "/", headers: req.headers };
      both(host, guardPages(signIn))(asked, refusal(done), () => done(true));
    },
    // No code from the network: nodes are installed by whoever has a shell here, never by the editor or by a flow that names a package.
    externalModules: {
      autoInstall: false,
      palette: { allowInstall: false, allowUpload: false, allowUpdate: false },
      modules: { allowInstall: false },
    },
    functionExternalModules: false,
    nodesDir: [palette],
    // Starts programs, which the process may not.
    nodesExcludes: ["90-exec.js"],
    // Nothing leaves unasked: no use figures, no look for updates.
    telemetry: { enabled: false, updateNotification: false },
    diagnostics: { enabled: false, ui: false },
    nodeMessageBufferMaxLength: maxNodeBuffer,
    exportGlobalContextKeys: false,
    // Node-RED's own order with Hearth before it.
    paletteCategories: ["hearth", "subflows", "common", "function", "network", "sequence", "parser", "storage"],
    logging: { hearth: { level: "warn", metrics: false, audit: false, handler: () => (line: LogLine) => sayLogged(line, say) } },
    editorTheme: {
      page: { title: "Hearth flows" },
      header: { title: "Hearth flows" },
      login: { image: join(import.meta.dirname, "sign-in.svg") },
      projects: { enabled: false },
      tours: false,
      multiplayer: { enabled: false },
    },
  };
}

/** What a node says may hold a value of a patient, so only its name comes here; the editor's debug side bar has the rest. */
function sayLogged({ msg, type, name, id }: LogLine, say: (line: string) => void): void {
  if (id !== undefined) {
    say(`Node-RED: the node "${name ?? id}" (${type ?? "unknown"}) reports a problem; the editor's debug side bar says which.`);
    return;
  }
  const text = msg instanceof Error ? msg.message : String((msg as { message?: unknown } | null)?.message ?? msg);
  if (text.startsWith("Projects disabled")) return;
  say(`Node-RED: ${text}`);
}

function both(first: Middleware, second: Middleware): Middleware {
  return (asked, answer, next) => first(asked, answer, () => second(asked, answer, next));
}

/** An answer that only says yes or no, as a WebSocket's door wants it. */
function refusal(done: (isWelcome: boolean, code?: number) => void): Answer {
  let code = 401;
  const answer: Answer = {
    status(given) {
      code = given;
      return answer;
    },
    set: () => answer,
    type: () => answer,
    send: () => done(false, code),
  };
  return answer;
}
