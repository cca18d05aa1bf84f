/** One client's socket as the broker sees it: guarded bytes in, untouched bytes out. It never hands on a byte that the guard has not passed. */

import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import type { RefusalReason } from "./packet-checks.ts";
import { createPacketGuard, type PacketGuard, type Tap } from "./packet-guard.ts";
import { createRate, type Gate, type RateLimits } from "./pressure.ts";

interface ConnectionOptions {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly rates: RateLimits;
  readonly maxPacketBytes: number;
  readonly onRefusal: (reason: RefusalReason) => void;
  /** A newer connection of the same client replaced this one: the socket is left to whoever looks who was there, who also ends it. */
  readonly onTakenOver: (socket: Socket) => void;
}

/** Acknowledgements for packets that were never sent to the client, before it is closed. */
const MAX_STRAY_ACKS = 1000;
/** What is still to be written gets this long once the connection ends. */
const LINGER_MS = 2000;
const PUBACK_BYTES = 4;
/** Acknowledgements that a client may leave unread. */
const MAX_UNREAD_BYTES = 1_048_576;
/** aedes takes what has been read, and takes more only when all of it is committed: this is what one client may have in flight. */
const READ_AHEAD_BYTES = 262_144;

export class GuardedConnection extends Duplex {
  readonly address: string;
  packetCount = 0;
  byteCount = 0;
  /** Packets of QoS 1 and 2 that the broker sent to this client. */
  sentCount = 0;
  /** The client took leave with DISCONNECT. */
  isFarewell = false;
  /** Why the gateway ended it ("takeover": a newer connection of the same client came); undefined = the client or the network did. */
  endReason: string | undefined;

  readonly socket: Socket;
  readonly #options: ConnectionOptions;
  /** What may be taken past the broker once the client is accepted; see broker-hooks.ts. */
  tap: Tap | undefined;

  readonly #guard: PacketGuard;
  readonly #rate: ReturnType<typeof createRate>;
  #ackCount = 0;
  #afterConnect: Uint8Array[] | undefined;
  #isWanted = false;
  #isThrottled = false;
  #isGated = false;
  #isAccepted = false;
  #lastPacketUs = 0;
  #acks: number[] = [];
  #cancelThrottle: () => void = () => undefined;
  #cancelKeepAlive: () => void = () => undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    super({ readableHighWaterMark: READ_AHEAD_BYTES, allowHalfOpen: false, decodeStrings: true });
    this.address = socket.remoteAddress ?? "";
    this.socket = socket;
    this.#options = options;
    this.#guard = createPacketGuard(options.maxPacketBytes);
    this.#rate = createRate(options.clock, options.rates);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("end", () => this.push(null));
    socket.on("error", () => this.destroy());
    socket.on("close", () => this.destroy());
    socket.pause();
  }

  /** Lets through what came behind CONNECT: nothing is parsed for a client that has not been accepted. */
  release(): void {
    const held = this.#afterConnect ?? [];
    this.#afterConnect = undefined;
    this.#isAccepted = true;
    if (this.destroyed) return;
    for (const bytes of held) this.push(bytes);
    this.#flow();
  }

  /** PUBACK for a packet that was tapped; those of one turn go out together. */
  acknowledge(packetId: number): void {
    if (this.#acks.push(0x40, 2, packetId >> 8, packetId & 0xff) > PUBACK_BYTES) return;
    queueMicrotask(() => {
      const bytes = Uint8Array.from(this.#acks);
      this.#acks = [];
      if (this.destroyed) return;
      this.socket.write(bytes);
      if (this.socket.writableLength > MAX_UNREAD_BYTES) this.destroy(new Error("the client does not read its acknowledgements"));
    });
  }

  override _read(): void {
    this.#isWanted = true;
    this.#flow();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.socket.write(chunk)) done();
    else this.#whenDrained(done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    if (this.socket.write(Buffer.concat(chunks.map((part) => part.chunk)))) done();
    else this.#whenDrained(done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#cancelThrottle();
    this.#cancelKeepAlive();
    const socket = this.socket;
    if (this.endReason === "takeover") this.#options.onTakenOver(socket);
    else if (error === null && socket.writableLength > 0) {
      const cancel = this.#options.clock.after(LINGER_MS, () => socket.destroy());
      socket.once("close", cancel);
      socket.destroySoon();
    } else if (error === null) socket.destroySoon();
    else socket.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    if (this.destroyed) return;
    // Bytes that the broker has not read yet must stay before those that come now.
    const isFree = this.#isAccepted && this.readableLength === 0;
    const guarded = this.#guard.push(chunk, isFree ? this.tap : undefined);
    this.packetCount += guarded.packetCount;
    this.byteCount += chunk.length;
    this.#ackCount += guarded.ackCount;
    if (guarded.isFarewell) this.isFarewell = true;
    if (guarded.packetCount > 0) this.#lastPacketUs = this.#options.clock.monotonicUs();
    if (guarded.keepAliveS !== undefined) {
      this.#afterConnect = guarded.pass.splice(1);
      this.#watchKeepAlive(guarded.keepAliveS * 1500);
    }
    for (const bytes of guarded.pass) this.#isWanted = this.push(bytes);
    const refusal = guarded.refusal ?? (this.#ackCount > this.sentCount + MAX_STRAY_ACKS ? { reason: "stray_acks" as const } : undefined);
    if (refusal !== undefined) {
      this.#refuse(refusal.reason, refusal.reply);
      return;
    }
    this.#throttle(this.#rate.spend(guarded.packetCount, chunk.length));
    this.#wait();
    this.#flow();
  }

  #refuse(reason: RefusalReason, reply: Uint8Array | undefined): void {
    this.endReason = reason;
    this.#options.onRefusal(reason);
    if (reply !== undefined) this.socket.write(reply);
    this.destroy();
  }

  /** Ends the connection one and a half keep-alives after the last packet [MQTT-3.1.2-24]. */
  #watchKeepAlive(limitMs: number): void {
    const silentMs = (this.#options.clock.monotonicUs() - this.#lastPacketUs) / 1000;
    if (silentMs < limitMs) {
      this.#cancelKeepAlive = this.#options.clock.after(limitMs - silentMs, () => this.#watchKeepAlive(limitMs));
      return;
    }
    this.endReason = "keep_alive_timeout";
    this.#options.onRefusal("keep_alive_timeout");
    this.destroy(new Error("keep-alive timeout"));
  }

  #throttle(waitMs: number): void {
    if (waitMs === 0) return;
    this.#isThrottled = true;
    this.#cancelThrottle = this.#options.clock.after(waitMs, () => {
      this.#isThrottled = false;
      this.#flow();
    });
  }

  /** Stops this socket while the journal has no room. */
  #wait(): void {
    if (this.#options.gate.isOpen()) return;
    this.#isGated = true;
    this.#options.gate.whenOpen(() => {
      this.#isGated = false;
      this.#flow();
    });
  }

  #flow(): void {
    if (this.destroyed) return;
    const isBlocked = !this.#isWanted || this.#isThrottled || this.#isGated || this.#afterConnect !== undefined;
    if (isBlocked) this.socket.pause();
    else this.socket.resume();
  }

  #whenDrained(done: () => void): void {
    const finish = () => {
      this.socket.off("drain", finish);
      this.socket.off("close", finish);
      done();
    };
    this.socket.on("drain", finish);
    this.socket.on("close", finish);
  }
}
