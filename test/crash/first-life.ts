/**
 * A home's first life on a virtual clock, up to a fall: two persons, a silence that raised an alarm and ended, snapshots, the journal as files and every commit
 * of the store in order. Any part of it may then be harmed before the second life begins.
 */

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStamper, type VirtualClock, virtualClock } from "../../device-drivers/contract/clock.ts";
import type { AlertRecord, PersonEvent } from "../../device-drivers/contract/event.ts";
import { startWearable } from "../../firmware-sim/wearable.ts";
import { type AlertChange, type AlertCore, createAlertCore } from "../../gateway/alert/core.ts";
import { type DriverOf, loadDrivers } from "../../gateway/ingest/load-drivers.ts";
import { type OpenJournal, openJournal } from "../../gateway/journal/journal.ts";
import { createPipeline, type Pipeline } from "../../gateway/pipeline/pipeline.ts";
import { strictListener } from "../../gateway/replay/collecting.ts";
import { type FilePort, systemFiles } from "../../gateway/runtime/file-port.ts";
import type { PersonCommit, Snapshot, Watermark } from "../../gateway/store/store-port.ts";
import { modelRegistry } from "../../models/index.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import { heartOf } from "./hearts.ts";

export const wearers = { strap: "person-a", clip: "person-b" } as const;
export type Device = keyof typeof wearers;
const profile = { hrHighBpm: 220, hrLowBpm: 20, asystoleS: 4, pauseS: 3 };
const startUs = 1_700_000_000_000_000;
/** Seconds of the first life in which the strap's heart stands still. */
const firstSilenceS = [14, 22] as const;
export const firstLifeS = 45;
const acknowledgedAtS = 20;
const snapshotsAtS = [9, 27];

/** What a store holds: what was committed to it, in order. */
export interface Kept {
  readonly events: Record<string, PersonEvent[]>;
  readonly marks: Record<string, Watermark>;
  readonly snapshots: Record<string, Snapshot>;
  readonly alerts: Map<string, AlertRecord>;
  readonly outbox: PersonCommit["outbox"][];
}

export function keep(commits: readonly PersonCommit[]): Kept {
  const kept: Kept = { events: { "person-a": [], "person-b": [] }, marks: {}, snapshots: {}, alerts: new Map(), outbox: [] };
  for (const { person, events = [], mark, snapshot, alerts = [], outbox } of commits) {
    kept.events[person]?.push(...events);
    if (mark !== undefined) kept.marks[person] = mark;
    if (snapshot !== undefined) kept.snapshots[person] = snapshot;
    for (const alert of alerts) kept.alerts.set(alert.id, alert);
    kept.outbox.push(outbox);
  }
  return kept;
}

/** The real disk but for the wait. */
const quickFiles = (): FilePort => ({ ...systemFiles(), datasync: async () => {}, syncFolder: () => {} });
const turn = () => new Promise((resolve) => setImmediate(resolve));

export interface Life {
  readonly clock: VirtualClock;
  readonly pipeline: Pipeline;
  readonly journal: OpenJournal;
  readonly core: AlertCore;
  readonly commits: PersonCommit[];
  readonly changes: AlertChange[];
  /** Codes of what was told and lived on with. */
  readonly faults: string[];
  /** Takes a message of a device with the stamps of now. */
  receive(device: Device, channel: string, bytes: Uint8Array): void;
  /** Moves the clock on, with the river's timer and the journal's disk. */
  pass(seconds: number): Promise<void>;
}

export interface LifeOptions {
  readonly dir: string;
  readonly clock: VirtualClock;
  readonly kept: Kept;
  readonly driverOf: DriverOf;
  readonly specs: readonly ModelSpec[];
  readonly files?: FilePort;
}

/** Opens everything as the gateway does; the journal's segments are small, so that there are several. */
export async function openLife({ dir, clock, kept, driverOf, specs, files = quickFiles() }: LifeOptions): Promise<Life> {
  const journal = await openJournal({
    ...{ dir: join(dir, "journal"), keysDir: join(dir, "keys"), clock, files },
    bootId: `boot-${clock.wallUs()}`,
    maxSegmentBytes: 20_000,
  });
  const lasts = await Promise.all((await journal.lanes()).map(async (lane) => (await journal.last(lane))?.timeUs ?? 0));
  const stamps = createStamper(clock, Math.max(0, ...lasts, ...Object.values(kept.marks).map(({ timeUs }) => timeUs)));
  const core = createAlertCore({ newId: (key) => key, mode: "real" });
  const commits: PersonCommit[] = [];
  const faults: string[] = [];
  const changes: AlertChange[] = core.reopen([...kept.alerts.values()], stamps().timeUs);
  const pipeline = createPipeline({
    ...{ journal, driverOf },
    store: {
      commit: async (row) => void commits.push(row),
      mark: async (person) => ({
        ...(kept.marks[person] === undefined ? {} : { mark: kept.marks[person] }),
        ...(kept.snapshots[person] === undefined ? {} : { snapshot: kept.snapshots[person] }),
      }),
      events: async (person, fromUs, toUs) =>
        (kept.events[person] ?? []).filter((event) =>
          "timeUs" in event ? event.timeUs >= fromUs && event.timeUs < toUs : event.fromUs < toUs && event.toUs > fromUs,
        ),
    },
    personOf: (device) => wearers[device as Device],
    person: () => ({
      ...{ profile, models: specs, versions: {} },
      submit: (_model, _tensors, settled) => setImmediate(() => settled({ kind: "unknown", reason: "down" })),
    }),
    decider: () => ({ flushS: 10, alerts: core }),
    idle: turn as () => Promise<void>,
    nowUs: () => stamps().timeUs,
    listener: strictListener({ onAlert: (told) => void changes.push(...told), onFault: (error) => void faults.push(error.code) }),
  });
  return {
    ...{ clock, pipeline, journal, core, commits, changes, faults },
    receive: (device, channel, bytes) => pipeline.offer({ link: "mqtt", device, channel, bytes, stamps: stamps() }, () => {}),
    async pass(seconds) {
      for (let ms = 0; ms < seconds * 1000; ms += 250) {
        // The group commit's timer, then its answer.
        clock.advance(25);
        await journal.flush();
        await turn();
        pipeline.advance(stamps().timeUs);
        await turn();
        clock.advance(225);
      }
      await journal.flush();
      for (let i = 0; i < 3; i++) await turn();
    },
  };
}

export interface Wearables {
  /** While true the strap's heart stands still. */
  isStill: boolean;
  /** Everything that both have sent, in order. */
  readonly sent: { readonly device: Device; readonly channel: string; readonly bytes: Uint8Array }[];
  to: (device: Device, channel: string, bytes: Uint8Array) => void;
}

/** Both measure on one clock for as long as it goes, whoever listens. */
export async function wear(clock: VirtualClock): Promise<Wearables> {
  const wearables: Wearables = { isStill: false, sent: [], to: () => {} };
  for (const device of Object.keys(wearers) as Device[]) {
    const send = (channel: string, bytes: Uint8Array) => {
      wearables.sent.push({ device, channel, bytes });
      wearables.to(device, channel, bytes);
    };
    startWearable({
      sources: [await heartOf(device, () => device === "strap" && wearables.isStill)],
      link: { declare: (stream, meta) => send(`${stream}/meta`, meta), send: (stream, _sequence, bytes) => send(`${stream}/raw`, bytes) },
      ...{ clock, bootId: device === "strap" ? "00000000000000aa" : "00000000000000bb" },
    });
  }
  return wearables;
}

export interface FirstLife {
  readonly driverOf: DriverOf;
  readonly specs: readonly ModelSpec[];
  readonly commits: readonly PersonCommit[];
  /** Of the strap's wearer, oldest first. */
  readonly segmentBytes: readonly number[];
  /** A new folder with journal and keys as they were at the fall. */
  copy(): string;
  /** Wearables that have lived through the first life, with what they sent in it. */
  wearables(): Promise<{ clock: VirtualClock; wearables: Wearables }>;
  close(): void;
}

export async function liveFirst(): Promise<FirstLife> {
  const driverOf = await loadDrivers([]);
  const specs = await Promise.all(Object.values(modelRegistry).map((entry) => entry.load()));
  const root = mkdtempSync(join(tmpdir(), "hearth-lives-"));
  const dir = join(root, "first");
  mkdirSync(dir);
  let copies = 0;

  /** The same clock and wearables each time; `second` is told of each second. */
  const played = async (second: (s: number, clock: VirtualClock, wearables: Wearables) => Promise<void>) => {
    const clock = virtualClock(startUs);
    const wearables = await wear(clock);
    for (let s = 0; s < firstLifeS; s++) {
      wearables.isStill = s >= firstSilenceS[0] && s < firstSilenceS[1];
      await second(s, clock, wearables);
    }
    return { clock, wearables };
  };

  let life: Life | undefined;
  await played(async (s, clock, wearables) => {
    life ??= await openLife({ dir, clock, kept: keep([]), driverOf, specs });
    const { receive, pipeline, core, commits } = life;
    wearables.to = receive;
    if (s === 0) for (const { device, channel, bytes } of wearables.sent.slice()) receive(device, channel, bytes);
    if (snapshotsAtS.includes(s)) for (const person of Object.values(wearers)) await pipeline.snapshot(person);
    await life.pass(1);
    if (s !== acknowledgedAtS) return;
    const actor = { name: "Person C", role: "caregiver" as const };
    for (const { id } of core.held()) {
      const { changes } = core.act(id, "acknowledge", actor, { minutes: 15 }, clock.wallUs());
      commits.push({ person: wearers.strap, alerts: changes.map(({ alert }) => alert) });
    }
  });
  const commits = life?.commits ?? [];
  await life?.journal.close();
  return {
    ...{ driverOf, specs, commits },
    segmentBytes: segmentsOf(dir, wearers.strap).map((path) => statSync(path).size),
    copy() {
      const to = join(root, `copy-${++copies}`);
      cpSync(dir, to, { recursive: true });
      return to;
    },
    wearables: () => played(async (_s, clock) => clock.advance(1000)),
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Paths of a lane's segments, oldest first. */
export function segmentsOf(dir: string, person: string): string[] {
  const lane = join(dir, "journal", person);
  return readdirSync(lane)
    .sort()
    .flatMap((day) =>
      readdirSync(join(lane, day))
        .sort()
        .map((file) => join(lane, day, file)),
    );
}

/** The byte at this share of all segments one after another: cut there and everything behind gone, or one bit flipped. */
export function harm(dir: string, person: string, how: "cut" | "flipped", share: number): void {
  let left = Math.floor(share * segmentsOf(dir, person).reduce((sum, path) => sum + statSync(path).size, 0));
  let isGone = false;
  for (const path of segmentsOf(dir, person)) {
    const bytes = readFileSync(path);
    if (isGone) rmSync(path);
    else if (left < bytes.length && how === "flipped") {
      bytes[left] = (bytes[left] ?? 0) ^ 0x10;
      writeFileSync(path, bytes);
      return;
    } else if (left < bytes.length) {
      writeFileSync(path, bytes.subarray(0, left));
      isGone = true;
    } else left -= bytes.length;
  }
}
