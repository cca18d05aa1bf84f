/** Node-RED as a node's test sees it: what was sent and said, in order. */

import type { AlertWhy, ConnectionState, Gateway } from "../client/connection.ts";
import type { Http } from "../client/http.ts";
import type { Alert } from "../client/wire.ts";
import type { Message, NodeHost, NodeType, Settings, StatusLine } from "./host.ts";

/** A gateway that says what the test says. */
export function createFakeGateway(json: Http["json"] = async () => ({})) {
  const states = new Set<(state: ConnectionState) => void>();
  const alerts = new Set<(alert: Alert, why: AlertWhy, change: string | null) => void>();
  const events = new Map<string, Set<(data: unknown) => void>>();
  let state: ConnectionState = { kind: "connecting" };
  const listen = <T>(set: Set<T>, listener: T) => {
    set.add(listener);
    return () => void set.delete(listener);
  };
  const asked: { method: string; path: string; body: unknown }[] = [];
  const http: Http = {
    async json(method, path, body) {
      asked.push({ method, path, body });
      return json(method, path, body);
    },
    bytes: async () => Buffer.alloc(0),
    stream: () => Promise.reject(new Error("a fake has no stream")),
  };
  const gateway: Gateway = {
    http: () => http,
    twin: () => http,
    state: () => state,
    onState(listener) {
      listener(state);
      return listen(states, listener);
    },
    onAlert: (listener) => listen(alerts, listener),
    onEvent(event, listener) {
      const set = events.get(event) ?? new Set();
      events.set(event, set);
      return listen(set, listener);
    },
    close() {},
  };
  return {
    gateway,
    asked,
    become(next: ConnectionState) {
      state = next;
      for (const listener of states) listener(next);
    },
    alert(alert: Alert, why: AlertWhy = "changed") {
      for (const listener of alerts) listener(alert, why, why === "changed" ? "updated" : null);
    },
    event: (name: string, data: unknown) => events.get(name)?.forEach((listener) => void listener(data)),
    listeners: () => states.size + alerts.size + [...events.values()].reduce((sum, set) => sum + set.size, 0),
  };
}

/** Until every promise that waits for nothing outside has been answered. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Opens a node of that type; texts are their keys. */
export function openFakeHost({ open }: NodeType, settings: Settings, gateway: Gateway | undefined, credentials: Settings = {}) {
  const sent: Message[] = [];
  const lines: StatusLine[] = [];
  const errors: unknown[] = [];
  const timers = new Set<{ readonly atMs: number; readonly act: () => void }>();
  let nowMs = 0;
  const host: NodeHost = {
    name: "",
    credentials,
    gateway,
    send: (message) => void sent.push(message as Message),
    status: (look, key, values) => void lines.push(values === undefined ? { look, key } : { look, key, values }),
    text: (key) => key,
    error: (error) => void errors.push(error),
    nowMs: () => nowMs,
    after(ms, act) {
      const timer = { atMs: nowMs + ms, act };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const node = open(settings, host);
  return {
    sent,
    errors,
    lines,
    line: () => lines.at(-1),
    /** The messages that came of it; rejects with what a catch node would get. */
    async input(message: Message): Promise<Message[]> {
      const answers: Message[] = [];
      await node.input?.(message, (answer) => void answers.push(answer as Message));
      return answers;
    },
    close: async () => node.close?.(),
    /** Lets time pass: what is due is done, each with what it has asked the gateway for. */
    async pass(ms: number): Promise<void> {
      const untilMs = nowMs + ms;
      for (;;) {
        const [due] = [...timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
        if (due === undefined) break;
        timers.delete(due);
        nowMs = due.atMs;
        due.act();
        await settled();
      }
      nowMs = untilMs;
    },
    timers: () => timers.size,
  };
}
