/**
 * Brings alert changes to the channels. Each channel stands behind its own bulkhead: one that hangs or fails stops no other. What was written but not yet sent
 * when the process died comes again through the core's `reopen`, from the store's rows; the step id lets a receiver drop a repeat.
 */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { AlertChange } from "./change.ts";
import type { Channel, Message } from "./channels/channel.ts";

export interface NotifyOptions {
  readonly channels: readonly Channel[];
  readonly clock: Clock;
  /** The gateway's axis now: snoozes end on it. */
  readonly axisUs: () => number;
  readonly render: (change: AlertChange) => { title: string; body: string; lock: string };
  /** A channel took the message, so long after it was due: the core's `delivered`, then a commit. */
  readonly onAccepted: (alertId: string, channel: string, receipt: string, waitedMs: number) => void;
  /** No channel has taken a message about this alert for 60 s (`delivery.failed`); later: one has. */
  readonly onReach: (alert: AlertRecord, isReached: boolean) => void;
  /** Never with a name, a value or a token in it. */
  readonly onFailure?: (channel: string, error: GatewayError) => void;
}

export type ChannelFigures = Readonly<Record<string, { readonly sent: number; readonly failed: number; readonly waiting: number }>>;

export interface Notify {
  /** Call after the rows are in the store. */
  push(changes: readonly AlertChange[]): void;
  /** By channel: messages taken, attempts that failed, messages that wait. */
  figures(): ChannelFigures;
  /** Resolves when no attempt is under way. */
  idle(): Promise<void>;
  close(): void;
}

/** One attempt may take this long; attempts at one step go on for `stepMs`, with growing pauses. */
const attemptMs = 10_000;
const stepMs = 60_000;
const firstPauseMs = 1000;
const atOnce = 4;
const waitingLimit = 200;

interface Step {
  readonly message: Message;
  readonly dueUs: number;
  accepted: boolean;
  isOver: boolean;
}

interface ChannelQueue {
  readonly channel: Channel;
  readonly waiting: { step: Step; attempt: number }[];
  running: number;
  sent: number;
  failed: number;
}

export function createNotify(options: NotifyOptions): Notify {
  const { clock, onAccepted, onReach } = options;
  const queues = options.channels.map((channel): ChannelQueue => ({ channel, waiting: [], running: 0, sent: 0, failed: 0 }));
  const stepsByAlert = new Map<string, Step[]>();
  const unreached = new Set<string>();
  /** Of each attempt under way. One signal for all of them would hold every attempt until the end. */
  const running = new Set<AbortController>();
  let isClosed = false;
  let idlers: (() => void)[] = [];

  const begin = (change: AlertChange) => {
    const message: Message = {
      stepId: `${change.alert.id}/${change.why}/${change.audit.atUs}`,
      alert: change.alert,
      why: change.why,
      ...options.render(change),
    };
    const step: Step = { message, dueUs: clock.monotonicUs(), accepted: false, isOver: false };
    stepsByAlert.set(change.alert.id, [...(stepsByAlert.get(change.alert.id) ?? []), step]);
    const meant = queues.filter(({ channel }) => channel.wants?.(message) !== false);
    const awake = meant.filter((queue) => !isSnoozed(queue.channel, change.alert));
    // Everybody asked for quiet: that is not a failure of the channels.
    if (awake.length === 0 && meant.length > 0) step.accepted = true;
    for (const queue of awake) offer(queue, step, 1);
    clock.after(stepMs, () => finish(step));
  };

  const finish = (step: Step) => {
    const { alert } = step.message;
    step.isOver = true;
    stepsByAlert.set(
      alert.id,
      (stepsByAlert.get(alert.id) ?? []).filter((other) => other !== step),
    );
    if (stepsByAlert.get(alert.id)?.length === 0) stepsByAlert.delete(alert.id);
    if (step.accepted || isClosed) return;
    unreached.add(alert.id);
    onReach(alert, false);
  };

  const isSnoozed = (channel: Channel, alert: AlertRecord) =>
    channel.carer !== undefined && alert.snoozes.some(({ by, untilUs }) => by === channel.carer && untilUs > options.axisUs());

  const offer = (queue: ChannelQueue, step: Step, attempt: number) => {
    // High first; within a priority in order of arrival. A full queue gives up its last: never a high one for a lower.
    const isHigh = step.message.alert.priority === "high";
    const firstLower = queue.waiting.findIndex((other) => other.step.message.alert.priority !== "high");
    queue.waiting.splice(isHigh && firstLower >= 0 ? firstLower : queue.waiting.length, 0, { step, attempt });
    if (queue.waiting.length > waitingLimit) queue.waiting.pop();
    pump(queue);
  };

  const pump = (queue: ChannelQueue) => {
    while (queue.running < atOnce) {
      const next = queue.waiting.shift();
      if (next === undefined) break;
      if (!next.step.isOver) void attempt(queue, next.step, next.attempt);
    }
  };

  const attempt = async (queue: ChannelQueue, step: Step, count: number): Promise<void> => {
    queue.running++;
    const over = new AbortController();
    running.add(over);
    const cancel = clock.after(attemptMs, () => over.abort());
    try {
      const { signal } = over;
      const { receipt } = await Promise.race([queue.channel.send(step.message, signal), aborted(signal)]);
      queue.sent++;
      accepted(queue, step, receipt);
    } catch (thrown) {
      queue.failed++;
      options.onFailure?.(queue.channel.name, toGatewayError(thrown, "channel.failed"));
      if (!step.isOver && !isClosed) clock.after(firstPauseMs * 2 ** (count - 1), () => offer(queue, step, count + 1));
    } finally {
      cancel();
      running.delete(over);
      queue.running--;
      pump(queue);
      settleIdle();
    }
  };

  const accepted = (queue: ChannelQueue, step: Step, receipt: string) => {
    const { alert } = step.message;
    onAccepted(alert.id, queue.channel.name, receipt, (clock.monotonicUs() - step.dueUs) / 1000);
    // A display shows and reaches nobody for certain: it is enough only where it is all that there is.
    const hasBetter = queues.some(({ channel }) => channel.isDisplay !== true && channel.wants?.(step.message) !== false);
    if (queue.channel.isDisplay === true && hasBetter) return;
    step.accepted = true;
    if (unreached.delete(alert.id)) onReach(alert, true);
  };

  /** Somebody has it, by whatever way they heard: nobody needs to be reached any more. */
  const known = (alert: AlertRecord) => {
    for (const step of stepsByAlert.get(alert.id) ?? []) step.accepted = true;
    if (unreached.delete(alert.id)) onReach(alert, true);
  };

  const settleIdle = () => {
    if (queues.some((queue) => queue.running > 0)) return;
    for (const resolve of idlers.splice(0)) resolve();
  };

  return {
    push(changes) {
      for (const change of changes) {
        const isTaken = change.why === "acknowledged" || change.why === "closed" || change.why === "ended";
        // Nobody is to hear "urgent" after somebody has taken it.
        if (isTaken) for (const step of stepsByAlert.get(change.alert.id) ?? []) step.isOver = step.isOver || !isLatched(change);
        if (isKnown(change)) known(change.alert);
        if (change.notify && !isClosed) begin(change);
      }
    },
    figures: () =>
      Object.fromEntries(queues.map(({ channel, sent, failed, waiting }) => [channel.name, { sent, failed, waiting: waiting.length }])),
    idle: () => (queues.every((queue) => queue.running === 0) ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    close() {
      isClosed = true;
      for (const over of running) over.abort();
      idlers = [];
    },
  };
}

/** A person took or closed it, or it lost its object; one that is over by itself may still have reached nobody. */
function isKnown({ alert, why }: AlertChange): boolean {
  return why === "acknowledged" || (why === "closed" && (alert.acknowledgedBy !== undefined || alert.closeReason !== undefined));
}

/** An ended high that nobody acknowledged still has to reach somebody. */
function isLatched({ alert }: AlertChange): boolean {
  return alert.priority === "high" && alert.acknowledgedBy === undefined && alert.state !== "closed";
}

/** A channel that ignores its signal is left behind when the signal fires. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const giveUp = () => reject(new GatewayError("channel.timeout", "world", "The channel did not answer in time."));
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
  });
}
