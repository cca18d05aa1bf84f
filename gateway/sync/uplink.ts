/**
 * Drains the outbox to the twin. A row leaves the outbox only when an `ack` that the twin has signed names it on the connection on which it went out;
 * everything else – sent, handed to the broker, connection lost – leaves it where it is.
 */

import type { KeyObject } from "node:crypto";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Log } from "../runtime/log.ts";
import { openAck } from "../semantic/acknowledgement.ts";
import { encodeFrame } from "../semantic/frame.ts";
import { shippedPayloads } from "../semantic/payload-codec.ts";
import type { OutboxRow } from "../store/store-port.ts";
import { chooseRows, createBucket, isBacklog } from "./choose-rows.ts";
import type { DesiredPart } from "./desired-part.ts";
import { createInFlight } from "./in-flight.ts";
import type { Link, LinkHandlers } from "./link-port.ts";
import type { OutboxSource } from "./outbox-source.ts";

export interface UplinkState {
  readonly connected: boolean;
  /** Seconds since the twin last acknowledged anything, or since the start: what `uplink.down` looks at. */
  readonly silentS: number;
  /** When it did, on the gateway's axis. */
  readonly lastAckUs?: number;
}

interface UplinkFigures {
  readonly framesSentTotal: number;
  /** Bytes of frames handed to the line, repeats included. */
  readonly bytesSentTotal: number;
  readonly rowsAcknowledgedTotal: number;
  readonly connectionsTotal: number;
  /** Connections given up because nothing was acknowledged on them. */
  readonly deadLinesTotal: number;
  readonly inFlight: number;
  /** Rows that were deleted instead of sent, by reason. */
  readonly withheld: Readonly<Record<string, number>>;
  /** Acknowledgements that removed nothing, by reason: `semantic.bad_cbor`, `ack.malformed`, `ack.forged`, `ack.other_epoch`, `ack.not_in_flight`. */
  readonly acksRefused: Readonly<Record<string, number>>;
}

/** The payload as it leaves, and of whom it tells; or why it does not. */
type Clearance =
  | { readonly kind: "go"; readonly payload: Uint8Array; readonly people: readonly string[] }
  | { readonly kind: "withheld"; readonly reason: string };

export interface UplinkOptions {
  readonly gateway: string;
  readonly outbox: OutboxSource;
  /** Ed25519 under the gateway's enrolled key. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  /** Whose acknowledgements count. */
  readonly twinPublicKey: KeyObject;
  /** Opens the line: `(handlers) => openConnection({…}, handlers)`; its subscriptions are `uplinkTopics(gateway).subscribe`. */
  readonly open: (handlers: LinkHandlers) => Link;
  readonly clock: Clock;
  /** Now on the gateway's axis, microseconds. */
  readonly nowUs: () => number;
  readonly log: Pick<Log, "warn" | "info" | "debug">;
  readonly desired?: DesiredPart;
  /** Takes what somebody does at the twin with an alert; it never rejects. Unless told, nothing of it counts. */
  readonly onAct?: (payload: Uint8Array) => void;
  /** What of a row may leave the house, asked in the turn in which it is sent; unless told, all of it. What may not is deleted. */
  readonly clear?: (row: OutboxRow) => Clearance;
  /** A frame went out that tells of these people. */
  readonly onSent?: (people: readonly string[], bytes: number) => void;
  /** Told at every change of `connected` and every 10 s. */
  readonly onState?: (state: UplinkState) => void;
  readonly window?: number;
  readonly ackTimeoutMs?: number;
  /** Rows older than a minute that may go per second (R29). */
  readonly backlogRowsPerS?: number;
}

export interface Uplink {
  /** Rows may have been added: called after a commit. */
  wake(): void;
  /** Tells the twin what is in force, now that it is another than before. */
  report(): void;
  state(): UplinkState;
  figures(): UplinkFigures;
  close(): Promise<void>;
}

const pumpEveryMs = 250;
const tellEveryMs = 10_000;

export function uplinkTopics(gateway: string) {
  const base = `hearth/v1/${gateway}`;
  const topics = { ack: `${base}/ack`, desired: `${base}/desired`, reported: `${base}/reported`, status: `${base}/status` };
  const act = `${base}/act`;
  const up = (name: OutboxRow["class"]) => `${base}/up/${name}`;
  return { ...topics, act, up, subscribe: [topics.ack, topics.desired], alsoSubscribe: [act] };
}

/** What the will says; the same topic says "online" after connecting. */
export function uplinkWill(gateway: string): { topic: string; payload: string; retain: boolean } {
  return { topic: uplinkTopics(gateway).status, payload: JSON.stringify({ state: "offline" }), retain: true };
}

/** Starts draining at once and never throws: an outbox or a line that fails is tried again. */
export function createUplink(options: UplinkOptions): Uplink {
  const { outbox, clock, log, window = 8, ackTimeoutMs = 15_000 } = options;
  const topics = uplinkTopics(options.gateway);
  const flight = createInFlight({ window, ackTimeoutMs });
  const bucket = createBucket(options.backlogRowsPerS ?? 1000, clock.monotonicUs());
  const startedUs = clock.monotonicUs();
  const total = { framesSentTotal: 0, bytesSentTotal: 0, rowsAcknowledgedTotal: 0, connectionsTotal: 0, deadLinesTotal: 0 };
  const acksRefused: Record<string, number> = {};
  const withheld: Record<string, number> = {};
  let lastAck: { monotonicUs: number; axisUs: number } | undefined;
  let epoch: string | undefined;
  let pumping: Promise<void> | undefined;
  let isWanted = false;
  let isClosed = false;

  const state = (): UplinkState => ({
    connected: link.isUp(),
    silentS: (clock.monotonicUs() - (lastAck?.monotonicUs ?? startedUs)) / 1e6,
    ...(lastAck === undefined ? {} : { lastAckUs: lastAck.axisUs }),
  });
  const tell = () => options.onState?.(state());
  const failed = (what: string) => (thrown: unknown) => log.warn({ code: toGatewayError(thrown).code }, what);

  const send = (row: OutboxRow, { payload, people }: Clearance & { kind: "go" }, ownEpoch: string) => {
    const frame = frameOf({ ...row, payload }, ownEpoch, isBacklog(row, options.nowUs()), options);
    flight.sent(row.n, clock.monotonicUs());
    total.framesSentTotal += 1;
    total.bytesSentTotal += frame.length;
    options.onSent?.(people, frame.length);
    link.publish(topics.up(row.class), frame).catch(failed("a frame did not reach the broker"));
  };

  const fill = async () => {
    if (!link.isUp() || flight.room("alert") === 0) return;
    const ownEpoch = epoch ?? (await outbox.outboxFigures()).epoch;
    epoch = ownEpoch;
    const rows = await chooseRows({ outbox, flight, bucket, nowUs: options.nowUs(), monotonicUs: clock.monotonicUs() });
    if (!link.isUp() || isClosed) return;
    const refused = new Map<number, string>();
    for (const row of rows) {
      const cleared = options.clear?.(row) ?? { kind: "go", payload: row.payload, people: [] };
      if (cleared.kind === "go") send(row, cleared, ownEpoch);
      else refused.set(row.n, cleared.reason);
    }
    if (refused.size === 0) return;
    await outbox.outboxEnd([...refused.keys()]);
    for (const reason of refused.values()) withheld[reason] = (withheld[reason] ?? 0) + 1;
    // They have left places to the rows behind them.
    isWanted = true;
  };

  const pump = () => {
    isWanted = true;
    if (pumping !== undefined || isClosed) return;
    const run = async () => {
      while (isWanted && !isClosed) {
        isWanted = false;
        await fill();
      }
    };
    pumping = run()
      .catch(failed("the outbox could not be read"))
      .finally(() => {
        pumping = undefined;
      });
  };

  const refuseAck = (code: string) => {
    acksRefused[code] = (acksRefused[code] ?? 0) + 1;
    log.warn({ code }, "an acknowledgement was refused");
  };
  /** The acknowledged rows that are on their way here; a reason where there is none. */
  const rowsOf = (payload: Uint8Array): number[] | string => {
    try {
      const ack = openAck(options.gateway, payload, options.twinPublicKey);
      // What a restored outbox no longer counts in is not ours to remove.
      if (Buffer.from(ack.epoch).toString("hex") !== epoch) return "ack.other_epoch";
      const rows = [...new Set(ack.numbers)].filter((number) => flight.isSent(number));
      return rows.length === 0 ? "ack.not_in_flight" : rows;
    } catch (thrown) {
      return toGatewayError(thrown, "ack.malformed").code;
    }
  };
  const onAck = async (payload: Uint8Array) => {
    const rows = rowsOf(payload);
    if (typeof rows === "string") return refuseAck(rows);
    lastAck = { monotonicUs: clock.monotonicUs(), axisUs: options.nowUs() };
    await outbox.outboxEnd(rows);
    total.rowsAcknowledgedTotal += rows.length;
    for (const number of rows) flight.acknowledged(number);
    pump();
  };

  const onDesired = async (payload: Uint8Array) => {
    if (await options.desired?.receive(payload)) await report();
  };
  const report = async () => {
    if (options.desired !== undefined) await link.publish(topics.reported, options.desired.reported(), { retain: true });
  };

  const link = options.open({
    onUp() {
      total.connectionsTotal += 1;
      link.publish(topics.status, JSON.stringify({ state: "online" }), { retain: true }).catch(failed("the status was not told"));
      report().catch(failed("the reported settings were not told"));
      tell();
      pump();
    },
    onDown() {
      flight.clear();
      tell();
    },
    onMessage(topic, payload) {
      if (isClosed) return;
      if (topic === topics.ack) onAck(payload).catch(failed("an acknowledgement could not be taken"));
      else if (topic === topics.act) options.onAct?.(payload);
      else if (topic === topics.desired && options.desired !== undefined)
        onDesired(payload).catch(failed("the reported settings were not told"));
    },
  });

  const watch = () => {
    const verdict = flight.expire(clock.monotonicUs(), lastAck?.monotonicUs ?? Number.NEGATIVE_INFINITY);
    if (verdict === "late") log.info({}, "rows stayed unacknowledged and are sent again later");
    if (verdict === "dead" && link.isUp()) {
      total.deadLinesTotal += 1;
      link.restart("no acknowledgement");
    }
    pump();
  };
  const cancels = [clock.every(pumpEveryMs, watch), clock.every(tellEveryMs, tell)];

  return {
    wake: pump,
    report: () => void (link.isUp() && report().catch(failed("the reported settings were not told"))),
    state,
    figures: () => ({ ...total, inFlight: flight.size, acksRefused, withheld }),
    async close() {
      isClosed = true;
      for (const cancel of cancels) cancel();
      await pumping;
      // A clean end sends no will, so it is said here.
      if (link.isUp())
        link.publish(topics.status, uplinkWill(options.gateway).payload, { retain: true }).catch(failed("the status was not told"));
      await link.close();
    },
  };
}

function frameOf(row: OutboxRow, epoch: string, isOld: boolean, { gateway, sign }: Pick<UplinkOptions, "gateway" | "sign">): Uint8Array {
  const { n, class: c, payload: p } = row;
  const fields = { g: gateway, e: Buffer.from(epoch, "hex"), n, c, t: Math.max(0, Math.round(row.timeUs)), p };
  const mustBeUnderstood = shippedPayloads.mustBeUnderstood(p);
  return encodeFrame({ ...fields, ...(isOld && { h: true }), ...(mustBeUnderstood && { mustBeUnderstood }) }, sign);
}
