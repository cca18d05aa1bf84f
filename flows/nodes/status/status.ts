/** How the gateway, its devices and its way to the twin are, as one picture. Pure. */

import type { ConnectionState } from "../../client/connection.ts";
import type { Device, Outbox, OwnStatus, Person } from "../../client/wire.ts";
import type { StatusLine } from "../../node-red/host.ts";

export interface HomePicture {
  readonly connected: boolean;
  /** Why not; null while it is. */
  readonly why: string | null;
  readonly gateway: OwnStatus | null;
  readonly failing: readonly { readonly part: string; readonly ok: boolean; readonly detail?: string }[];
  readonly devices: readonly Device[];
  readonly outbox: Outbox | null;
  /** Seconds watched per rule since the gateway started, by person. */
  readonly watched_s: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface Parts {
  readonly status: OwnStatus;
  readonly devices: readonly Device[];
  readonly outbox: Outbox;
  readonly people: readonly Person[];
}

export function pictureOf({ status, devices, outbox, people }: Parts): HomePicture {
  return {
    ...{ connected: true, why: null, gateway: status, devices, outbox },
    failing: status.health.filter(({ ok }) => !ok),
    watched_s: Object.fromEntries(people.map(({ id, watched_s }) => [id, watched_s])),
  };
}

export function awayPicture(state: ConnectionState): HomePicture {
  const why = state.kind === "lost" || state.kind === "refused" ? state.problem.message : "connecting";
  return { connected: false, why, gateway: null, failing: [], devices: [], outbox: null, watched_s: {} };
}

/** What a change of it is: counters and ages go on all the time. */
export function keyOf({ connected, why, failing, gateway, devices }: HomePicture): string {
  const { open_alerts, uplink } = gateway ?? {};
  return JSON.stringify([
    connected,
    why,
    failing,
    open_alerts,
    uplink?.connected,
    devices.map(({ id, state, person }) => [id, state, person]),
  ]);
}

export function lineOf({ connected, failing, devices, gateway }: HomePicture): StatusLine {
  if (!connected) return { look: "waiting", key: "common.connecting" };
  const values = {
    devices: devices.filter(({ state }) => state === "online").length,
    all: devices.length,
    open: gateway?.open_alerts ?? 0,
  };
  const [first] = failing;
  if (first !== undefined) return { look: "attention", key: "status.status.failing", values: { part: first.part } };
  return { look: "good", key: "status.status.well", values };
}
