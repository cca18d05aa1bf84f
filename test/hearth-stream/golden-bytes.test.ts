/** What the page's publishers send, byte for byte: the same as somebody writes who builds a batch by hand from the page's table and the sketch's own constants. */

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Aedes } from "aedes";
import { afterEach, expect, test } from "vitest";
import { decodeBatch } from "../../device-drivers/hearth-stream/frame.ts";
import { parseMeta } from "../../device-drivers/hearth-stream/meta.ts";
import { until } from "../crash/home-inside.ts";

const folder = new URL("../../device-drivers/hearth-stream/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), "utf8");
const works = (command: string, ...given: string[]) => spawnSync(command, given).status === 0;
const python = ["python3", "/usr/bin/python3"].find((each) => works(each, "-c", "import paho.mqtt.client"));

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Constants {
  readonly boot: string;
  readonly q: number;
  readonly n0: number;
  readonly t: number;
  readonly d: number;
  readonly x: readonly number[];
  readonly m: string;
}

/** A batch of one ECG channel in 16 bits, written from the page's table: the map's nine keys in its order, each number in its shortest form. */
function byHand({ boot, q, n0, t, d, x, m }: Constants): string {
  const hex = (of: number, bytes: number) =>
    BigInt(of)
      .toString(16)
      .padStart(2 * bytes, "0");
  const head = (kind: number, of: number) => {
    const first = (low: number) => hex((kind << 5) | low, 1);
    if (of < 24) return first(of);
    if (of < 2 ** 8) return first(24) + hex(of, 1);
    if (of < 2 ** 16) return first(25) + hex(of, 2);
    return of < 2 ** 32 ? first(26) + hex(of, 4) : first(27) + hex(of, 8);
  };
  const text = (of: string) => head(3, of.length) + Buffer.from(of).toString("hex");
  const low = x.map((each) => hex(((each & 0xff) << 8) | ((each >> 8) & 0xff), 2)).join("");
  return [
    ...["a9", text("v"), "01", text("b"), "48", boot, text("q"), head(0, q), text("n0"), head(0, n0), text("t"), head(0, t)],
    ...[
      text("k"),
      "01",
      text("d"),
      head(0, d),
      text("c"),
      "81",
      "a2",
      text("i"),
      text("ecg"),
      text("x"),
      "d84d",
      head(2, 2 * x.length),
      low,
    ],
    ...[text("m"), "48", m],
  ].join("");
}

const ecg = { boot: "00112233445566aa", q: 7, n0: 1750, t: 7e9, d: 4e6, x: [0, 1, -1, 200, -200, 32767, -32768, 5], m: "fedcba9876543210" };

test("a batch built by hand is the golden vector's", () => {
  const vectors = JSON.parse(read("testdata/vectors.json")) as { name: string; hex: string }[];
  expect(byHand(ecg)).toBe(vectors.find(({ name }) => name === "ecg")?.hex);
});

/** A broker that takes everybody and keeps what they say, by the end of the topic. */
async function listening() {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  closers.push(() => new Promise<void>((done) => server.close(() => done())));
  closers.push(() => new Promise<void>((done) => broker.close(() => done())));
  const said: { channel: string; bytes: Uint8Array }[] = [];
  broker.on("publish", ({ topic, payload }) => {
    const [, channel] = /^hearth\/v1\/home\/chest-strap\/(.+)$/.exec(topic) ?? [];
    if (channel !== undefined) said.push({ channel, bytes: Buffer.from(payload) });
  });
  const of = (channel: string) => said.filter((each) => each.channel === channel).map(({ bytes }) => bytes);
  return { port: (server.address() as { port: number }).port, of };
}

function temporary(name: string, text: string): string {
  const dir = mkdtempSync(join(tmpdir(), "hearth-golden-"));
  closers.push(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}

function run(command: string, given: readonly string[]): void {
  const child = spawn(command, given, { stdio: "ignore" });
  closers.push(() => child.kill());
}

/** The first three batches as they are and as they would be by hand, from what the source says of rate and length. */
async function expectByHand({ of }: Awaited<ReturnType<typeof listening>>, { rateHz, batch }: { rateHz: number; batch: number }) {
  await until(() => of("ecg/raw").length > 2, "three batches have come", 60_000);
  const meta = of("ecg/meta")[0] ?? new Uint8Array();
  const m = createHash("sha256").update(meta).digest("hex").slice(0, 16);
  expect(parseMeta(meta, "chest-strap", "ecg").kind).toBe("meta");
  const d = 1e9 / rateHz;
  const sent = of("ecg/raw").slice(0, 3);
  const decoded = sent.map((bytes) => {
    const read = decodeBatch(bytes);
    if (read.kind !== "batch") throw new Error(`${read.reason} ${read.field}`);
    return read.batch;
  });
  const boot = decoded[0]?.bootId ?? "";
  const first = decoded[0]?.sequence ?? 0;
  const hands = decoded.map(({ channels }, at) => {
    const q = first + at;
    const x = [...(channels[0]?.samples ?? [])];
    expect(x.length).toBe(batch);
    return byHand({ boot, q, n0: q * batch, t: q * batch * d, d, x, m });
  });
  return { sent, hands };
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const whole = (text: string, blanks: Readonly<Record<string, string>>) =>
  Object.entries(blanks).reduce((so, [blank, value]) => {
    expect(so).toContain(blank);
    return so.replace(blank, value);
  }, text);

const noCompiler = works("g++", "--version") ? "" : " – skipped: g++ is not on this machine";
test.skipIf(noCompiler !== "")(`the Arduino sketch sends what is written by hand${noCompiler}`, async () => {
  const home = await listening();
  const source = temporary(
    "strap.ino",
    whole(read("examples/strap.ino"), { '"hearth.local"': '"127.0.0.1"', "PORT = 8883": `PORT = ${home.port}` }),
  );
  const shim = fileURLToPath(new URL("./arduino/", import.meta.url));
  const program = join(source, "../strap");
  execFileSync("g++", ["-std=c++17", "-I", shim, `-DSKETCH="${source}"`, join(shim, "host-main.cpp"), "-o", program]);
  run(program, []);
  const { sent, hands } = await expectByHand(home, { rateHz: 250, batch: 125 });
  expect(sent.map(hexOf)).toEqual(hands);
});

const noPython = works("python3", "--version") ? "" : " – skipped: python3 is not on this machine";
test.skipIf(noPython !== "")(`the MicroPython sketch sends what is written by hand${noPython}`, async () => {
  const home = await listening();
  const blank = 'HOST, PORT = "hearth.local", 8883';
  const source = temporary("strap.py", whole(read("examples/strap.py"), { [blank]: `HOST, PORT = "127.0.0.1", ${home.port}` }));
  run("python3", [fileURLToPath(new URL("./micropython/host_main.py", import.meta.url)), source]);
  const { sent, hands } = await expectByHand(home, { rateHz: 250, batch: 125 });
  expect(sent.map(hexOf)).toEqual(hands);
});

const noPaho = python === undefined ? " – skipped: no Python with paho-mqtt is on this machine (Debian: python3-paho-mqtt)" : "";
test.skipIf(noPaho !== "")(`the Python publisher sends in JSON what is written by hand${noPaho}`, async () => {
  const home = await listening();
  run(python ?? "", [fileURLToPath(new URL("examples/publisher.py", folder)), "127.0.0.1", String(home.port), "chest-strap", "any"]);
  const { sent, hands } = await expectByHand(home, { rateHz: 250, batch: 250 });
  // JSON's numbers become 32 bits where no descriptor has said how wide they are; the numbers are the same.
  const numbers = (bytes: Uint8Array) => {
    const read = decodeBatch(bytes);
    return read.kind === "batch"
      ? { ...read.batch, channels: read.batch.channels.map(({ id, samples }) => ({ id, samples: [...samples] })) }
      : read;
  };
  expect(sent.map(numbers)).toEqual(hands.map((hand) => numbers(Buffer.from(hand, "hex"))));
});
