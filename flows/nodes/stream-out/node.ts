/** `hearth stream out`: numbers of a flow become the samples of a device. */

import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { Gateway } from "../../client/connection.ts";
import { HearthProblem, problemOf } from "../../client/problem.ts";
import type { Message, NodeHost, NodeType } from "../../node-red/host.ts";
import type { Line, LineEvents } from "./line.ts";
import { samplesOf } from "./mapping.ts";
import { openMqttLine } from "./mqtt-line.ts";
import { createNumbering } from "./numbering.ts";
import { createQueue } from "./queue.ts";
import { openRestLine } from "./rest-line.ts";
import { type OutSettings, outSettings } from "./settings.ts";

/** How often an open batch is looked at. */
const lookMs = 100;

export const streamOut: NodeType = {
  type: "hearth stream out",
  credentials: { password: { type: "password" } },
  open(settings, host) {
    let read: OutSettings;
    try {
      read = outSettings(settings);
      if (read.broker !== "" && typeof host.credentials.password !== "string")
        throw new HearthProblem("flows.bad_settings", "the device's password is missing");
    } catch (error) {
      host.status("failed", "stream-out.status.settings", { why: problemOf(error).message });
      host.error(error);
      const input = () => {
        throw error;
      };
      return { input };
    }
    return openSender(read, host);
  },
};

function openSender(settings: OutSettings, host: NodeHost) {
  const numbering = createNumbering({ settings, bootId: randomBytes(8).toString("hex") });
  let line: Line | undefined;
  let down: Error | undefined;
  let answer: string | undefined;
  let lastRefusal = "";
  let refused = 0;
  let isClosed = false;
  const queue = createQueue({
    send: async (bytes) =>
      line === undefined ? Promise.reject(new HearthProblem("flows.unreachable", "Not connected yet.")) : line.send(bytes),
    onChange: () => show(),
    onRefused: (error) => {
      answer = error.message;
      host.error(error);
    },
    after: host.after,
  });
  const show = () => {
    if (isClosed) return;
    const { waiting, acknowledged, dropped } = queue.figures();
    const numbers = { waiting, acknowledged, dropped, refused };
    if (down !== undefined) host.status("failed", "stream-out.status.down", { ...numbers, why: down.message });
    else if (answer !== undefined) host.status("attention", "stream-out.status.answer", { why: answer });
    else if (refused > 0) host.status("attention", "stream-out.status.refused", { ...numbers, why: lastRefusal });
    else if (dropped > 0) host.status("attention", "stream-out.status.dropped", numbers);
    else if (numbering.tooFast > 0) host.status("attention", "stream-out.status.too-fast", { count: numbering.tooFast });
    else host.status(acknowledged === 0 ? "idle" : "good", "stream-out.status.sent", numbers);
  };
  const stopLine = whenSited(settings, host.gateway, (site) => {
    if (isClosed) return;
    const events: LineEvents = {
      onUp() {
        down = undefined;
        queue.resume();
        show();
      },
      onDown(problem) {
        down = problem;
        queue.suspend();
        show();
      },
      onAnswer({ reason }) {
        answer = reason;
        show();
      },
    };
    try {
      line = openLine({ settings, site, host }, events);
    } catch (error) {
      down = problemOf(error);
    }
    show();
  });
  const timer = setInterval(() => {
    for (const batch of numbering.flush(performance.now())) queue.add(batch);
  }, lookMs);
  show();
  return {
    input(message: Message) {
      try {
        for (const batch of numbering.take(samplesOf(message, settings, host.nowMs()), performance.now())) queue.add(batch);
      } catch (error) {
        refused++;
        lastRefusal = problemOf(error).message;
        show();
        throw error;
      }
    },
    async close() {
      clearInterval(timer);
      stopLine();
      for (const batch of numbering.flush(performance.now(), true)) queue.add(batch);
      isClosed = true;
      await line?.close();
      queue.close();
    },
  };
}

/** The gateway's own name is the first part of every topic; it is asked for where the settings don't say it. */
function whenSited({ site, broker }: OutSettings, gateway: Gateway | undefined, act: (site: string) => void): () => void {
  if (site !== "" || broker === "") {
    act(site);
    return () => {};
  }
  let isDone = false;
  return (
    gateway?.onState((state) => {
      if (isDone || state.kind !== "live") return;
      isDone = true;
      act(state.status.gateway);
    }) ?? (() => {})
  );
}

interface LineParts {
  readonly settings: OutSettings;
  readonly site: string;
  readonly host: NodeHost;
}

function openLine({ settings, site, host }: LineParts, events: LineEvents): Line {
  if (settings.broker !== "") return openMqttLine({ settings, site, password: String(host.credentials.password), ...events });
  if (host.gateway === undefined) throw new HearthProblem("flows.no_gateway", "No gateway is chosen.");
  return openRestLine({ settings, gateway: host.gateway, ...events });
}
