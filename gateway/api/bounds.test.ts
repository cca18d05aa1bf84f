import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createFakeView } from "../../test/fakes/fake-view.ts";
import { openAccess } from "../access/access.ts";
import { createLog } from "../runtime/log.ts";
import { createHttpBounds, requestLimits } from "./bounds.ts";
import { startHttp } from "./http.ts";

test("100 requests of one token at once: 32 run, the others are told to come later, another token is answered, and the first have room again", async () => {
  const held: ServerResponse[] = [];
  const twin = createServer((_request, response) => void held.push(response)).listen(0, "127.0.0.1");
  await once(twin, "listening");
  const clock = virtualClock();
  const bounds = createHttpBounds();
  const door = await startHttp({
    ...{ view: createFakeView(clock), log: createLog({ level: "silent" }), host: "127.0.0.1", port: 0, bounds },
    access: openAccess({
      clock,
      given: [
        { token: "one", role: "caregiver" },
        { token: "other", role: "patient" },
      ],
    }),
    alertText: () => ({ title: "", body: "" }),
    twin: { url: `http://127.0.0.1:${(twin.address() as AddressInfo).port}`, token: "t" },
  });
  const ask = (path: string, token: string) =>
    fetch(`http://127.0.0.1:${door.port}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
  const running = Array.from({ length: 100 }, async () => {
    const answer = await ask("twin/gateways", "one");
    await answer.text();
    return answer.status;
  });
  await expect.poll(() => bounds.counters.refused.requests, { timeout: 60_000 }).toBe(100 - requestLimits.maxPerAccount);
  const refused = await ask("status", "one");
  expect([refused.status, refused.headers.get("retry-after"), (await refused.json()).code]).toEqual([429, "10", "http.too_many_requests"]);
  expect((await ask("status", "other")).status).toBe(200);
  await expect.poll(() => held.length, { timeout: 60_000 }).toBe(requestLimits.maxPerAccount);
  for (const response of held) response.end("{}");
  expect((await Promise.all(running)).filter((status) => status === 200)).toHaveLength(requestLimits.maxPerAccount);
  await expect.poll(async () => (await ask("status", "one")).status, { timeout: 60_000 }).toBe(200);
  await door.close();
  twin.close();
  twin.closeAllConnections();
});
