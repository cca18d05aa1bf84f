/** What the twin's page knows, kept fresh by polling; the live stream says when it is worth asking at once. */

import { forgetToken, RequestFailed, request, storedToken, storeToken } from "../client.ts";
import { type Connection, keepLive } from "../live-client.ts";
import { repeat } from "../repeat.ts";
import type { Refusal } from "../sign-in.ts";
import type { AlertAtTwin, GatewayOfTwin, PersonAtTwin, StateAtTwin, TwinStatus } from "./wire.ts";

interface GatewayList {
  readonly gateways: readonly GatewayOfTwin[];
  readonly cursor?: string;
}

interface TwinState {
  connection: Connection;
  isSignedIn: boolean;
  refused?: Refusal;
  status?: TwinStatus;
  /** Of the first homes that the token opens, and of the one that is shown. */
  gateways?: readonly GatewayOfTwin[];
  /** The token opens more than these. */
  moreHomes?: boolean;
  /** The home whose people are shown. */
  home?: string;
  people?: readonly PersonAtTwin[];
}

export interface TwinPageStore {
  readonly state: Readonly<TwinState>;
  /** The twin's time, by which every age is told: this browser's own clock may be wrong. */
  nowS(): number;
  start(): void;
  signIn(token: string): void;
  signOut(): void;
  choose(home: string): void;
  refresh(): void;
  subscribe(listener: () => void): () => void;
}

const everyMs = 5000;
/** Homes that are not shown. */
const listEveryMs = 30_000;
const maxListed = 100;
/** Events come in bursts. */
const soonMs = 300;

const signedOut = (): TwinState => ({ connection: { kind: "connecting" }, isSignedIn: false });

/** The path with the home that it is about. */
export const ofHome = (home: string, path: string): string => `${path}${path.includes("?") ? "&" : "?"}home=${encodeURIComponent(home)}`;

export function createTwinStore(): TwinPageStore {
  const listeners = new Set<() => void>();
  const asked = new URL(location.href).searchParams.get("home");
  const state: TwinState = {
    ...signedOut(),
    isSignedIn: storedToken() !== undefined,
    ...(asked === null ? {} : { home: asked }),
  };
  let end = () => {};
  /** Grows with every sign-in, sign-out and choice of a home: what was asked for before is nothing of now. */
  let visit = 0;
  let twinAheadMs = 0;
  let listedMs = 0;
  let soon: ReturnType<typeof setTimeout> | undefined;

  function set(changes: Partial<TwinState>): void {
    Object.assign(state, changes);
    for (const listener of listeners) listener();
  }

  function leave(refused?: Refusal): void {
    end();
    visit += 1;
    forgetToken();
    // Who signs in next may see other homes.
    for (const key of ["status", "gateways", "moreHomes", "home", "people", "refused"] as const) delete state[key];
    set({ ...signedOut(), ...(refused === undefined ? {} : { refused }) });
  }

  /** A token that was pasted just now is wrong; what had opened the page before has ended. */
  const refusal = (): Refusal => (state.status === undefined ? "token" : "ended");

  async function readStatus(): Promise<TwinStatus> {
    const askedMs = Date.now();
    const status = await request<TwinStatus>("/status");
    twinAheadMs = Date.parse(status.time) - (askedMs + Date.now()) / 2;
    return status;
  }

  async function read(): Promise<void> {
    const asked = visit;
    try {
      const status = await readStatus();
      const home = state.home ?? status.homes[0]?.id;
      const [first, own] = await Promise.all([
        isListDue() ? request<GatewayList>(`/gateways?limit=${maxListed}`) : undefined,
        home === undefined ? undefined : request<GatewayList>(ofHome(home, "/gateways")),
      ]);
      if (visit !== asked) return;
      if (first !== undefined) listedMs = performance.now();
      const shown = own?.gateways ?? [];
      const others = (first?.gateways ?? state.gateways ?? []).map((gateway) => shown.find(({ id }) => id === gateway.id) ?? gateway);
      const gateways = [...others, ...shown.filter(({ id }) => !others.some((other) => other.id === id))];
      const moreHomes = first === undefined ? state.moreHomes === true : first.cursor !== undefined;
      set({ status, gateways, moreHomes, ...(home === undefined ? {} : { home }) });
      const people = home === undefined ? [] : await readPeople(home);
      if (visit === asked) set({ people });
    } catch (error) {
      if (visit !== asked || !(error instanceof RequestFailed)) return;
      if (error.status === 401) leave(refusal());
      // The home of an address that the token does not open, or opens no more.
      else if (error.code === "http.not_found" && state.home !== undefined) delete state.home;
    }
  }

  const isListDue = () => state.gateways === undefined || performance.now() - listedMs > listEveryMs;

  function watch(): void {
    end();
    visit += 1;
    if (storedToken() === undefined) return;
    delete state.refused;
    set({ isSignedIn: true });
    const endLive = keepLive({
      path: "/live",
      onEvent: readSoon,
      onConnection(connection) {
        set({ connection });
        if (connection.kind === "live") void read();
      },
      onRefused: () => leave(refusal()),
    });
    const endRepeat = repeat(read, everyMs);
    end = () => {
      endLive();
      endRepeat();
      clearTimeout(soon);
      soon = undefined;
    };
  }

  function readSoon(): void {
    soon ??= setTimeout(() => {
      soon = undefined;
      void read();
    }, soonMs);
  }

  return {
    state,
    nowS: () => (Date.now() + twinAheadMs) / 1000,
    start: watch,
    signIn(token) {
      storeToken(token);
      watch();
    },
    signOut: () => leave(),
    choose(home) {
      visit += 1;
      delete state.people;
      // Opened again, the page shows the same home.
      history.replaceState(null, "", `?home=${encodeURIComponent(home)}`);
      set({ home });
      void read();
    },
    refresh: () => void read(),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

async function readPeople(home: string): Promise<PersonAtTwin[]> {
  const { people } = await request<{ people: { id: string }[] }>(ofHome(home, "/people"));
  const found: PersonAtTwin[] = [];
  for (const { id } of people) {
    const at = `/people/${encodeURIComponent(id)}`;
    const [state, { alerts }] = await Promise.all([
      request<StateAtTwin>(ofHome(home, `${at}/state`)),
      request<{ alerts: AlertAtTwin[] }>(ofHome(home, `${at}/alerts`)),
    ]);
    found.push({ ...state, id, alerts });
  }
  return found.sort((a, b) => (a.name ?? a.id).localeCompare(b.name ?? b.id));
}
