/** What a room (room.sh) has noticed: names that were looked up, packets on the way out, and files that were written. Only of use inside one. */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

export interface Noticed {
  /** Names that were asked of the room's resolver, with the type of the record. */
  readonly lookups: readonly string[];
  /** Packets of IPv4 that went out, whatever they carried. */
  readonly packets: number;
  /** Attempts at IPv6, which has no way out at all. */
  readonly withoutRoute: number;
  /** Far ends of sockets that were seen, as an aid to whoever has to find the caller. */
  readonly farEnds: readonly string[];
}

export interface Witness {
  /** What was noticed since the last call. */
  noticed(): Noticed;
  /** Every file, link and device node that was written, made or removed since the room was opened. */
  written(): string[];
  close(): void;
}

const dnsTypes: Readonly<Record<number, string>> = { 1: "A", 12: "PTR", 28: "AAAA", 33: "SRV", 65: "HTTPS" };
const lookEveryMs = 100;

/** @param room the room's folder. Throws where port 53 can't be had, as outside of a room. */
export async function openWitness(room: string): Promise<Witness> {
  let lookups: string[] = [];
  const farEnds = new Set<string>();
  const resolver = createSocket("udp4");
  resolver.on("message", (query, from) => {
    lookups.push(questionOf(query));
    resolver.send(answerTo(query), from.port, from.address);
  });
  resolver.bind(53, "127.0.0.1");
  await once(resolver, "listening");
  const look = setInterval(() => {
    for (const end of outsideEnds()) farEnds.add(end);
  }, lookEveryMs);
  let packets = packetsOut();
  let withoutRoute = attemptsWithoutRoute();
  return {
    noticed() {
      const before = { packets, withoutRoute };
      packets = packetsOut();
      withoutRoute = attemptsWithoutRoute();
      const noticed = {
        lookups,
        packets: packets - before.packets,
        withoutRoute: withoutRoute - before.withoutRoute,
        farEnds: [...farEnds],
      };
      lookups = [];
      farEnds.clear();
      return noticed;
    },
    written: () => writtenIn(room),
    close() {
      clearInterval(look);
      resolver.close();
    },
  };
}

/** "name TYPE" of a query's first question. */
function questionOf(query: Buffer): string {
  const { name, end } = nameIn(query);
  const type = query.readUInt16BE(end);
  return `${name} ${dnsTypes[type] ?? type}`;
}

function nameIn(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), end: at + 1 };
}

/** An address of TEST-NET-2 for every name, so that a caller goes on to call; no answer for other types. */
function answerTo(query: Buffer): Buffer {
  const { end } = nameIn(query);
  const isAddress = query.readUInt16BE(end) === 1;
  const head = Buffer.from(query.subarray(0, end + 4));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(isAddress ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  return isAddress ? Buffer.concat([head, Buffer.from("c00c000100010000003c0004c6336407", "hex")]) : head;
}

function packetsOut(): number {
  const line = /^\s*out:(.*)$/m.exec(readFileSync("/proc/self/net/dev", "utf8"))?.[1];
  if (line === undefined) throw new Error("this is no room: it has no line named 'out'");
  return Number(line.trim().split(/\s+/)[9]);
}

function attemptsWithoutRoute(): number {
  return Number(/^Ip6OutNoRoutes\s+(\d+)/m.exec(readFileSync("/proc/self/net/snmp6", "utf8"))?.[1] ?? 0);
}

/** Far ends of all sockets that are neither this machine's own nor unset. */
function outsideEnds(): string[] {
  return ["tcp", "udp"].flatMap((protocol) =>
    [...readFileSync(`/proc/self/net/${protocol}`, "utf8").matchAll(/^\s*\d+: \S+ (\S{8}):(\S{4})/gm)]
      .map(([, address = "", port = ""]) => ({ bytes: Buffer.from(address, "hex").reverse(), port: Number.parseInt(port, 16) }))
      .filter(({ bytes }) => bytes[0] !== 127 && bytes[0] !== 0)
      .map(({ bytes, port }) => `${protocol} ${bytes.join(".")}:${port}`),
  );
}

/** Written by the room itself, before the command began. */
const ofTheRoom = ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/run/nscd"];

function writtenIn(room: string): string[] {
  const points = readFileSync(join(room, "points"), "utf8").trim().split("\n");
  const files = points.flatMap((line) => {
    const [number = "", point = ""] = line.split(" ");
    const base = join(room, "changed", number);
    return readdirSync(base, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => posix.join(point, join(entry.parentPath, entry.name).slice(base.length)));
  });
  return files.filter((file) => !ofTheRoom.includes(file)).sort();
}
