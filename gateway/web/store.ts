/** What the page knows, kept fresh by polling and the live stream. Components read it and never fetch by themselves. */

import { useEffect, useReducer } from "preact/hooks";
import { type Bodies, createBodies } from "./bodies.ts";
import { forgetToken, RequestFailed, request, storedToken } from "./client.ts";
import { type Connection, keepLive } from "./live-client.ts";
import { repeat } from "./repeat.ts";
import { createSignIn, type Refusal } from "./sign-in.ts";
import { createTraces, type Traces, windowS } from "./traces.ts";
import type {
  Alert,
  BeatMark,
  DemoAction,
  Device,
  Person,
  PoseMessage,
  QualityMessage,
  SamplesMessage,
  Status,
  Stream,
  Strip,
} from "./wire-types.ts";

interface PageState {
  connection: Connection;
  isSignedIn: boolean;
  refused?: Refusal;
  status?: Status;
  people?: readonly Person[];
  /** Page time when people were asked for: ages grow from here, so that a slow answer is not taken for a fresh one. */
  peopleAtMs: number;
  devices: readonly Device[];
  streams: readonly Stream[];
  alerts?: readonly Alert[];
  actions: readonly DemoAction[];
  hasTwin: boolean;
}

export interface Store {
  readonly state: Readonly<PageState>;
  readonly traces: Traces;
  readonly bodies: Bodies;
  /** The gateway's time, by which every age is told: this browser's own clock may be wrong. */
  nowS(): number;
  /** Begins with what is stored, or with the one-time code of the address. */
  start(code?: string): void;
  /** With a one-time code or a token. */
  signIn(codeOrToken: string): void;
  signOut(): void;
  putAlert(alert: Alert): void;
  putActions(actions: readonly DemoAction[]): void;
  refresh(): void;
  subscribe(listener: () => void): () => void;
}

const fastMs = 2000;
const slowMs = 6000;

const signedOut = (): PageState => ({
  connection: { kind: "connecting" },
  isSignedIn: false,
  peopleAtMs: 0,
  devices: [],
  streams: [],
  actions: [],
  hasTwin: false,
});

export function createStore(): Store {
  const traces = createTraces();
  const bodies = createBodies();
  const listeners = new Set<() => void>();
  /** Alerts told since the alerts were last asked for: the answer may be older than they are. */
  const toldSince = new Map<string, Alert>();
  let end = () => {};
  /** Grows with every sign-in and sign-out: what was asked for before is nothing of now. */
  let visit = 0;
  let gatewayAheadMs = 0;
  const state: PageState = { ...signedOut(), isSignedIn: storedToken() !== undefined };

  function set(changes: Partial<PageState>): void {
    Object.assign(state, changes);
    for (const listener of listeners) listener();
  }

  function leave(refused?: Refusal): void {
    end();
    visit += 1;
    forgetToken();
    traces.clear();
    bodies.clear();
    toldSince.clear();
    // Who signs in next may see other people.
    for (const key of ["status", "people", "alerts", "refused"] as const) delete state[key];
    set({ ...signedOut(), ...(refused === undefined ? {} : { refused }) });
  }

  async function ask(read: () => Promise<Partial<PageState>>): Promise<void> {
    const asked = visit;
    try {
      const changes = await read();
      if (visit === asked) set(changes);
    } catch (error) {
      if (visit === asked && error instanceof RequestFailed && error.status === 401) leave(refusal());
    }
  }

  async function readStatus(): Promise<Status> {
    const askedMs = Date.now();
    const status = await request<Status>("/status");
    gatewayAheadMs = Date.parse(status.time) - (askedMs + Date.now()) / 2;
    return status;
  }

  const readFast = () =>
    ask(async () => {
      const peopleAtMs = performance.now();
      const [status, { people }] = await Promise.all([readStatus(), request<{ people: Person[] }>("/people")]);
      return { status, people, peopleAtMs, hasTwin: status.twin ?? state.hasTwin };
    });
  const readSlow = () =>
    ask(async () => {
      toldSince.clear();
      const [{ devices }, { streams }, open, newest, { actions }] = await Promise.all([
        request<{ devices: Device[] }>("/devices"),
        request<{ streams: Stream[] }>("/streams"),
        // By themselves: however many came later, an open one never leaves the page.
        request<{ alerts: Alert[] }>("/alerts?open=true&limit=500"),
        request<{ alerts: Alert[] }>("/alerts?limit=50"),
        request<{ actions: DemoAction[] }>("/demo/actions"),
      ]);
      const alertById = new Map([...newest.alerts, ...open.alerts, ...toldSince.values()].map((alert) => [alert.id, alert]));
      return { devices, streams, alerts: [...alertById.values()].sort((a, b) => b.t_s - a.t_s), actions };
    });

  async function backfill(): Promise<void> {
    await Promise.all([readFast(), readSlow()]);
    const nowS = Date.parse(state.status?.time ?? "") / 1000;
    for (const person of Number.isFinite(nowS) ? (state.people ?? []) : []) {
      await request<Strip>(`/people/${person.id}/strip?from=${nowS - windowS}&to=${nowS}`)
        .then(traces.backfill)
        .catch(() => undefined);
    }
  }

  function onEvent(event: string, data: unknown): void {
    if (event === "samples") traces.samples(data as SamplesMessage, performance.now());
    else if (event === "pose") bodies.pose(data as PoseMessage, performance.now());
    else if (event === "quality") putQuality(data as QualityMessage);
    else if (event === "beat") traces.event({ ...(data as Omit<BeatMark, "kind">), kind: "beat" });
    else if (event === "event") traces.event((data as { event: BeatMark }).event);
    else if (event === "alert") putAlert((data as { alert: Alert }).alert);
    // The live status is everyone's; the reader's own role comes with /status and stays.
    else if (event === "status") set({ status: { ...state.status, ...(data as { status: Status }).status } });
    else if (event === "device") {
      const { device } = data as { device: Device };
      const isKnown = state.devices.some((old) => old.id === device.id);
      set({ devices: isKnown ? state.devices.map((old) => (old.id === device.id ? device : old)) : [...state.devices, device] });
    }
  }

  function putQuality(message: QualityMessage): void {
    traces.quality(message);
    const { device, stream, level: quality, contact } = message;
    set({
      streams: state.streams.map((old) => (old.device === device && old.stream === stream ? { ...old, quality, contact } : old)),
    });
  }

  function putAlert(alert: Alert): void {
    toldSince.set(alert.id, alert);
    const others = (state.alerts ?? []).filter((old) => old.id !== alert.id);
    set({ alerts: [alert, ...others].sort((a, b) => b.t_s - a.t_s) });
  }

  /** A token that was pasted just now is wrong; what had opened the page before has ended. */
  const refusal = (): Refusal => (state.status === undefined ? "token" : "ended");

  function watch(): void {
    end();
    visit += 1;
    if (storedToken() === undefined) return;
    delete state.refused;
    set({ isSignedIn: true });
    const endLive = keepLive({
      onEvent,
      onConnection(connection) {
        set({ connection });
        if (connection.kind === "live") void backfill();
      },
      onRefused: () => leave(refusal()),
    });
    const endFast = repeat(readFast, fastMs);
    const endSlow = repeat(readSlow, slowMs);
    end = () => {
      endLive();
      endFast();
      endSlow();
    };
  }

  return {
    state,
    ...{ traces, bodies },
    nowS: () => (Date.now() + gatewayAheadMs) / 1000,
    ...createSignIn({ watch, leave }),
    putAlert,
    putActions: (actions) => set({ actions }),
    refresh: () => void Promise.all([readFast(), readSlow()]),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Draws the component again whenever the store changes. */
export function useStore<State>(store: { readonly state: Readonly<State>; subscribe(listener: () => void): () => void }): Readonly<State> {
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  useEffect(() => {
    // What changed between the first drawing and now was told to nobody.
    redraw();
    return store.subscribe(() => redraw());
  }, [store]);
  return store.state;
}

/** Draws the component again every `everyMs`, for texts that tell an age. */
export function useTick(everyMs: number): void {
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => redraw(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
