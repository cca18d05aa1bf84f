import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { BeatEvent } from "../../../device-drivers/contract/event.ts";
import { hasNats, openTestCluster, openTestNats, type TestNats } from "../../../test/support/nats.ts";
import { baseUs, beatItems, createHarness, type Harness, until } from "../../../test/support/twin-harness.ts";
import { createLog } from "../../runtime/log.ts";
import { createMemoryOutbox } from "../../sync/memory-outbox.ts";
import { loadTwinEnrolment } from "../enrol.ts";
import { startTwin, type Twin } from "../twin.ts";

describe.skipIf(!hasNats)("twins that pull from a NATS stream", { timeout: 120_000 }, () => {
  let nats: TestNats;
  let cluster: readonly TestNats[] = [];
  let home: Harness;
  let second: Twin | undefined;
  afterEach(async () => {
    await second?.close();
    await home?.close();
    await nats?.close();
    for (const server of cluster) await server.close();
    cluster = [];
  });

  const lineTo = ({ mqttPort }: TestNats) => home.lineTo(`mqtt://127.0.0.1:${mqttPort}`, "home-a", "pw-home-a");

  test("share what comes, each frame is stored once, and neither a killed server nor a worker that goes loses one", async () => {
    nats = await openTestNats(["home-a", "home-b"]);
    const far = { broker: `mqtt://twin:pw-twin@127.0.0.1:${nats.mqttPort}`, stream: `nats://twin:pw-twin@127.0.0.1:${nats.port}` };
    home = await createHarness(far);
    second = await startTwin({
      ...{ dir: join(home.dir, "data"), httpPort: 0, ...far, ...loadTwinEnrolment(join(home.dir, "twin")), tokens: [] },
      ...{ clock: home.clock, log: createLog({ level: "silent" }) },
    });
    const outbox = createMemoryOutbox("00112233445566aa");
    outbox.add(...beatItems(0, 60));
    home.openUplink(outbox, lineTo(nats));
    await until(home.clock, () => outbox.rows().length === 0, "the first frames are acknowledged");
    const stored = [home.twin.counters.framesStoredTotal, second.counters.framesStoredTotal];
    expect(stored[0]! + stored[1]!).toBe(60);
    expect(Math.min(...stored)).toBeGreaterThan(0);

    await nats.kill();
    outbox.add(...beatItems(60, 40));
    await nats.start();
    await until(home.clock, () => outbox.rows().length === 0, "the rest is acknowledged after the server came back");

    const leaving = second;
    second = undefined;
    outbox.add(...beatItems(100, 40));
    await leaving.close();
    await until(home.clock, () => outbox.rows().length === 0, "the worker that stayed has taken what the other one left");
    const { body } = await home.ask(`/api/v1/people/person-a/beats?from=${baseUs}&to=${baseUs + 1e12}`);
    expect((body.beats as BeatEvent[]).length).toBe(140);
    const { body: listed } = await home.ask("/api/v1/gateways");
    expect(listed.gateways).toMatchObject([{ id: "home-a", connected: true }]);
  });

  // Elections among three servers on a busy machine take up to a minute: `npm run test:servers` alone waits for them.
  test.runIf(process.env.HEARTH_TEST_SERVERS === "1")(
    "of three servers one may be killed and come back: what comes meanwhile and after it is stored once",
    async () => {
      cluster = await openTestCluster(["home-a", "home-b"]);
      const [first, , third] = cluster as [TestNats, TestNats, TestNats];
      home = await createHarness({
        broker: `mqtt://twin:pw-twin@127.0.0.1:${first.mqttPort}`,
        stream: cluster.map(({ port }) => `nats://twin:pw-twin@127.0.0.1:${port}`).join(","),
        streamReplicas: 3,
      });
      const outbox = createMemoryOutbox("00112233445566aa");
      home.openUplink(outbox, lineTo(first));
      const send = async (from: number, what: string) => {
        outbox.add(...beatItems(from, 20));
        await until(home.clock, () => outbox.rows().length === 0, what);
      };
      await send(0, "the first frames are acknowledged");
      await third.kill();
      await send(20, "what came without the third server is acknowledged");
      await third.start();
      await send(40, "what came after it is acknowledged");
      const { body } = await home.ask(`/api/v1/people/person-a/beats?from=${baseUs}&to=${baseUs + 1e12}`);
      expect((body.beats as BeatEvent[]).length).toBe(60);
    },
    300_000,
  );
});
