/**
 * The page's only way to the gateway: the API with a session, which this browser keeps, or a pasted token, which only this tab keeps. Neither is a cookie:
 * no other page can make the browser send it, and no other program on this machine's ports gets it.
 */

import { createBrowserMemory } from "./browser-memory.ts";
import { texts } from "./texts.ts";

const tokenKey = "hearth.token";
const sessionKey = "hearth.session";
const nameKey = "hearth.name";
const tab = createBrowserMemory(() => sessionStorage);
/** Kept in this browser beyond the tab. */
export const homeMemory = createBrowserMemory(() => localStorage);
/** On a line that swallows everything a browser would wait for minutes, and its few connections with it. */
const answerMs = 15_000;

/** What went wrong, in the gateway's words; status 0 = the gateway was not reached. */
export class RequestFailed extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** Takes #code=… of the printed address, or ?token=…, out of the address bar and history; a code is answered, a token kept in this tab. */
export function takeFromAddress(): string | undefined {
  const address = new URL(location.href);
  const token = address.searchParams.get("token");
  const code = /^#code=([\w-]+)$/.exec(address.hash)?.[1];
  if (token !== null) tab.set(tokenKey, token);
  if (token === null && code === undefined) return undefined;
  address.searchParams.delete("token");
  history.replaceState(null, "", address.pathname + address.search + (code === undefined ? address.hash : ""));
  return code;
}

export function storedToken(): string | undefined {
  return tab.get(tokenKey) ?? homeMemory.get(sessionKey);
}

export function storeToken(token: string): void {
  tab.set(tokenKey, token);
}

/** Three times four letters, however they are typed. A token is longer. */
export function isCode(text: string): boolean {
  return /^[a-z2-9]{12}$/i.test(text.replaceAll(/[\s-]/g, ""));
}

/** Exchanges a one-time code for a session of this browser. Throws RequestFailed. */
export async function redeem(code: string): Promise<void> {
  const { token } = await request<{ token: string }>("/session", { method: "POST", json: { code } });
  tab.set(tokenKey, undefined);
  homeMemory.set(sessionKey, token);
}

/** Ends the session at the gateway too, where it answers. */
export async function signOut(): Promise<void> {
  const ended = request("/session", { method: "DELETE" }).catch(() => undefined);
  forgetToken();
  await ended;
}

export function forgetToken(): void {
  tab.set(tokenKey, undefined);
  homeMemory.set(sessionKey, undefined);
}

/** The name that acknowledgements are signed with, kept in this browser. */
export function storedName(): string | undefined {
  return homeMemory.get(nameKey);
}

export function storeName(name: string | undefined): void {
  homeMemory.set(nameKey, name);
}

/** Asks the API; `path` stands below /api/v1. Throws RequestFailed. */
export async function request<T>(path: string, init: { method?: string; json?: object; form?: FormData } = {}): Promise<T> {
  // A recording may take its time on the way.
  const response = await open(path, init.form === undefined ? { ...init, signal: AbortSignal.timeout(answerMs) } : init);
  try {
    return (await response.json()) as T;
  } catch {
    throw noAnswer();
  }
}

function noAnswer(): RequestFailed {
  return new RequestFailed(0, "page.unreachable", texts.connection.noAnswer);
}

/** Like request, but hands back the open answer (the live stream). */
export async function open(
  path: string,
  init: { method?: string; json?: object; form?: FormData; signal?: AbortSignal } = {},
): Promise<Response> {
  const token = storedToken() ?? "";
  // No header can carry anything else, and no gateway prints such a token.
  if (!/^[\x21-\x7e]*$/.test(token)) throw new RequestFailed(401, "page.bad_token", texts.login.wrong);
  const headers: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
  if (init.json !== undefined) headers["content-type"] = "application/json";
  const body = init.json === undefined ? init.form : JSON.stringify(init.json);
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method: init.method ?? "GET",
      headers,
      ...(body === undefined ? {} : { body }),
      ...(init.signal === undefined ? {} : { signal: init.signal }),
    });
  } catch {
    throw noAnswer();
  }
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  throw new RequestFailed(response.status, problem.code ?? "page.unknown", problem.detail ?? response.statusText);
}
