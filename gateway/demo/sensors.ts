/** The demo's motion sensors: real frames of one maker, once over a serial port (a pseudo-terminal) and once over TCP. */

import { join } from "node:path";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { openPtyPort } from "../../firmware-sim/link/pty.ts";
import { openTcpPort } from "../../firmware-sim/link/tcp.ts";
import { loadXsensCapture, startXsensPlayer, type XsensPlayer, xsensOrigin } from "../../firmware-sim/xsens-player.ts";

interface Sensors {
  /** Stays the same over unplugging, as a name under /dev/serial/by-id does. */
  readonly serialPath: string;
  readonly tcpPort: number;
  readonly origin: string;
  /** Starts measuring; before that the ports are there and silent. */
  begin(): void;
  close(): Promise<void>;
}

export async function startSensors({ clock, folder }: { clock: Clock; folder: string }): Promise<Sensors> {
  const capture = await loadXsensCapture();
  const serial = openPtyPort(join(folder, "serial-by-id", "usb-motion-tag"));
  const tcp = await openTcpPort();
  const players: XsensPlayer[] = [];
  return {
    serialPath: serial.path,
    tcpPort: tcp.port,
    origin: xsensOrigin,
    begin() {
      for (const port of [serial, tcp]) players.push(startXsensPlayer({ capture, clock, port }));
    },
    async close() {
      for (const player of players) player.stop();
      await serial.close();
      await tcp.close();
    },
  };
}
