import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { GuardedConnection } from "./connection.ts";
import { defaultRates } from "./pressure.ts";

/** One whose other side takes nothing. */
const deafSocket = () => Object.assign(new Duplex({ read() {}, write() {} }), { remoteAddress: "192.0.2.1" }) as unknown as Socket;

test("a client that leaves more than 1 MB of acknowledgements unread is closed", async () => {
  const connection = new GuardedConnection(deafSocket(), {
    clock: virtualClock(),
    gate: { isOpen: () => true, whenOpen: () => {} },
    rates: defaultRates,
    ...{ maxPacketBytes: 65_536, onRefusal: () => {}, onTakenOver: () => {} },
  });
  const errors: Error[] = [];
  connection.on("error", (error) => errors.push(error));
  const acknowledge = async (count: number) => {
    for (let i = 0; i < count; i++) connection.acknowledge((i % 65_535) + 1);
    await new Promise(setImmediate);
  };
  await acknowledge(262_000);
  expect(connection.destroyed).toBe(false);
  await acknowledge(1000);
  expect([connection.destroyed, errors.length]).toEqual([true, 1]);
});
