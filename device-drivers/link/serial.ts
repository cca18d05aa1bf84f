/** A serial port, found by its stable id or by path. One opening, no retry: that is the supervisor's. The only file that knows the serialport package. */

import { access, realpath } from "node:fs/promises";
import type { SerialPort } from "serialport";
import Type from "typebox";
import { GatewayError } from "../contract/error.ts";
import { duplexConnection } from "./duplex-connection.ts";
import type { Link } from "./link.ts";
import { defineLink } from "./link-kind.ts";

export interface SerialLinkOptions {
  /** Name under /dev/serial/by-id, or the device's serial number. */
  readonly id?: string;
  /** Device file; goes before `id`. Prefer `id`: ttyUSBn is another device after a replug. */
  readonly path?: string;
  readonly baud?: number;
  readonly dataBits?: 7 | 8;
  readonly parity?: "none" | "even" | "odd";
  readonly stopBits?: 1 | 2;
}

export const serial = defineLink({
  kind: "serial",
  options: {
    id: Type.Optional(Type.String({ minLength: 1, description: "Stable name, as under /dev/serial/by-id" })),
    path: Type.Optional(Type.String({ minLength: 1, description: "Device file; prefer id" })),
  },
  fault: ({ id, path }) => ((id === undefined) === (path === undefined) ? "needs either id or path" : undefined),
  create: (settings, line) => serialLink({ ...settings, ...line }),
});

const lookEveryMs = 500;
const byIdFolder = "/dev/serial/by-id";

export function serialLink(options: SerialLinkOptions): Link {
  const { baud = 115_200, dataBits = 8, parity = "none", stopBits = 1 } = options;
  return {
    async open(signal) {
      // Loaded only where a device needs it: most homes have no serial port.
      const { SerialPort } = await import("serialport");
      const path = await findPort(options, SerialPort.list);
      if (signal.aborted) throw refused(path, signal.reason);
      const port = new SerialPort({ path, baudRate: baud, dataBits, parity, stopBits, autoOpen: false, endOnClose: true });
      await new Promise<void>((resolve, reject) => {
        port.open((error) => (error === null ? resolve() : reject(refused(path, error))));
      });
      await raiseDtr(port);
      watchNode(port, path);
      const connection = duplexConnection(port, { place: path, close: () => closePort(port) });
      if (!signal.aborted) return connection;
      await connection.close();
      throw refused(path, signal.reason);
    },
  };
}

const refused = (place: string, cause: unknown) =>
  new GatewayError("link.refused", "world", `${place}: the port can't be opened`, { cause, fields: { place } });

/** Boards with native USB send only while DTR is up (HealthyPi 5). A pseudo-terminal has no such line and refuses. */
function raiseDtr(port: SerialPort): Promise<void> {
  return new Promise((resolve) => port.set({ dtr: true }, () => resolve()));
}

/** Pulling a plug is not always reported (node-serialport#648, #1330): the device file goes with the device, so it is looked for as well. */
function watchNode(port: SerialPort, path: string): void {
  const watch = setInterval(() => {
    access(path).catch((cause) => port.destroy(cause instanceof Error ? cause : undefined));
  }, lookEveryMs);
  watch.unref();
  port.once("close", () => clearInterval(watch));
}

function closePort(port: SerialPort): Promise<void> {
  return new Promise((resolve) => {
    if (!port.isOpen) return resolve();
    port.close(() => resolve());
  });
}

/** The device file now: what an id points to changes at every replug. */
async function findPort({ id, path }: SerialLinkOptions, list: typeof SerialPort.list): Promise<string> {
  if (path !== undefined) return resolved(path);
  if (id === undefined) throw new GatewayError("link.bad_options", "operator", "a serial link needs an id or a path");
  if (!id.includes("/")) {
    const linked = await realpath(`${byIdFolder}/${id}`).catch(() => undefined);
    if (linked !== undefined) return linked;
  }
  // Without udev the list can't be made; then there is no port by that id.
  const ports = await list().catch(() => []);
  const found = ports.find((port) => port.serialNumber === id || port.pnpId === id);
  if (found !== undefined) return found.path;
  throw new GatewayError("link.not_found", "world", `no serial port has the id "${id}"`, { fields: { id } });
}

async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw new GatewayError("link.not_found", "world", `${path}: there is no such port`, { cause, fields: { place: path } });
  }
}
