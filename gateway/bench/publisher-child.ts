/** Load for the ingest bench, in its own process: raw sockets that write ready-made PUBLISH packets as fast as they are taken. Knows no broker. */

import { connect, type Socket } from "node:net";

/** What the parent sends first; the answer is `{ready}` once every connection was accepted, or `{error}`. */
export interface LoadOrder {
  readonly port: number;
  readonly qos: 0 | 1;
  /** Unacknowledged packets a connection may have at QoS 1. */
  readonly window: number;
  readonly payload: string;
  readonly connections: readonly { readonly user: string; readonly password: string; readonly topic: string }[];
}

const PACKETS_A_WRITE = 64;
const PUBACK_BYTES = 4;
const CONNACK_BYTES = 4;

const u16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const text = (value: string) => Buffer.concat([u16(Buffer.byteLength(value)), Buffer.from(value)]);
const lengthBytes = (value: number): Buffer =>
  value < 128 ? Buffer.from([value]) : Buffer.concat([Buffer.from([(value % 128) | 128]), lengthBytes(value >> 7)]);
const packet = (first: number, body: Buffer) => Buffer.concat([Buffer.from([first]), lengthBytes(body.length), body]);

function connectPacket(user: string, password: string): Buffer {
  return packet(0x10, Buffer.concat([text("MQTT"), Buffer.from([4, 0xc2]), u16(60), text(user), text(user), text(password)]));
}

/** Keeps the socket's buffer full. */
function pump0(socket: Socket, topic: string, payload: Buffer): void {
  const one = packet(0x30, Buffer.concat([text(topic), payload]));
  const many = Buffer.concat(Array.from({ length: PACKETS_A_WRITE }, () => one));
  const write = () => {
    while (!socket.destroyed && socket.write(many));
  };
  socket.on("drain", write);
  write();
}

/** Keeps `window` packets unacknowledged; ids go round, which is allowed because acknowledgements come in order. */
function pump1(socket: Socket, order: LoadOrder, topic: string, payload: Buffer): void {
  const packets = Array.from({ length: order.window }, (_, i) => packet(0x32, Buffer.concat([text(topic), u16(i + 1), payload])));
  const sizeBytes = packets[0]?.length ?? 0;
  const ring = Buffer.concat(packets);
  let nextIndex = 0;
  let ackBytes = 0;
  const send = (count: number) => {
    for (let left = count; left > 0; ) {
      const run = Math.min(left, order.window - nextIndex);
      socket.write(ring.subarray(nextIndex * sizeBytes, (nextIndex + run) * sizeBytes));
      nextIndex = (nextIndex + run) % order.window;
      left -= run;
    }
  };
  socket.on("data", (chunk: Buffer) => {
    ackBytes += chunk.length;
    const count = Math.floor(ackBytes / PUBACK_BYTES);
    ackBytes -= count * PUBACK_BYTES;
    send(count);
  });
  send(order.window);
}

process.once("message", (order: LoadOrder) => {
  const payload = Buffer.from(order.payload, "base64");
  let acceptedCount = 0;
  for (const { user, password, topic } of order.connections) {
    const socket = connect({ port: order.port, host: "127.0.0.1", noDelay: true });
    socket.on("error", (error) => {
      process.send?.({ error: error.message });
    });
    socket.write(connectPacket(user, password));
    socket.once("data", (connack: Buffer) => {
      if (connack.length !== CONNACK_BYTES || connack[3] !== 0) {
        process.send?.({ error: `refused with CONNACK ${connack[3]}` });
        return;
      }
      acceptedCount++;
      if (acceptedCount === order.connections.length) process.send?.({ ready: true });
      if (order.qos === 0) pump0(socket, topic, payload);
      else pump1(socket, order, topic, payload);
    });
  }
});
