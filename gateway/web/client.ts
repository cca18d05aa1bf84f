/** The page's only way to the gateway: the API with the tab's token. The token lives in sessionStorage and never in an address. */

const tokenKey = "hearth.token";
const nameKey = "hearth.name";

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

/** Moves ?token=… of the printed address into this tab and out of the address bar and history. */
export function takeTokenFromAddress(): void {
  const address = new URL(location.href);
  const token = address.searchParams.get("token");
  if (token === null) return;
  sessionStorage.setItem(tokenKey, token);
  address.searchParams.delete("token");
  history.replaceState(null, "", address.pathname + address.search + address.hash);
}

export function storedToken(): string | undefined {
  return sessionStorage.getItem(tokenKey) ?? undefined;
}

export function storeToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(tokenKey);
  else sessionStorage.setItem(tokenKey, token);
}

/** The name that acknowledgements are signed with, kept in this browser. */
export function storedName(): string | undefined {
  return localStorage.getItem(nameKey) ?? undefined;
}

export function storeName(name: string | undefined): void {
  if (name === undefined) localStorage.removeItem(nameKey);
  else localStorage.setItem(nameKey, name);
}

/** Asks the API; `path` stands below /api/v1. Throws RequestFailed. */
export async function request<T>(
  path: string,
  init: { method?: string; json?: object; form?: FormData; signal?: AbortSignal } = {},
): Promise<T> {
  const response = await open(path, init);
  return (await response.json()) as T;
}

/** Like request, but hands back the open answer (the live stream). */
export async function open(
  path: string,
  init: { method?: string; json?: object; form?: FormData; signal?: AbortSignal } = {},
): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${storedToken() ?? ""}` };
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
  } catch (cause) {
    throw new RequestFailed(0, "page.unreachable", cause instanceof Error ? cause.message : "not reached");
  }
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  throw new RequestFailed(response.status, problem.code ?? "page.unknown", problem.detail ?? response.statusText);
}
