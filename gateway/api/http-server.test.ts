import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createHttpCounters } from "./http-counters.ts";
import { createHttpServer, httpLimits } from "./http-server.ts";
import { httpError, problemResponse } from "./problem.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function house(answer: (request: Request) => Response | Promise<Response>, limits: Partial<typeof httpLimits> = {}) {
  const clock = virtualClock();
  const counters = createHttpCounters();
  const server = createHttpServer(answer, { clock, counters, limits });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const visit = () => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.on("error", () => {});
    cleanups.push(() => socket.destroy());
    return socket;
  };
  return { clock, counters, server, visit };
}

/** A connection that was reset is closed as well. */
const closed = (socket: Socket) => new Promise<void>((resolve) => (socket.closed ? resolve() : socket.once("close", () => resolve())));
/** Everything that comes until the other side closes. */
const heard = async (socket: Socket) => {
  let text = "";
  socket.on("data", (bytes) => {
    text += `${bytes}`;
  });
  await closed(socket);
  return text;
};

/** Time goes on until the other side has closed. */
const lingering = (clock: { advance(ms: number): void }, socket: Socket) =>
  expect
    .poll(
      () => {
        clock.advance(httpLimits.lingerMs);
        return socket.closed;
      },
      { timeout: 60_000 },
    )
    .toBe(true);

test("of 400 MB in chunks that nobody reads no more is taken than has come, the refusal arrives, and the connection is closed", async () => {
  const { visit, server, clock } = await house(() => problemResponse(httpError("http.unauthorized", "Send a token.")));
  let taken: Socket | undefined;
  server.on("connection", (socket) => {
    taken = socket;
  });
  const socket = visit();
  const answer = heard(socket);
  socket.write("POST /api/v1/alerts/a1/close HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(1 << 20), Buffer.from("\r\n")]);
  let left = 400;
  const send = () => {
    while (left > 0 && !socket.destroyed) {
      left--;
      if (!socket.write(chunk)) return;
    }
  };
  socket.on("drain", send);
  send();
  await lingering(clock, socket);
  expect(await answer).toMatch(/^HTTP\/1.1 401 /);
  expect(taken?.bytesRead).toBeLessThan(4 << 20);
  expect(left).toBeGreaterThan(300);
});

test("a body that is refused in its middle ends the connection too, and a whole one leaves it open for the next request", async () => {
  const { visit, clock } = await house(async (request) => {
    for await (const _ of request.body?.values({ preventCancel: true }) ?? []) break;
    return problemResponse(httpError("http.too_large", "Too large."));
  });
  const socket = visit();
  const answer = heard(socket);
  socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(1000)}`);
  await lingering(clock, socket);
  expect(await answer).toMatch(/^HTTP\/1.1 413 /);
  const whole = visit();
  for (const _ of [1, 2]) {
    whole.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
    await once(whole, "data");
    clock.advance(httpLimits.lingerMs);
  }
});

test("headers that come too slowly, and none at all, end the connection", async () => {
  const { visit, counters } = await house(() => new Response("here"), { headersMs: 50, checkMs: 20 });
  const [silent, slow] = [visit(), visit()];
  slow.write("GET / HTTP/1.1\r\nHost: local");
  expect([await heard(slow), await heard(silent)]).toEqual([expect.stringContaining("408"), expect.stringContaining("408")]);
  expect(counters.refused.slow).toBe(2);
});

test("a body that comes too slowly ends the connection, whether somebody waits for it or not", async () => {
  const { visit, counters } = await house((request) => request.text().then(() => new Response()), {
    headersMs: 40,
    requestMs: 50,
    checkMs: 20,
  });
  const socket = visit();
  socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx");
  expect(await heard(socket)).toContain("408");
  expect(counters.refused.slow).toBe(1);
});

test("20 kB of headers and a URL of 20 kB are answered 431, what is no HTTP 400, and each is counted", async () => {
  const { visit, counters } = await house(() => new Response("here"));
  for (const text of [
    `GET / HTTP/1.1\r\nHost: localhost\r\nAccept: ${"a".repeat(20_000)}\r\n\r\n`,
    `GET /?${"a".repeat(20_000)} HTTP/1.1\r\n\r\n`,
  ]) {
    const socket = visit();
    socket.write(text);
    expect(await heard(socket)).toContain("431");
  }
  const socket = visit();
  socket.write("\u0016\u0003\u0001 hello\r\n\r\n");
  expect(await heard(socket)).toContain("400");
  expect(counters.refused.malformed).toBe(3);
});

test("an answer that nobody takes is given up, a live stream that is read is not", async () => {
  const { visit, clock, counters } = await house((request) =>
    request.url.endsWith("/api/v1/live")
      ? new Response(new ReadableStream({ start: (to) => to.enqueue(new TextEncoder().encode("event: hello\n\n")) }), {
          headers: { "content-type": "text/event-stream" },
        })
      : new Response("x".repeat(64 << 20)),
  );
  const [frozen, live] = [visit(), visit()];
  live.write("GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
  frozen.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await Promise.all([once(frozen, "readable"), once(live, "data")]);
  clock.advance(httpLimits.answerMs);
  await expect.poll(() => counters.refused.slow, { timeout: 60_000 }).toBe(1);
  expect(live.destroyed).toBe(false);
  frozen.resume();
  await closed(frozen);
  expect(frozen.bytesRead).toBeLessThan(64 << 20);
});

test("a connection on which nothing moves is ended", async () => {
  const { visit, counters } = await house(() => new Promise(() => {}), { silentMs: 50 });
  const socket = visit();
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await closed(socket);
  expect(counters.refused.slow).toBe(1);
});

test("the last of the requests that one connection may have closes it", async () => {
  const { visit } = await house(() => new Response("here"), { maxRequestsPerConnection: 3 });
  const socket = visit();
  let answers = "";
  for (const _ of [1, 2, 3]) {
    expect(socket.readableEnded).toBe(false);
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    answers += (await once(socket, "data"))[0];
  }
  await closed(socket);
  expect(answers.match(/connection: (close|keep-alive)/gi)?.map((line) => line.toLowerCase())).toEqual([
    ...["connection: keep-alive", "connection: keep-alive", "connection: close"],
  ]);
});
