import { expect, test } from "vitest";
import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { packEvents, unpackEvents } from "../store/event-codec.ts";
import type { PersonCommit } from "../store/store-port.ts";
import { createNotKept, notKeptReason } from "./not-kept.ts";

const chunk = (device: string, timeUs: number): Chunk => ({
  ...{ link: "mqtt", device, channel: "ecg/raw", bytes: new Uint8Array(1) },
  stamps: { timeUs, monotonicUs: timeUs, wallUs: timeUs, wallQuality: "ntp" },
});

test("a stretch is told at its begin, piece by piece without holes, and as a whole at its end; each stream and person by itself", () => {
  const commits: PersonCommit[] = [];
  const notKept = createNotKept({ commit: (commit) => commits.push(commit) });
  const gaps = (person: string) =>
    commits.flatMap((commit) => (commit.person === person ? (commit.events ?? []) : [])).filter((event) => event.kind === "gap");
  const diskFull = { code: "journal.disk_full" };
  notKept.note("person-a", chunk("strap", 10), diskFull);
  expect(commits).toMatchObject([{ person: "person-a", audit: [{ what: "signal.not-kept", atUs: 10 }] }]);
  notKept.note("person-a", chunk("strap", 20), diskFull);
  notKept.note("person-a", chunk("clip", 25), diskFull);
  notKept.note("person-b", chunk("band", 30), diskFull);
  notKept.tell();
  notKept.note("person-a", chunk("strap", 40), { code: "journal.day_full" });
  for (const device of ["strap", "strap", "clip"]) notKept.over("person-a", chunk(device, 50));
  const reason = notKeptReason;
  expect(gaps("person-a")).toEqual([
    { kind: "gap", device: "strap", stream: "ecg", fromUs: 10, toUs: 20, reason },
    { kind: "gap", device: "clip", stream: "ecg", fromUs: 25, toUs: 25, reason },
    { kind: "gap", device: "strap", stream: "ecg", fromUs: 20, toUs: 40, reason },
  ]);
  expect(commits.flatMap(({ audit }) => audit ?? []).filter(({ what }) => what === "signal.kept")).toMatchObject([
    { subject: "person-a", detail: { spans: [{ stream: "strap/ecg", fromUs: 10, toUs: 40, batches: 3 }] } },
    { subject: "person-a", detail: { spans: [{ stream: "clip/ecg", fromUs: 25, toUs: 25, batches: 1 }] } },
  ]);
  // What a device's day had no room for is no fault of the disk.
  expect(notKept.count).toBe(4);
});

test("a gap keeps its reason in the database, and one without has none", () => {
  const plain = { kind: "gap" as const, device: "strap", stream: "ecg", fromUs: 5, toUs: 9 };
  const told = { ...plain, fromUs: 10, toUs: 20, reason: notKeptReason };
  expect(unpackEvents(packEvents([plain, told]))).toEqual([plain, told]);
  expect(unpackEvents(packEvents([plain]))).toEqual([plain]);
});
