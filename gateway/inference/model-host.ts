/** The model host: every submitted window is settled exactly once, whatever happens to the child that computes. It never computes itself and never blocks. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { Log } from "../runtime/log.ts";
import { siblingUrl } from "../runtime/spawn.ts";
import { type CallBook, createCallBook } from "./call-book.ts";
import { type ChildLink, openChild } from "./child-link.ts";
import type { ModelHost, ModelInfo } from "./inference-port.ts";
import { createLoadWatch } from "./load-watch.ts";
import type { HostModel } from "./model-package.ts";
import type { ToHost } from "./wire.ts";

interface ModelHostOptions {
  readonly models: readonly HostModel[];
  readonly clock: Clock;
  /** False in replay: no clock decides a result, and a dead child is replaced at once. */
  readonly timeouts?: boolean;
  readonly log?: Pick<Log, "info" | "warn">;
  /** Another child program that speaks `wire.ts`; tests use it to die on purpose. */
  readonly childUrl?: URL;
}

/** Wait before the n-th fresh child since the last answer; after the last step the host counts as down until one comes up. */
const backOffMs = [0, 0, 200, 1000, 5000];
const downRetryMs = 30_000;
/** Calls in the child's hands at once: enough to keep it busy, few enough that a lane whose turn comes waits some tens of milliseconds. */
const inFlightLimit = 64;
/** Open calls above which no more bytes should be taken: a wearable's memory is the better place for a backlog. */
const openLimit = 2000;
/** A call still unanswered this many time-outs after it was sent hangs; its child is replaced. */
const hangTimeouts = 2;
/** How long `startModelHost` waits for a child that is slow or hangs; the gateway opens without it (law 5). */
const firstWaitMs = 5000;
/** A child that says nothing for this long while it loads hangs, and is replaced. Loading one model takes a fraction of a second. */
const loadSilenceMs = 30_000;

/**
 * Starts the child and resolves when it is ready, or when it is clear that it will not come up soon (the gateway runs on, `analysis.off`). With
 * `timeouts` it resolves after 5 s in any case: until the child is ready it then counts as down.
 * A model that is refused keeps its place in `models()`; windows for it settle `unknown/refused`.
 */
export function startModelHost(options: ModelHostOptions): Promise<ModelHost> {
  const { clock, log } = options;
  const timeouts = options.timeouts ?? true;
  const childUrl = options.childUrl ?? siblingUrl(import.meta.url, "session-child");
  const modelById = new Map(options.models.map((model) => [model.id, model]));
  const refused = new Map(options.models.flatMap((model) => (model.refused === undefined ? [] : [[model.id, model.refused] as const])));
  const loading = createLoadWatch();
  const listeners = new Set<(state: "up" | "down") => void>();
  const book: CallBook = createCallBook({ clock, timeouts, hangTimeouts, onHang: () => child?.kill() });
  let child: ChildLink | undefined;
  let phase: "starting" | "ready" | "down" | "closed" = "starting";
  let deaths = 0;
  let restarts = 0;
  let busyUs = 0;
  let isFlushing = false;
  let cancelRetry: (() => void) | undefined;
  let cancelSilence: (() => void) | undefined;
  const started = Promise.withResolvers<ModelHost>();
  const ended = Promise.withResolvers<void>();

  const tell = (state: "up" | "down") => {
    for (const listener of listeners) listener(state);
  };

  const open = () => {
    const models = options.models.flatMap(({ id, bytes }) => (bytes === undefined || refused.has(id) ? [] : [{ model: id, bytes }]));
    child = openChild({ url: childUrl, models, onMessage: heard, onGone: gone });
    watchLoading();
  };

  const watchLoading = () => {
    cancelSilence?.();
    if (timeouts) cancelSilence = clock.after(loadSilenceMs, () => child?.kill());
  };

  const heard = (message: ToHost) => {
    if (phase === "closed") return;
    switch (message.kind) {
      case "loading":
        loading.begin(message.model);
        return watchLoading();
      case "ready":
        loading.done();
        cancelSilence?.();
        for (const [id, reason] of Object.entries(message.refused)) refuse(id, reason);
        phase = "ready";
        log?.info({ pid: child?.pid, restarts }, "model host is ready");
        started.resolve(host);
        tell("up");
        flush();
        return;
      case "answer":
        busyUs += message.tookUs;
        deaths = 0;
        book.settleSent(message.serial, { kind: "outputs", outputs: message.outputs });
        return flush();
      case "failed":
        deaths = 0;
        log?.warn({ reason: message.reason }, "model refused a window");
        book.settleSent(message.serial, { kind: "unknown", reason: "refused" });
        return flush();
    }
  };

  const refuse = (id: string, reason: string) => {
    refused.set(id, reason);
    log?.warn({ model: id, reason }, "model is refused");
    book.settleModel(id, { kind: "unknown", reason: "refused" });
  };

  const gone = () => {
    child = undefined;
    cancelSilence?.();
    if (phase === "closed") return ended.resolve();
    const wasReady = phase === "ready";
    if (phase !== "down") phase = "starting";
    deaths++;
    restarts++;
    if (wasReady) tell("down");
    const deadly = loading.died();
    if (deadly !== undefined) refuse(deadly, "loading it ends the process");
    // The first unanswered window is the one that was being computed: it is never run again.
    const killer = book.takeBack();
    log?.warn({ model: killer?.model, serial: killer?.serial, deaths }, "model host died");
    if (killer !== undefined) book.settle(killer, { kind: "unknown", reason: "killed" });
    const step = backOffMs[deaths - 1];
    if (step === undefined) {
      phase = "down";
      book.settleAll({ kind: "unknown", reason: "down" });
      started.resolve(host);
      if (timeouts) cancelRetry = clock.after(downRetryMs, open);
    } else if (step === 0 || !timeouts) open();
    else cancelRetry = clock.after(step, open);
  };

  const openWithout = () => {
    phase = "down";
    log?.warn({}, "model host is not ready; the gateway opens without it");
    book.settleAll({ kind: "unknown", reason: "down" });
    started.resolve(host);
  };

  /** Everything submitted in this turn of the loop goes in one message. */
  const flush = () => {
    if (isFlushing) return;
    isFlushing = true;
    setImmediate(() => {
      isFlushing = false;
      if (phase !== "ready" || child === undefined) return;
      const calls = book.takeForSending(inFlightLimit);
      if (calls.length > 0) child.send(calls);
    });
  };

  const host: ModelHost = {
    submit(model, tensors, settled, lane = "") {
      const known = modelById.get(model);
      const isDown = phase === "down" || phase === "closed";
      const reason = known === undefined || refused.has(model) ? "refused" : isDown ? "down" : undefined;
      const call = book.add({ lane, model, tensors, settled, timeoutMs: known?.timeoutMs ?? 0 }, reason === undefined);
      if (reason === undefined) flush();
      else queueMicrotask(() => book.settle(call, { kind: "unknown", reason }));
    },
    models: () => options.models.map((model) => infoOf(model, refused.get(model.id), phase)),
    idle: () => book.idle(),
    room: () => book.room(openLimit),
    kill: () => child?.kill(),
    figures: () => ({ ...book.figures(), restarts, busyMs: busyUs / 1000 }),
    onState(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      if (phase === "closed") return ended.promise;
      phase = "closed";
      cancelRetry?.();
      cancelSilence?.();
      book.settleAll({ kind: "unknown", reason: "down" });
      started.resolve(host);
      if (child === undefined) ended.resolve();
      else child.kill();
      return ended.promise;
    },
  };
  open();
  const cancelWait = timeouts ? clock.after(firstWaitMs, openWithout) : undefined;
  return started.promise.finally(cancelWait);
}

function infoOf(model: HostModel, reason: string | undefined, phase: "starting" | "ready" | "down" | "closed"): ModelInfo {
  const state = reason !== undefined ? "refused" : phase === "ready" ? "ready" : phase === "starting" ? "loading" : "down";
  const { id, version, sha256, precision, metrics } = model;
  return {
    id,
    version,
    sha256,
    precision,
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(metrics === undefined ? {} : { metrics }),
  };
}
