import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type DiskFault, faultyFiles, recordedFiles } from "../../test/support/faulty-files.ts";
import { createLaneWriter, type LaneWriter } from "./lane-writer.ts";
import { createBatchEncoder, decodeBody, originOf, type Source } from "./record-codec.ts";
import { createSeal } from "./seal.ts";
import { type Frame, parseSegmentHeader, scanFrames } from "./segment-format.ts";
import { chunk } from "./testdata/offered.ts";

let dir: string;
let fault: DiskFault;
let calls: string[];
let writer: LaneWriter;
const key = new Uint8Array(32).fill(5);
const origin = originOf(chunk(1));
const source: Source = { id: 4, link: "mqtt", device: "strap-1", channel: "ecg/raw" };
const day = "2026-01-31";
const segment = (number: number, of = day) => `p1/${of}/000${number}.seg`;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hearth-lane-"));
  fault = { code: undefined, at: "write", partialBytes: 7 };
  writer = writerFrom();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function writerFrom(maxSegmentBytes = 1 << 20) {
  const recorded = recordedFiles(dir, faultyFiles(fault));
  calls = recorded.calls;
  let salts = 0;
  const randomBytes = (count: number) => new Uint8Array(count).fill(++salts);
  return createLaneWriter({
    ...{
      files: recorded.files,
      laneDir: join(dir, "p1"),
      lane: "p1",
      key,
      bootId: "boot-1",
      randomBytes,
      maxSegmentBytes,
      nextPosition: 11,
    },
  });
}

function append(index: number, bytes?: Uint8Array<ArrayBuffer>) {
  const encoder = createBatchEncoder("p1", origin, 64);
  encoder.add(chunk(index, bytes), source.id);
  return writer.append(encoder.take(), () => source, origin);
}

async function commit(index: number, bytes?: Uint8Array<ArrayBuffer>) {
  append(index, bytes);
  await writer.sync();
  return writer.confirm();
}

function framesOf(path: string) {
  const bytes = readFileSync(join(dir, path));
  const { header, endByte } = parseSegmentHeader(bytes)!;
  const seal = createSeal(key, header.salt);
  const known = new Map<number, Source>();
  return [...scanFrames(bytes, header, endByte)].map((frame: Frame) => {
    const plain = seal.open(frame.serial, frame.head, frame.body, frame.tag)!;
    const [first] = decodeBody({ ...frame, bytes: plain }, known, header.origin) ?? [];
    return { serial: frame.serial, position: frame.position, defines: frame.definesSources, mark: first?.bytes[0] };
  });
}

test("a first group is on disk with its day's, its lane's and the journal's folder; a later one of the segment needs none of them", async () => {
  const bytes = append(1);
  await writer.sync();
  expect(calls).toEqual([
    `create ${segment(1)}`,
    `write ${segment(1)} 0+${bytes}`,
    `datasync ${segment(1)}`,
    `sync folder p1/${day}`,
    "sync folder p1",
    "sync folder .",
  ]);
  expect(writer.confirm()).toBe(11);
  calls.length = 0;
  const more = append(2);
  await writer.sync();
  expect(calls).toEqual([`write ${segment(1)} ${bytes}+${more}`, `datasync ${segment(1)}`]);
  expect(writer.confirm()).toBe(12);
  writer.close();
  expect(calls.at(-1)).toBe(`close ${segment(1)}`);
});

test("after a failed write the number that made its nonce is not used again, and nothing of the group is left", async () => {
  await commit(1);
  fault.code = "ENOSPC";
  fault.times = 1;
  expect(() => append(2)).toThrow("ENOSPC");
  expect(calls.at(-1)).toMatch(/^truncate /);
  await commit(3);
  expect(framesOf(segment(1))).toEqual([
    { serial: 0, position: 11, defines: true, mark: 1 },
    { serial: 2, position: 12, defines: false, mark: 3 },
  ]);
});

test("a segment whose first write failed is gone, and the next one has another salt", async () => {
  fault.code = "ENOSPC";
  fault.times = 1;
  expect(() => append(1)).toThrow("ENOSPC");
  expect(readdirSync(join(dir, "p1", day))).toEqual([]);
  expect(calls.slice(-2)).toEqual([`remove ${segment(1)}`, `close ${segment(1)}`]);
  await commit(2);
  expect(parseSegmentHeader(readFileSync(join(dir, segment(1))))?.header.salt[0]).toBe(2);
  expect(framesOf(segment(1)).map(({ mark }) => mark)).toEqual([2]);
});

test("after a failed sync the file is cut to what counts and not written to again", async () => {
  await commit(1);
  fault.code = "EIO";
  fault.at = "sync";
  append(2);
  await expect(writer.sync()).rejects.toMatchObject({ code: "EIO" });
  writer.undo();
  fault.code = undefined;
  calls.length = 0;
  expect(await commit(3)).toBe(12);
  expect(calls[0]).toBe(`create ${segment(2)}`);
  expect(calls.filter((call) => call.includes("0001"))).toEqual([]);
  expect([framesOf(segment(1)), framesOf(segment(2))]).toEqual([
    [{ serial: 0, position: 11, defines: true, mark: 1 }],
    [{ serial: 0, position: 12, defines: true, mark: 3 }],
  ]);
  expect(await commit(4)).toBe(13);
  // Only that one file is given up.
  fault.at = "write";
  fault.code = "ENOSPC";
  expect(() => append(5)).toThrow("ENOSPC");
  fault.code = undefined;
  expect(await commit(6)).toBe(14);
  expect(framesOf(segment(2))).toHaveLength(3);
});

test("where the disk refuses to take a group back, that is tried again before anything else is written", async () => {
  await commit(1);
  fault.code = "EIO";
  fault.at = "truncate and write";
  expect(() => append(2)).toThrow("EIO");
  calls.length = 0;
  expect(() => append(3)).toThrow("EIO");
  expect(calls).toEqual([expect.stringMatching(/^truncate/)]);
  fault.code = undefined;
  calls.length = 0;
  await commit(4);
  expect(calls.map((call) => call.split(" ")[0])).toEqual(["truncate", "write", "datasync"]);
  expect(framesOf(segment(1)).map(({ mark, position }) => [mark, position])).toEqual([
    [1, 11],
    [4, 12],
  ]);
});

test("what a group that failed would have defined is defined by the next one", async () => {
  await commit(1);
  fault.code = "ENOSPC";
  fault.times = 1;
  const other = createBatchEncoder("p1", origin, 64);
  other.add(chunk(2), 9);
  const batch = other.take();
  const sourceOf = (id: number) => ({ ...source, id, device: "strap-9" });
  expect(() => writer.append(batch, sourceOf, origin)).toThrow("ENOSPC");
  writer.append(batch, sourceOf, origin);
  await writer.sync();
  writer.confirm();
  expect(framesOf(segment(1)).map(({ defines, mark }) => [defines, mark])).toEqual([
    [true, 1],
    [true, 2],
  ]);
});

test("sources are defined again about every 64 kB, so that a damaged group costs no more", async () => {
  for (let i = 1; i <= 8; i++) await commit(i, new Uint8Array(20_000).fill(i));
  expect(framesOf(segment(1)).map(({ defines }) => defines)).toEqual([true, false, false, false, true, false, false, false]);
});

test("a full segment and a new day begin a new file and close the old one; a clock that was set back goes on in the newest day", async () => {
  writer = writerFrom(300);
  for (const index of [1, 2, 3]) await commit(index);
  expect(readdirSync(join(dir, "p1", day))).toEqual(["0001.seg", "0002.seg"]);
  expect(calls.filter((call) => call.startsWith("close"))).toEqual([`close ${segment(1)}`]);
  await commit(60);
  expect(calls.filter((call) => call.startsWith("close"))).toHaveLength(2);
  await commit(1);
  expect(framesOf(segment(1, "2026-02-01")).map(({ position }) => position)).toEqual([14, 15]);
  writer.close();
  writer = writerFrom();
  await commit(1);
  expect(existsSync(join(dir, segment(2, "2026-02-01")))).toBe(true);
});

test("without a group there is nothing to sync, to confirm or to take back", async () => {
  await writer.sync();
  writer.undo();
  expect(writer.confirm()).toBe(11);
  expect(calls).toEqual([]);
  await commit(1);
  expect([writer.confirm(), writer.confirm()]).toEqual([12, 12]);
  writer.close();
});
