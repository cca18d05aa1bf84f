import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Clock, systemClock } from "../../device-drivers/contract/clock.ts";
import { parseConfig } from "../../gateway/config/load.ts";
import { sampleConfig } from "../../gateway/config/sample.ts";
import { startGateway } from "../../gateway/gateway.ts";
import { createLog } from "../../gateway/runtime/log.ts";

/** Workers of store and journal, the model host, sockets. */
const held = () =>
  process
    .getActiveResourcesInfo()
    .filter((kind) => /MessagePort|Process|TCP|Pipe/.test(kind))
    .sort();
/** Handles go a turn of the loop after they were closed. */
const heldSoon = async (wanted: readonly string[]) => {
  for (let turns = 0; turns < 1000 && held().join() !== wanted.join(); turns++) await new Promise((resolve) => setImmediate(resolve));
  return held();
};

test("a start that fails leaves nothing open, and the next one finds the home as it was", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hearth-failed-start-"));
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const lines: string[] = [];
  const system = systemClock();
  let periodic = 0;
  const clock: Clock = {
    ...system,
    every(periodMs, fn) {
      const cancel = system.every(periodMs, fn);
      periodic++;
      return () => {
        periodic--;
        cancel();
      };
    },
  };
  const start = (mqttPort: number) =>
    startGateway({
      ...{ mqttPort, clock, dataDir: folder, mode: "real", version: "0.0.0-test", ports: () => ({}) },
      config: parseConfig(sampleConfig({ people: [{ id: "person-a", name: "Person A", profile: {} }] }), { file: "hearth.yaml", env: {} }),
      log: createLog({ level: "info", write: (line) => lines.push(line) }),
    });
  const before = held();
  await expect(start((taken.address() as AddressInfo).port)).rejects.toMatchObject({ code: expect.stringMatching(/./) });
  const ready = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === "model host is ready");
  expect(ready.pid).toBeGreaterThan(0);
  expect(() => process.kill(ready.pid, 0)).toThrow(/ESRCH/);
  expect(await heldSoon(before)).toEqual(before);
  expect(periodic).toBe(0);

  const gateway = await start(0);
  expect(gateway.view.people()).toHaveLength(1);
  expect(periodic).toBeGreaterThan(4);
  await gateway.close();
  expect(await heldSoon(before)).toEqual(before);
  expect(periodic).toBe(0);
  taken.close();
  rmSync(folder, { recursive: true, force: true });
});
