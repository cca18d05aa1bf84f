/**
 * What becomes of a home whose disk is full or can't be written, in this order: the reserve is given up, so that alerts, marks and the next start have
 * room; the journal's oldest segments that are decided go early; at last signal is judged live and not kept. When there is room again everything goes
 * back by itself. Alarms never wait for any of it.
 */

import { statSync } from "node:fs";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import type { TechnicalRuleId } from "../alert/technical.ts";
import { dayFull } from "../journal/day-budget.ts";
import type { OpenJournal } from "../journal/journal.ts";
import type { DayBudget } from "../journal/journal-port.ts";
import type { Log } from "../runtime/log.ts";
import type { Refusals } from "../runtime/refusals.ts";
import { freeBytes, type Reserve } from "../runtime/reserve.ts";
import type { Store } from "../store/store-port.ts";

interface KeepingParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Lies on the store's disk. */
  readonly reserve: Reserve;
  readonly journal: Pick<OpenJournal, "hold" | "dropDecided">;
  readonly journalDir: string;
  readonly dayBudget: Pick<DayBudget, "over">;
  /** Now on the axis. */
  readonly nowUs: () => number;
  /** Batches that were judged and not kept. */
  readonly notKept: { readonly count: number; tell(): void };
  readonly store: Pick<Store, "mark" | "flush" | "tidy" | "figures">;
  readonly registry: Readonly<Record<"people" | "devices", () => readonly { readonly id: string }[]>>;
  /** Sets a condition of the gateway, or of a device. */
  readonly set: (rule: TechnicalRuleId, isTrue: boolean, device?: string) => void;
  /** A device that nobody wears alarms nobody: whoever looks after the home reads it here. */
  readonly refusals: Pick<Refusals, "note">;
  /** Answers the device itself. */
  readonly signals: { readonly denied: { tell(denied: { readonly reason: string; readonly account: string }): unknown } };
}

/** "reserve": everything is kept, with the reserve in use; "judged": signal is judged and not kept. */
type KeepingStage = "kept" | "reserve" | "judged";

export interface Keeping {
  /** The journal's disk refuses a group: true where it may take it after this. */
  makeRoom(error: GatewayError): Promise<boolean>;
  /** The store keeps what was refused and tries it again; this makes room for it. */
  storeRefused(error: unknown): void;
  stage(): KeepingStage;
  /** Free bytes of the journal's disk when it was last looked at. */
  freeBytes(): number;
  /** Makes the reserve, or does what a full disk needs; then looks after it. */
  begin(): Promise<void>;
  close(): void;
}

const lookMs = 2000;
/** Below this the disk counts as full: other programs and the next seconds need some of it. */
const lowBytes = 1 << 20;
/** A refusal for another reason than room (too many open files) may pass by itself. */
const passingMs = 100;
/** The second refusal within this time does not pass by itself. */
const steadyMs = 5000;
/** A disk that refuses is tried again after this pause, doubled each time up to the longest. */
const probeMs = { first: 2000, longest: 30_000 };
/** How often the record says how far judging without keeping has gone. */
const recordMs = 60_000;
/** How long early dropping is told after it happened. */
const droppedToldMs = 3_600_000;

export function createKeeping(parts: KeepingParts): Keeping {
  const { clock, log, reserve, journal, store, set, notKept } = parts;
  // A journal with a disk of its own is not helped by the reserve, nor held for it.
  const isOneDisk = statSync(parts.journalDir).dev === statSync(reserve.folder).dev;
  const nowMs = () => clock.monotonicUs() / 1000;
  let isHeld = false;
  let pauseMs = probeMs.first;
  let probeAtMs = 0;
  let lastPassingMs = Number.NEGATIVE_INFINITY;
  let droppedAtMs = Number.NEGATIVE_INFINITY;
  let lastFreeBytes = Number.POSITIVE_INFINITY;
  let relieving: Promise<boolean> | undefined;
  let loggedCode = "";
  let seenCount = 0;
  let toldAtMs = 0;
  let hasBegun = false;
  let isClosed = false;
  const tellFullDays = fullDaysOf(parts);
  const stops: (() => void)[] = [];

  const stage = (): KeepingStage => (isHeld ? "judged" : reserve.isThere ? "kept" : "reserve");

  const tell = () => {
    if (isClosed) return;
    set("storage.reserve", hasBegun && stage() === "reserve");
    // A journal that refuses one person (a damaged key) is not held: the batches tell it.
    set("storage.disk-full", isHeld || notKept.count !== seenCount);
    set("storage.dropped-early", nowMs() - droppedAtMs < droppedToldMs);
    set("storage.not-stored", store.figures().refusedCommits > 0);
  };

  const hold = (error: GatewayError) => {
    if (!isHeld) log.error({ code: error.code, reason: error.message }, "signal is judged and not kept");
    isHeld = true;
    probeAtMs = nowMs() + pauseMs;
    pauseMs = Math.min(2 * pauseMs, probeMs.longest);
    journal.hold(error);
    tell();
  };

  const release = () => {
    if (isHeld) log.info({}, "signal is kept again");
    isHeld = false;
    journal.hold(undefined);
    tell();
  };

  const dropDecided = async (): Promise<number> => {
    const marks = await Promise.all(
      parts.registry.people().map(async ({ id }) => [id, (await store.mark(id)).snapshot?.position ?? 0] as const),
    );
    const droppedBytes = await journal.dropDecided({ decided: marks, wantedBytes: 4 * reserve.sizeBytes, leastBytes: reserve.sizeBytes });
    if (droppedBytes === 0) return 0;
    droppedAtMs = nowMs();
    log.warn({ bytes: droppedBytes }, "the disk is full: the oldest recordings were dropped early");
    return droppedBytes;
  };

  /** True where the journal may go on: with the reserve back in its place, so that it never eats what alerts need. */
  const relieve = async (error: GatewayError): Promise<boolean> => {
    if (isOneDisk && reserve.giveUp()) log.warn({ bytes: reserve.sizeBytes }, "the disk is full: the reserve is given up");
    const droppedBytes = await dropDecided().catch(() => 0);
    const hasRoom = isOneDisk ? await reserve.make() : droppedBytes > 0;
    if (hasRoom) tell();
    else hold(error);
    return hasRoom;
  };
  const relieveOnce = (error: GatewayError) => {
    relieving ??= relieve(error).finally(() => {
      relieving = undefined;
    });
    return relieving;
  };

  const probe = async () => {
    const hasReserve = await reserve.make();
    const hasRoom = isOneDisk ? hasReserve : lastFreeBytes >= 2 * lowBytes;
    if (isHeld && hasRoom) release();
    else if (isHeld) hold(full());
    else probeAtMs = nowMs() + lookMs;
  };

  const look = async () => {
    lastFreeBytes = await freeBytes(parts.journalDir);
    if (stage() === "kept" && lastFreeBytes < lowBytes) await relieveOnce(full());
    else if (stage() !== "kept" && nowMs() >= probeAtMs) await probe();
    else if (stage() === "kept" && nowMs() - probeAtMs > 2 * probeMs.longest) pauseMs = probeMs.first;
    if (stage() !== "kept") await store.tidy().catch(() => {});
    if (store.figures().refusedCommits > 0) await store.flush().catch(() => {});
    else loggedCode = "";
    if (nowMs() - toldAtMs >= recordMs) {
      toldAtMs = nowMs();
      notKept.tell();
    }
    tell();
    tellFullDays();
    seenCount = notKept.count;
  };
  let looking: Promise<void> | undefined;
  const lookOnce = () => {
    looking ??= look()
      .catch((error) => log.error({ err: error }, "the disk could not be looked at"))
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };

  return {
    async makeRoom(error) {
      if (isFull(error)) return relieveOnce(error);
      const isSteady = nowMs() - lastPassingMs < steadyMs;
      lastPassingMs = nowMs();
      if (isSteady) hold(error);
      else await new Promise<void>((resolve) => clock.after(passingMs, resolve));
      return !isSteady;
    },
    storeRefused(thrown) {
      const error = toGatewayError(thrown);
      if (error.code !== loggedCode) log.error({ code: error.code }, "a write was refused; it is held in memory and tried again");
      loggedCode = error.code;
      if (isFull(error) && reserve.isThere) {
        const relief = isOneDisk ? relieveOnce(error) : Promise.resolve(reserve.giveUp());
        void relief.then(() => store.flush()).catch(() => {});
      }
      tell();
    },
    stage,
    freeBytes: () => lastFreeBytes,
    async begin() {
      if (!(await reserve.make()) && isOneDisk) await relieveOnce(full());
      hasBegun = true;
      if (isClosed) return;
      tell();
      stops.push(clock.every(lookMs, () => void lookOnce()));
    },
    close() {
      isClosed = true;
      for (const stop of stops) stop();
    },
  };
}

/** Says which devices have had their share of the day. */
function fullDaysOf({ dayBudget, nowUs, registry, set, refusals, signals }: KeepingParts): () => void {
  let before: ReadonlySet<string> = new Set();
  return () => {
    const over = new Set(dayBudget.over(nowUs()));
    for (const { id: device } of registry.devices()) {
      set("device.too-much", over.has(device), device);
      if (over.has(device)) signals.denied.tell({ reason: dayFull, account: device });
      if (over.has(device) && !before.has(device)) refusals.note({ where: "journal", reason: dayFull, device });
    }
    before = over;
  };
}

function isFull({ code }: GatewayError): boolean {
  return code.endsWith(".disk_full");
}

function full(): GatewayError {
  return new GatewayError("journal.disk_full", "world", "the disk is full");
}
