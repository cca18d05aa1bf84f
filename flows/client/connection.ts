/**
 * One connection to a gateway, shared by all nodes that chose it: requests, and the live stream, which comes again after every break. Alerts are never lost
 * over one: the stream is resumed at its last event id, and where the gateway no longer has what came after it, its list of alerts is compared.
 */

import { createAlertBook } from "./alert-book.ts";
import type { Http } from "./http.ts";
import { HearthProblem, isRefused, problemOf } from "./problem.ts";
import { createSseParser, type StreamEvent } from "./sse.ts";
import { type Alert, isOpen, type OwnStatus } from "./wire.ts";

export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live"; readonly status: OwnStatus }
  /** Tried again by itself; `refused` less often: a token, a role or an address has to be mended. */
  | { readonly kind: "lost" | "refused"; readonly problem: HearthProblem };

/** `open`: it was open when the listener came; `changed`: it has changed; `missed`: it changed while the line was down, and only the outcome is known. */
export type AlertWhy = "open" | "changed" | "missed";

/** `change` says what: the gateway's word (raised, acknowledged, ended …), null where only the outcome is known. */
type AlertListener = (alert: Alert, why: AlertWhy, change: string | null) => void;

export interface Gateway {
  /** Throws what keeps the settings from being used. */
  http(): Http;
  /** The twin's own door, for what the gateway does not pass on; undefined where the settings name none. Throws as `http`. */
  twin(): Http | undefined;
  state(): ConnectionState;
  /** Calls at once with the state as it is, and at every change; returns its end. */
  onState(listener: (state: ConnectionState) => void): () => void;
  /** First what is open, then every change in its order; returns its end. */
  onAlert(listener: AlertListener): () => void;
  /** Data of live events of that name (openapi.json, /live); returns its end. */
  onEvent(event: string, listener: (data: unknown) => void): () => void;
  close(): void;
}

interface ConnectionPorts {
  /** A client with the settings as they are now; read anew at every try, so that a renewed authority file counts. */
  readonly openHttp: () => Http;
  readonly openTwin: () => Http | undefined;
  /** Ends early, without an error, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** A fault of a listener: it ends neither the stream nor another listener. */
  readonly onFault: (error: unknown) => void;
}

/** The gateway pings every 10 s; two missed pings are a dead line. */
const silenceMs = 22_000;
const firstPauseMs = 500;
const longestPauseMs = 30_000;
/** Nothing changes by itself about a refusal, but an address may answer again after a restore. */
const refusedPauseMs = 60_000;
const alertsAPage = 500;
const maxPages = 20;
/** Of clocks and of alerts that became visible out of order. */
const overlapMs = 60_000;

export function openConnection(ports: ConnectionPorts): Gateway {
  const over = new AbortController();
  const stateListeners = new Set<(state: ConnectionState) => void>();
  const alertListeners = new Set<AlertListener>();
  const eventListeners = new Map<string, Set<(data: unknown) => void>>();
  const book = createAlertBook();
  let current: ConnectionState = { kind: "connecting" };
  let client: Http | undefined;
  let twinClient: Http | undefined;
  let lastId = "";
  /** Events that the line which is open brings, and its end. */
  let asked = new Set<string>();
  let cutLine = () => {};

  const call = <A extends unknown[]>(listeners: Iterable<(...given: A) => void>, ...given: A) => {
    for (const listener of [...listeners]) {
      try {
        listener(...given);
      } catch (error) {
        ports.onFault(error);
      }
    }
  };
  const become = (next: ConnectionState) => {
    current = next;
    call(stateListeners, next);
  };
  const note = (alert: Alert, why: AlertWhy, change: string | null) => book.note(alert) && call(alertListeners, alert, why, change);

  /** Most of what comes is samples, which nobody may want. */
  const take = ({ event, data }: StreamEvent) => {
    const listeners = eventListeners.get(event) ?? new Set();
    if (event !== "alert" && listeners.size === 0) return;
    const read: unknown = JSON.parse(data);
    if (event === "alert") {
      const { alert, why = null } = read as { alert: Alert; why?: string | null };
      note(alert, why === null ? "missed" : "changed", why);
    }
    call(listeners, read);
  };

  /** Reads the stream until it ends; throws what ended it. */
  const follow = async (): Promise<"again" | undefined> => {
    client = undefined;
    twinClient = undefined;
    client = ports.openHttp();
    const http = client;
    const status = (await http.json("GET", "/api/v1/status", undefined, { signal: over.signal })) as OwnStatus;
    const line = new AbortController();
    const cut = () => line.abort();
    over.signal.addEventListener("abort", cut);
    let isForMore = false;
    cutLine = () => {
      isForMore = true;
      cut();
    };
    let watchdog = setTimeout(cut, silenceMs);
    try {
      const isResumed = lastId !== "";
      const headers: Record<string, string> = isResumed ? { "last-event-id": lastId } : {};
      const events = ["alert", "status", ...eventListeners.keys()];
      // An older gateway knows neither, and sends what it always has.
      const query = new URLSearchParams({ events: [...new Set(events)].join(), kinds: "all" });
      asked = new Set(events);
      const bytes = await http.stream(`/api/v1/live?${query}`, { headers, signal: line.signal });
      const parse = createSseParser(lastId);
      const decoder = new TextDecoder();
      for await (const part of bytes) {
        clearTimeout(watchdog);
        for (const event of parse(decoder.decode(part, { stream: true }))) {
          // The stream has begun already, so nothing falls between the list and the stream.
          if (event.event === "reset" || (event.event === "hello" && !isResumed)) await catchUp(http, book.newestRaisedMs(), line.signal);
          else take(event);
          lastId = event.id;
          if (event.event === "hello") become({ kind: "live", status });
        }
        watchdog = setTimeout(cut, silenceMs);
      }
    } catch (error) {
      if (isForMore) return "again";
      if (line.signal.aborted && !over.signal.aborted) throw new HearthProblem("flows.silent", "The gateway went silent.");
      throw error;
    } finally {
      clearTimeout(watchdog);
      over.signal.removeEventListener("abort", cut);
    }
    return undefined;
  };

  /** What the stream itself won't tell any more. */
  const catchUp = async (http: Http, newestMs: number | undefined, signal: AbortSignal): Promise<void> => {
    const why = newestMs === undefined ? "open" : "missed";
    const unseen = new Map(book.open().map((alert) => [alert.id, Date.parse(alert.raised_at)]));
    const backToMs = Math.min(newestMs === undefined ? Number.POSITIVE_INFINITY : newestMs - overlapMs, ...unseen.values());
    const found: Alert[] = [];
    for (let page = 0, cursor: string | undefined = ""; page < maxPages && cursor !== undefined; page++) {
      const query: string = `limit=${alertsAPage}${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}${newestMs === undefined ? "&open=true" : ""}`;
      const answer = (await http.json("GET", `/api/v1/alerts?${query}`, undefined, { signal })) as { alerts: Alert[]; cursor?: string };
      found.push(...answer.alerts);
      const oldest = answer.alerts.at(-1);
      cursor = newestMs !== undefined && oldest !== undefined && Date.parse(oldest.raised_at) < backToMs ? undefined : answer.cursor;
    }
    // The first sight of an old, closed alert is no news.
    const isNews = (alert: Alert) => isOpen(alert) || unseen.has(alert.id) || Date.parse(alert.raised_at) >= backToMs;
    for (const alert of found.filter(isNews).reverse()) note(alert, why, null);
  };

  const run = async () => {
    for (let attempt = 0; !over.signal.aborted; attempt++) {
      let problem = new HearthProblem("flows.ended", "The gateway ended the live stream.");
      try {
        if ((await follow()) === "again") continue;
      } catch (error) {
        problem = problemOf(error);
      }
      if (over.signal.aborted) return;
      if (current.kind === "live") attempt = 0;
      const refused = isRefused(problem);
      become({ kind: refused ? "refused" : "lost", problem });
      await ports.sleep(refused ? refusedPauseMs : pauseMs(attempt, ports.random()), over.signal);
    }
  };
  void run();

  const listen = <T>(set: Set<T>, listener: T) => {
    set.add(listener);
    return () => void set.delete(listener);
  };
  return {
    http: () => client ?? ports.openHttp(),
    twin: () => (twinClient ??= ports.openTwin()),
    state: () => current,
    onState(listener) {
      listener(current);
      return listen(stateListeners, listener);
    },
    onAlert(listener) {
      for (const alert of book.open()) call([listener], alert, "open", null);
      return listen(alertListeners, listener);
    },
    onEvent(event, listener) {
      const set = eventListeners.get(event) ?? new Set();
      eventListeners.set(event, set);
      // The line goes on at its last event, with more on it.
      if (current.kind === "live" && !asked.has(event)) cutLine();
      return listen(set, listener);
    },
    close: () => over.abort(),
  };
}

/** Doubles to half a minute; half of it is drawn, so that not everybody comes at once after an outage. */
function pauseMs(attempt: number, random: number): number {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempt, 10));
  return longest / 2 + (longest / 2) * random;
}
