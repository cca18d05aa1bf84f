import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { type Door, type DoorLimits, type DoorRefusal, openDoor } from "./door.ts";

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const usual: DoorLimits = { maxStrangers: 8, strangerMs: 1000, maxKnown: 6, maxPerAccount: 3 };

/** A door whose visitors say their account in their first bytes; "?" says none. */
async function house(limits: Partial<DoorLimits> = {}) {
  const clock = virtualClock();
  const told: DoorRefusal[] = [];
  let door: Door | undefined;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      if (`${bytes}` !== "?") door?.admit(socket, `${bytes}`);
      socket.write("heard");
    });
  });
  const options = { name: "mqtt", area: "ingest", host: "127.0.0.1", port: 0, clock, limits: { ...usual, ...limits } };
  door = await openDoor(server, { ...options, onRefused: (reason) => told.push(reason) });
  const opened = door;
  cleanups.push(() => opened.close());
  return { clock, told, door: opened, options };
}

/** Resolves once the house has heard it. */
async function visit(door: Door, says = "?"): Promise<Socket> {
  const socket = connect(door.port, "127.0.0.1");
  socket.on("error", () => {});
  cleanups.push(() => socket.destroy());
  socket.write(says);
  await Promise.race([once(socket, "data"), once(socket, "close")]);
  return socket;
}

const ended = (socket: Socket) => socket.destroyed || once(socket, "close");

test("two thousand strangers leave places for no more than the bound, and neither end nor refuse who has an account", async () => {
  const { door } = await house();
  const known = await visit(door, "strap-1");
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 100 }, () => visit(door)));
  expect([door.strangerCount, door.knownCount, door.refusals.strangers_full]).toEqual([8, 1, 1992]);
  const late = await visit(door, "strap-2");
  expect([door.knownCount, known.destroyed, late.destroyed]).toEqual([2, false, false]);
});

test("one that shows no account in time is ended, one that has shown it stays", async () => {
  const { door, clock, told } = await house();
  const [stranger, known] = [await visit(door), await visit(door, "strap-1")];
  clock.advance(1000);
  await ended(stranger);
  await turn();
  expect([known.destroyed, door.strangerCount, door.refusals.stranger_late, told]).toEqual([false, 0, 1, ["stranger_late"]]);
});

test("an account with too many connections loses its oldest, and no other account does", async () => {
  const { door } = await house();
  const other = await visit(door, "other");
  const own = [await visit(door, "a"), await visit(door, "a"), await visit(door, "a"), await visit(door, "a")];
  await ended(own[0] as Socket);
  expect([door.knownCount, other.destroyed, own.slice(1).some((socket) => socket.destroyed)]).toEqual([4, false, false]);
  expect(door.refusals.account_full).toBe(1);
});

test("when all places are taken the account with most connections gives one up", async () => {
  const { door } = await house({ maxKnown: 4 });
  const [few, many] = [await visit(door, "few"), await visit(door, "many")];
  await visit(door, "many");
  await visit(door, "many");
  const last = await visit(door, "new");
  await ended(many);
  expect([door.knownCount, door.refusals.known_full, few.destroyed, last.destroyed]).toEqual([4, 1, false, false]);
});

test("what has ended takes no place", async () => {
  const { door } = await house();
  for (let i = 0; i < 30; i++) {
    const socket = await visit(door, i % 2 === 0 ? "?" : "a");
    socket.destroy();
  }
  while (door.strangerCount + door.knownCount > 0) await turn();
  expect(door.refusals).toEqual({ strangers_full: 0, stranger_late: 0, known_full: 0, account_full: 0 });
});

test("a port that is taken is refused with the area's code and its name", async () => {
  const { door, options } = await house();
  await expect(openDoor(createHttpServer(), { ...options, port: door.port })).rejects.toMatchObject({
    code: "ingest.port_busy",
    kind: "operator",
    message: `Port ${door.port} (mqtt) is in use by another program.`,
  });
});

test("whoever is inside hears the farewell before the door closes", async () => {
  const { door } = await house();
  const socket = await visit(door, "strap-1");
  let heard = "";
  socket.on("data", (bytes) => {
    heard += `${bytes}`;
  });
  await door.close(async () => {
    socket.write("?");
    while (heard === "") await turn();
  });
  await ended(socket);
  expect(heard).toBe("heard");
});
