/** `hearth token`, `hearth sign-in` and `hearth revoke`: who may come in, asked of the running gateway; what needs none is done in the home's files. */

import { join } from "node:path";
import { systemClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type Access, openAccess } from "../access/access.ts";
import { accessFile } from "../access/access-file.ts";
import { qrLines } from "../access/qr.ts";
import { hasConfig, homeTokens, namedSecret, openHome, replaceToken, tokenList } from "../config/home-folder.ts";
import { homeFolder, loadConfig } from "../config/load.ts";
import { openCredentials } from "../ingest/credentials.ts";
import { tableText } from "../runtime/text-table.ts";
import { askGateway, isNotRunning } from "./running-gateway.ts";

interface GrantRow {
  readonly id: string;
  readonly kind: string;
  readonly role: string;
  readonly name: string | null;
  readonly persons: readonly string[] | null;
  readonly created_at: string | null;
  readonly used_at: string | null;
}

interface Wished {
  readonly role: string;
  readonly person: readonly string[];
  readonly everybody: boolean;
  readonly name?: string;
  readonly json: boolean;
}

const print = (text: string) => void process.stdout.write(`${text}\n`);
const printJson = (value: unknown) => print(JSON.stringify(value));

/** Throws what the gateway refuses; `gateway.not_running` (world). */
export async function addToken({ json, ...wished }: Wished): Promise<void> {
  const { token, grant } = (await askGateway("tokens", { method: "POST", body: bodyOf(wished) })) as { token: string; grant: GrantRow };
  if (json) return printJson({ token, ...grant });
  print(
    `${token}\nThis token is shown only now. It is ${grant.id}: ${grant.role}, sees ${seenBy(grant)}. 'hearth revoke ${grant.id}' ends it.`,
  );
}

export async function listTokens({ json }: { json: boolean }): Promise<void> {
  const { tokens } = (await askGateway("tokens")) as { tokens: GrantRow[] };
  const { sessions } = (await askGateway("sessions")) as { sessions: GrantRow[] };
  if (json) return printJson({ tokens, sessions });
  print(
    tableText(
      ["ID", "KIND", "ROLE", "NAME", "SEES", "MADE", "LAST USED"],
      [...tokens, ...sessions].map((grant) => [
        grant.id,
        grant.kind,
        grant.role,
        grant.name ?? "",
        seenBy(grant),
        grant.created_at?.slice(0, 10) ?? "in tokens.json",
        grant.used_at?.slice(0, 10) ?? "",
      ]),
    ),
  );
}

export async function bindToken(id: string, { person, everybody, json }: Omit<Wished, "role" | "name">): Promise<void> {
  const { grant } = (await askGateway(`tokens/${encodeURIComponent(id)}`, {
    method: "PUT",
    body: { persons: everybody ? null : person },
  })) as { grant: GrantRow };
  if (json) return printJson(grant);
  print(`${grant.id} (${grant.role}) sees ${seenBy(grant)} from now on.`);
}

/** Prints a fresh one-time code of a running gateway, with its QR code where a phone can reach the page. */
export async function signIn({ json, ...wished }: Wished): Promise<void> {
  const answer = (await askGateway("sign-in-codes", { method: "POST", body: bodyOf(wished) })) as unknown as {
    code: string;
    path: string;
    urls: string[];
    expires_at: string;
  };
  if (json) return printJson(answer);
  const [url] = answer.urls;
  const { http } = (await askGateway("status")).ports as { http: number };
  print(`This machine: http://127.0.0.1:${http}${answer.path}`);
  for (const each of answer.urls) print(`Home network: ${each}`);
  if (url === undefined)
    print("The page is open to this machine only; a phone needs http.host: 0.0.0.0 in hearth.yaml, or a start with --lan.");
  else print(qrLines(url).join("\n"));
  print(`Or type the code ${answer.code} on the page. It works once, for 10 minutes.`);
}

type Kind = "device" | "token" | "session";
const places: Readonly<Record<Kind, string>> = { device: "accounts", token: "tokens", session: "sessions" };

/** Ends an account of the broker, a token or a session. Throws `revoke.unknown`, `revoke.ambiguous` (operator). */
export async function revoke(id: string, { kind, json }: { kind?: string; json: boolean }): Promise<void> {
  const kinds = (Object.keys(places) as Kind[]).filter((each) => kind === undefined || kind === each);
  if (kinds.length === 0) throw new GatewayError("use.kind", "operator", `--kind is ${Object.keys(places).join(", ")}.`);
  const door = await openDoor();
  const found = await door.find(id);
  const meant = kinds.filter((each) => found.includes(each));
  const [only] = meant;
  if (only === undefined)
    throw new GatewayError(
      "revoke.unknown",
      "operator",
      `There is no ${kinds.join(", ")} "${id}"; 'hearth token list' and 'hearth devices' name them.`,
    );
  if (meant.length > 1)
    throw new GatewayError(
      "revoke.ambiguous",
      "operator",
      `"${id}" is a ${meant.join(" and a ")}: say which with --kind ${meant.join(" or --kind ")}.`,
    );
  await door.revoke(only, id);
  if (json) return printJson({ revoked: id, kind: only });
  const done = {
    device: "its connection is closed and refused",
    token: "it opens nothing, nor do its sessions",
    session: "it is signed out",
  };
  print(`${id} is revoked: ${done[only]}${door.isRunning ? "" : ", from the next start on"}.`);
}

interface Door {
  readonly isRunning: boolean;
  find(id: string): Promise<Kind[]>;
  revoke(kind: Kind, id: string): Promise<void>;
}

/** The running gateway; where none runs, the home's own files. */
async function openDoor(): Promise<Door> {
  try {
    await askGateway("status");
  } catch (thrown) {
    if (!isNotRunning(thrown) || !hasConfig(openHome(homeFolder()))) throw thrown;
    return closedHome();
  }
  return {
    isRunning: true,
    async find(id) {
      const [{ accounts }, { tokens }, { sessions }] = (await Promise.all(
        ["accounts", "tokens", "sessions"].map((each) => askGateway(each)),
      )) as [{ accounts: { user: string }[] }, { tokens: GrantRow[] }, { sessions: GrantRow[] }];
      return kindsOf(id, accounts, [...tokens, ...sessions]);
    },
    revoke: async (kind, id) => void (await askGateway(`${places[kind]}/${encodeURIComponent(id)}`, { method: "DELETE" })),
  };
}

async function closedHome(): Promise<Door> {
  const home = openHome(homeFolder());
  // Nobody gets into the files of a home whose settings are refused.
  loadConfig(home.configFile, { secret: (name) => namedSecret(home, name) });
  const clock = systemClock();
  const credentials = await openCredentials({ path: join(home.folder, "accounts.json"), clock });
  const access: Access = openAccess({
    ...{ clock, path: accessFile(home.folder), given: tokenList(homeTokens(home, { all: false })) },
    replaceGiven: (role) => replaceToken(home, role, { all: false }),
  });
  return {
    isRunning: false,
    find: async (id) => kindsOf(id, credentials.list(), access.list()),
    async revoke(kind, id) {
      await (kind === "device" ? credentials.revoke(id) : access.revoke(id, "hearth revoke"));
    },
  };
}

function kindsOf(
  id: string,
  accounts: readonly { readonly user: string }[],
  grants: readonly { readonly id: string; readonly kind: string }[],
): Kind[] {
  const kinds = grants.flatMap((grant) => (grant.id === id ? (grant.kind as Kind) : []));
  return accounts.some(({ user }) => user === id) ? ["device", ...kinds] : kinds;
}

function bodyOf({ role, person, everybody, name }: Omit<Wished, "json">): object {
  if (everybody && person.length > 0) throw new GatewayError("use.persons", "operator", "Say --person or --everybody, not both.");
  return {
    role,
    ...(everybody ? { persons: null } : person.length > 0 ? { persons: person } : {}),
    ...(name === undefined ? {} : { name }),
  };
}

function seenBy({ persons }: Pick<GrantRow, "persons">): string {
  return persons === null ? "everybody" : persons.join(", ");
}
