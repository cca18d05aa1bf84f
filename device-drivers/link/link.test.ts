import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import type { LinkConnection } from "./link.ts";
import { memoryPort } from "./memory.ts";
import { serialLink } from "./serial.ts";
import { tcpLink } from "./tcp.ts";

const forever = new AbortController().signal;

async function readAll(connection: LinkConnection): Promise<number[]> {
  const bytes: number[] = [];
  for await (const chunk of connection) bytes.push(...chunk);
  return bytes;
}

async function server(onSocket: Parameters<typeof createServer>[1]) {
  const listening = createServer(onSocket);
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const address = listening.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, close: () => listening.close() };
}

describe("a TCP link", () => {
  test("carries bytes both ways and ends when the device closes", async () => {
    const echo = await server((socket) => socket.once("data", (bytes) => socket.end(bytes)));
    const connection = await tcpLink({ host: "127.0.0.1", port: echo.port }).open(forever);
    await connection.write(Uint8Array.of(1, 2, 3));
    expect(await readAll(connection)).toEqual([1, 2, 3]);
    echo.close();
  });

  test("throws link.lost where the device resets the connection", async () => {
    const rude = await server((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const connection = await tcpLink({ host: "127.0.0.1", port: rude.port }).open(forever);
    await connection.write(Uint8Array.of(1));
    await expect(readAll(connection)).rejects.toMatchObject({ code: "link.lost", kind: "world" });
    rude.close();
  });

  test("ends without an error when it is closed from this side, twice", async () => {
    const quiet = await server((socket) => socket.on("error", () => {}));
    const connection = await tcpLink({ host: "127.0.0.1", port: quiet.port }).open(forever);
    const reading = readAll(connection);
    await connection.close();
    await connection.close();
    expect(await reading).toEqual([]);
    await expect(connection.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "link.lost" });
    quiet.close();
  });

  test("is refused where nobody listens and when the opening is called off", async () => {
    const gone = await server(() => {});
    gone.close();
    await expect(tcpLink({ host: "127.0.0.1", port: gone.port }).open(forever)).rejects.toMatchObject({
      code: "link.refused",
      kind: "world",
    });
    await expect(tcpLink({ host: "127.0.0.1", port: gone.port }).open(AbortSignal.abort())).rejects.toMatchObject({ code: "link.refused" });
  });
});

describe("a serial link", () => {
  test("says that a port isn't there, by path and by id", async () => {
    await expect(serialLink({ path: "/dev/no-such-port" }).open(forever)).rejects.toMatchObject({ code: "link.not_found", kind: "world" });
    await expect(serialLink({ id: "usb-none" }).open(forever)).rejects.toMatchObject({ code: "link.not_found", kind: "world" });
  });

  test("wants an id or a path", async () => {
    await expect(serialLink({}).open(forever)).rejects.toMatchObject({ code: "link.bad_options", kind: "operator" });
  });
});

describe("the memory link", () => {
  test("ends, fails and is absent as a real port", async () => {
    const port = memoryPort();
    const first = await port.link.open(forever);
    port.send(Uint8Array.of(7));
    port.hangUp();
    expect(await readAll(first)).toEqual([7]);
    const second = await port.link.open(forever);
    const reading = readAll(second);
    port.unplug();
    await expect(reading).rejects.toMatchObject({ code: "link.lost" });
    port.isPresent = false;
    await expect(port.link.open(forever)).rejects.toMatchObject({ code: "link.not_found" });
    expect(port.openCount).toBe(2);
  });
});
