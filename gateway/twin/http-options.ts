/** What the HTTP door of a twin is given, and what its routes know of a request. */

import type { HttpBounds } from "../api/bounds.ts";
import type { Peer } from "../runtime/door.ts";
import type { Log } from "../runtime/log.ts";
import type { Role } from "../view/view-port.ts";
import type { Acts } from "./acts.ts";
import type { Enrolments } from "./enrolments.ts";
import type { HomeNames } from "./home-names.ts";
import type { TwinLive } from "./live.ts";
import type { TwinStore } from "./store/port.ts";
import type { StreamFigures } from "./stream-figures.ts";
import type { Wishes } from "./wishes.ts";

/** A token that opens several homes stands here once for each. */
export interface TwinToken {
  readonly token: string;
  /** The home that it opens. */
  readonly gateway: string;
  readonly role: Role;
}

export interface TwinHttpOptions {
  readonly store: TwinStore;
  readonly tokens: () => readonly TwinToken[];
  readonly live: TwinLive;
  /** Registers the end of a live stream; returns its cancel. */
  readonly onEnd?: (end: () => void) => () => void;
  readonly log: Log;
  readonly host: string;
  /** Names under which it is asked besides those of this machine. */
  readonly hosts?: readonly string[];
  readonly nowUs: () => number;
  readonly isConnected: (gateway: string) => Promise<boolean>;
  /** Its own unless told. */
  readonly bounds?: HttpBounds;
  /** What the homes call their people, where the twin is told. */
  readonly names?: () => HomeNames | undefined;
  /** What waits with the way in, where it keeps messages. */
  readonly stream?: StreamFigures["read"];
  /** Without it nobody enrols here. */
  readonly enrolments?: Enrolments;
  readonly putDesired: Wishes["put"];
  readonly putAct: Acts["put"];
  /** Told which connection has shown a token, and whose. */
  readonly admit?: (peer: Peer, account: string) => void;
  /** Prometheus text. */
  readonly metrics: () => string;
  readonly version: string;
  /** A file of the page by its path ("/", "/app.js" …), or undefined. */
  readonly pages?: (path: string) => Promise<{ readonly type: string; readonly body: string } | undefined>;
}

/**
 * `opened`: the homes of the token, or the one that was asked for with ?home=. `home` is that one, or the token's first, and `role` what the token may
 * do there. `account`: whose requests are counted together.
 */
export type TwinEnv = { Variables: { opened: readonly TwinToken[]; home: string; role: Role; account: string } };
