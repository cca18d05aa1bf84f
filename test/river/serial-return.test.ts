import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createStamper, systemClock } from "../../device-drivers/contract/clock.ts";
import { serialLink } from "../../device-drivers/link/serial.ts";
import { openPtyPort } from "../../firmware-sim/link/pty.ts";
import { startPort } from "../../gateway/ingest/ports.ts";

/** The pause's bound is shown on a virtual clock beside the code (gateway/ingest/ports.test.ts). */
test("a serial sensor that was pulled out is heard again after it is back, under another number, and its absence has the system's words", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hearth-serial-"));
  const sensor = openPtyPort(join(folder, "by-id", "imu"));
  const clock = systemClock();
  const heard: number[] = [];
  const errors: string[] = [];
  const port = startPort({
    ...{ link: "serial", device: "imu", silenceMs: 60_000, clock, random: Math.random, stamp: createStamper(clock) },
    createLink: () => serialLink({ path: sensor.path }),
    sink: { room: async () => {}, offer: ({ bytes }) => void heard.push(...bytes) },
    onState: (_state, error) => void (error !== undefined && errors.push(error.message)),
  });
  try {
    await expect.poll(() => port.state, { timeout: 30_000 }).toBe("running");
    sensor.write(Uint8Array.of(1));
    await expect.poll(() => heard, { timeout: 30_000 }).toEqual([1]);
    sensor.unplug();
    await expect.poll(() => errors.some((words) => words.includes("there is no such port")), { timeout: 30_000 }).toBe(true);
    sensor.plugIn();
    await expect.poll(() => port.state, { timeout: 30_000 }).toBe("running");
    sensor.write(Uint8Array.of(2));
    await expect.poll(() => heard, { timeout: 30_000 }).toEqual([1, 2]);
  } finally {
    await port.stop();
    await sensor.close();
    rmSync(folder, { recursive: true });
  }
}, 120_000);
