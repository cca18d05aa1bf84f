import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type DiskFault, faultyFiles, recordedFiles } from "../../test/support/faulty-files.ts";
import { openJournalCore } from "./journal-core.ts";
import { createBatchEncoder, originOf } from "./record-codec.ts";
import { chunk } from "./testdata/offered.ts";

let home: string;
let fault: DiskFault;
let calls: string[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hearth-core-"));
  fault = { code: undefined, at: "write", partialBytes: 0 };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const origin = originOf(chunk(1));
const dayMs = 86_400;

function open(maxSegmentBytes = 1 << 20) {
  const recorded = recordedFiles(home, faultyFiles(fault));
  calls = recorded.calls;
  const places = { dir: join(home, "journal"), keysDir: join(home, "keys") };
  return openJournalCore({
    ...{ ...places, bootId: "b", maxSegmentBytes, files: recorded.files, randomBytes: (count) => new Uint8Array(count).fill(3) },
  });
}

function batch(lane: string, index: number) {
  const encoder = createBatchEncoder(lane, origin, 64);
  encoder.add(chunk(index), 0);
  return encoder.take();
}

const request = (...batches: ReturnType<typeof batch>[]) => ({
  origin,
  newSources: [{ id: 0, link: "mqtt", device: "strap-1", channel: "ecg/raw" }],
  batches,
});
const told = ({ outcomes }: { outcomes: readonly { lane: string; kind: string; code?: string; firstPosition?: number }[] }) =>
  outcomes.map(({ lane, kind, code, firstPosition }) => [lane, kind, code ?? firstPosition]);

test("a lane's key is durable before its first group, and a lane that was there goes on with its own", async () => {
  const core = open();
  await core.commit(request(batch("p1", 1)));
  expect(calls.slice(0, 7)).toEqual([
    "remove keys/journal-p1.key.new",
    "create keys/journal-p1.key.new",
    "write keys/journal-p1.key.new 0+32",
    "sync keys/journal-p1.key.new",
    "close keys/journal-p1.key.new",
    "rename keys/journal-p1.key.new keys/journal-p1.key",
    "sync folder keys",
  ]);
  core.close();
  expect(calls.at(-1)).toBe("close journal/p1/2026-01-31/0001.seg");
  const again = open();
  expect(told(await again.commit(request(batch("p1", 2))))).toEqual([["p1", "committed", 2]]);
  expect(calls.filter((call) => call.includes("keys"))).toEqual([]);
  again.close();
});

test.each([
  ["ENOSPC", "journal.disk_full"],
  ["EDQUOT", "journal.disk_full"],
  ["EROFS", "journal.io"],
] as const)("%s is %s with the batch that was refused, and costs the other lanes nothing", async (code, expected) => {
  const core = open();
  await core.commit(request(batch("p1", 1), batch("p2", 1)));
  fault.code = code;
  fault.times = 1;
  const refused = batch("p1", 2);
  const reply = await core.commit(request(refused, batch("p2", 2)));
  expect(told(reply)).toEqual([
    ["p1", "failed", expected],
    ["p2", "committed", 2],
  ]);
  expect(reply.outcomes[0]).toMatchObject({ batch: refused });
  expect(told(await core.commit(request(refused)))).toEqual([["p1", "committed", 2]]);
  core.close();
});

test("bytes whose sync failed count as written, and the group is taken back", async () => {
  const core = open();
  const { writtenBytes } = await core.commit(request(batch("p1", 1)));
  fault.code = "EIO";
  fault.at = "sync";
  const reply = await core.commit(request(batch("p1", 2)));
  expect(told(reply)).toEqual([["p1", "failed", "journal.io"]]);
  expect(reply.writtenBytes).toBeGreaterThan(0);
  expect(calls).toContain(`truncate journal/p1/2026-01-31/0001.seg ${writtenBytes}`);
  core.close();
});

test("a key file that was cut while the home runs refuses its lane by name", async () => {
  const core = open();
  mkdirSync(join(home, "keys"));
  writeFileSync(join(home, "keys", "journal-p1.key"), "short");
  const { outcomes } = await core.commit(request(batch("p1", 1)));
  expect(outcomes[0]).toMatchObject({ kind: "failed", code: "journal.key_bad", message: expect.stringContaining("5 bytes instead of 32") });
  core.close();
});

test("a person is forgotten in an order that a crash can't undo: name, key, records", async () => {
  const before = open();
  await before.commit(request(batch("p1", 1)));
  before.close();
  const core = open();
  await core.commit(request(batch("p1", 2)));
  calls.length = 0;
  core.forget("p1");
  expect(calls).toEqual([
    "close journal/p1/2026-01-31/0002.seg",
    "rename journal/p1 journal/.forgotten-p1",
    "sync folder journal",
    "remove keys/journal-p1.key",
    "sync folder keys",
    "remove journal/.forgotten-p1",
    "sync folder journal",
  ]);
  expect(told(await core.commit(request(batch("p1", 3))))).toEqual([["p1", "committed", 1]]);
  core.close();
});

test("days before the one named are dropped, but never the lane's newest", async () => {
  const core = open();
  for (const days of [0, 1, 2, 3]) await core.commit(request(batch("p1", 1 + days * dayMs)));
  const days = () => readdirSync(join(home, "journal", "p1"));
  core.dropBefore("p1", "2026-02-02");
  expect(days()).toEqual(["2026-02-02", "2026-02-03"]);
  core.dropBefore("p1", "2027-01-01");
  expect(days()).toEqual(["2026-02-03"]);
  core.close();
});

test("a segment takes 8 MiB unless told, then the next one begins", async () => {
  const core = openJournalCore({
    ...{ dir: join(home, "journal"), keysDir: join(home, "keys"), bootId: "b", randomBytes: (count) => new Uint8Array(count) },
  });
  const segments = () => readdirSync(join(home, "journal", "p1", "2026-01-31")).length;
  for (const [index, expected] of [1, 1, 1, 2].entries()) {
    const encoder = createBatchEncoder("p1", origin, 64);
    encoder.add(chunk(index, new Uint8Array(3 << 20)), 0);
    await core.commit(request(encoder.take()));
    expect(segments()).toBe(expected);
  }
  core.close();
});

test("a day whose last segment was dropped to make room goes with it", async () => {
  const core = open();
  for (const days of [0, 1, 2]) await core.commit(request(batch("p1", 1 + days * dayMs)));
  const bytes = core.dropDecided({ decided: [["p1", 3]], wantedBytes: 1, leastBytes: 1 });
  expect(bytes).toBeGreaterThan(100);
  expect(readdirSync(join(home, "journal", "p1"))).toEqual(["2026-02-01", "2026-02-02"]);
  expect(core.dropDecided({ decided: [["p1", 3]], wantedBytes: 1, leastBytes: bytes })).toBe(bytes);
  core.close();
});
