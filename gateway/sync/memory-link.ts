/** A line to the twin in memory, the shipped fake of the connection's: up and down when told, and it keeps what was handed to it. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Link, LinkHandlers } from "./link-port.ts";

export interface Published {
  readonly topic: string;
  readonly payload: Uint8Array | string;
  readonly retain: boolean;
}

/** The far end. */
export interface MemoryLink {
  /** As `UplinkOptions.open`; to be opened once. */
  open(handlers: LinkHandlers): Link;
  /** Connected and subscribed. */
  up(): void;
  down(): void;
  hear(topic: string, payload: Uint8Array): void;
  /** Whether the broker takes what is published; while not, `publish` rejects `sync.offline` though the line is up. */
  isTaking: boolean;
  readonly published: readonly Published[];
  /** Why the connection was given up, each time. */
  readonly restarts: readonly string[];
  readonly isClosed: boolean;
}

export function createMemoryLink(): MemoryLink {
  let handlers: LinkHandlers | undefined;
  let isUp = false;
  let isClosed = false;
  const published: Published[] = [];
  const restarts: string[] = [];
  const far: MemoryLink = {
    open(given) {
      handlers = given;
      return {
        isUp: () => isUp,
        publish(topic, payload, { retain = false } = {}) {
          if (!isUp || !far.isTaking) return Promise.reject(new GatewayError("sync.offline", "world", "memory: the line is down"));
          published.push({ topic, payload, retain });
          return Promise.resolve();
        },
        restart: (reason) => void restarts.push(reason),
        close() {
          isClosed = true;
          isUp = false;
          return Promise.resolve();
        },
      };
    },
    up() {
      isUp = true;
      handlers?.onUp();
    },
    down() {
      isUp = false;
      handlers?.onDown("closed");
    },
    hear: (topic, payload) => handlers?.onMessage(topic, payload),
    isTaking: true,
    published,
    restarts,
    get isClosed() {
      return isClosed;
    },
  };
  return far;
}
