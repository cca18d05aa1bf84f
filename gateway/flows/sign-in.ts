/**
 * Who may open Node-RED's editor: an integrator or admin of the gateway, who is asked at every request. Node-RED keeps no account and no session of its own:
 * the browser holds a session of the gateway, which ends there (`hearth revoke`) like any other.
 */

/** Node-RED's `adminAuth` (nodered.org/docs/user-guide/runtime/securing-node-red), as far as it is used. */
interface EditorUser {
  readonly username: string;
  readonly permissions: "*";
  /** What the browser shows from now on. */
  readonly token?: string;
}

export interface SignIn {
  /** Null where the gateway does not let them in, or does not answer; Node-RED wants no rejection. */
  authenticate(username: string, password: string): Promise<EditorUser | null>;
  /** Whose session this is; null for one that has ended. */
  tokens(session: string): Promise<EditorUser | null>;
  /** Ends the session at the gateway. */
  signOut(session: string): Promise<void>;
  /** The role of whoever shows this token or session; undefined where it opens nothing. */
  roleOf(secret: string): Promise<string | undefined>;
}

interface SignInPorts {
  /** Base of the gateway's REST interface. */
  readonly address: string;
  readonly nowMs: () => number;
  /** A line for whoever started Node-RED; never a secret. */
  readonly say: (line: string) => void;
}

const editors: readonly string[] = ["integrator", "admin"];
/** The editor asks for dozens of things at once. A session that was revoked may read on for so long. */
const believedMs = 3000;
/** Sessions remembered; the gateway itself keeps 200. */
const maxRemembered = 200;
const answerMs = 5000;
/** `ABCD-EFGH-JKLM`; a token is twice as long. */
const codePattern = /^[A-Z2-9]{4}[\s-]?[A-Z2-9]{4}[\s-]?[A-Z2-9]{4}$/i;
const maxSecretChars = 200;

export function createSignIn({ address, nowMs, say }: SignInPorts): SignIn {
  const believed = new Map<string, { readonly role: string; readonly untilMs: number }>();
  const names = new Map<string, string>();

  const ask = async (path: string, secret: string | undefined, method = "GET", body?: object) => {
    const answer = await fetch(`${address}/api/v1/${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerMs),
    });
    return answer.ok ? ((await answer.json()) as Record<string, unknown>) : undefined;
  };
  const roleOf = async (secret: string) => {
    if (!/^[\w.~+/=-]+$/.test(secret) || secret.length > maxSecretChars) return undefined;
    const known = believed.get(secret);
    if (known !== undefined && known.untilMs > nowMs()) return known.role;
    believed.delete(secret);
    const role = (await ask("status", secret))?.role;
    if (typeof role !== "string") return undefined;
    believed.set(secret, { role, untilMs: nowMs() + believedMs });
    forgetOldest(believed);
    return role;
  };
  /** A session of the gateway for a one-time code, or for a token and in its right. */
  const openSession = async (password: string) => {
    let code: unknown = password;
    if (!codePattern.test(password)) {
      if (!editors.includes((await roleOf(password)) ?? "")) return undefined;
      code = (await ask("sign-in-codes", password, "POST", {}))?.code;
    }
    const session = (await ask("session", undefined, "POST", { code }))?.token;
    if (typeof session !== "string") return undefined;
    if (editors.includes((await roleOf(session)) ?? "")) return session;
    await ask("session", session, "DELETE");
    return undefined;
  };
  const quietly = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work();
    } catch {
      say("The gateway does not answer, so nobody can be signed in to the editor now.");
      return otherwise;
    }
  };

  return {
    roleOf: (secret) => quietly(() => roleOf(secret), undefined),
    async authenticate(username, password) {
      const session = await quietly(() => openSession(password.trim()), undefined);
      if (session === undefined) return null;
      names.set(session, username);
      forgetOldest(names);
      return { username, permissions: "*", token: session };
    },
    async tokens(session) {
      const role = await quietly(() => roleOf(session), undefined);
      return role !== undefined && editors.includes(role) ? { username: names.get(session) ?? role, permissions: "*" } : null;
    },
    async signOut(session) {
      believed.delete(session);
      names.delete(session);
      if (/^[\w.~+/=-]+$/.test(session)) await quietly(() => ask("session", session, "DELETE"), undefined);
    },
  };
}

function forgetOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > maxRemembered && oldest !== undefined) map.delete(oldest);
}
