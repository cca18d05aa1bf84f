/** The broker's ways in from the home network. What can't be opened now (a busy port, an address that is gone) is said in words and tried again. */

import { isIP } from "node:net";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import type { Broker, BrokerDoor, TlsFiles } from "../ingest/broker-port.ts";
import type { HomeAddress } from "../runtime/home-network.ts";

export interface DoorWish {
  /** As in ports.json. */
  readonly name: "mqtt_tls" | "mqtt_lan";
  /** `any`, the name of an interface, or an address. */
  readonly where: string;
  readonly port: number;
  readonly isTls: boolean;
  /** Key in hearth.yaml of the port, for messages. */
  readonly setting: string;
}

interface OpenDoor {
  readonly wish: DoorWish;
  /** Where it listens; 0.0.0.0 is every address of IPv4. */
  readonly host: string;
  readonly port: number;
}

interface LanDoors {
  /** Opens and closes what the present addresses ask for. Never rejects. */
  check(): Promise<void>;
  open(): readonly OpenDoor[];
  /** What can't be opened now, a sentence each. */
  faults(): readonly string[];
  present(certificate: TlsFiles): void;
  close(): Promise<void>;
}

interface DoorsOptions {
  readonly broker: Pick<Broker, "open">;
  readonly wishes: readonly DoorWish[];
  readonly addresses: () => readonly HomeAddress[];
  readonly onFault: (fault: string) => void;
  readonly onOpen: (door: OpenDoor) => void;
}

export function createLanDoors({ broker, wishes, addresses, onFault, onOpen }: DoorsOptions): LanDoors {
  const doors = new Map<string, OpenDoor & { readonly door: BrokerDoor }>();
  let faults = new Map<string, string>();
  let certificate: TlsFiles | undefined;
  let isClosed = false;
  let turn = Promise.resolve();

  const openOne = async (wish: DoorWish, host: string, key: string, told: Map<string, string>) => {
    if (doors.has(key) || (wish.isTls && certificate === undefined)) return;
    try {
      const door = await broker.open({
        ...{ name: wish.name, host, port: wish.port === 0 ? portOf(wish) : wish.port },
        ...(wish.isTls && certificate !== undefined ? { tls: certificate } : {}),
      });
      const opened = { wish, host, port: door.port, door };
      doors.set(key, opened);
      onOpen(opened);
    } catch (thrown) {
      told.set(key, sayFault(thrown, wish, host));
    }
  };

  /** Of a free port that was asked for: the same at every address. */
  const portOf = ({ name }: DoorWish) => [...doors.values()].find(({ wish }) => wish.name === name)?.port ?? 0;

  const check = async () => {
    const told = new Map<string, string>();
    const wanted = new Map<string, { wish: DoorWish; host: string }>();
    for (const wish of wishes) {
      const hosts = hostsOf(wish, addresses());
      if (hosts.length === 0) told.set(wish.name, `${nowhere(wish, addresses())} Devices can't come in there; it is tried again.`);
      for (const host of hosts) wanted.set(`${wish.name} ${host}`, { wish, host });
    }
    for (const [key, { door }] of [...doors]) {
      if (wanted.has(key)) continue;
      doors.delete(key);
      await door.close();
    }
    for (const [key, { wish, host }] of wanted) if (!isClosed) await openOne(wish, host, key, told);
    for (const [key, fault] of told) if (faults.get(key) !== fault) onFault(fault);
    faults = told;
  };

  return {
    check() {
      turn = turn.then(() => (isClosed ? undefined : check()));
      return turn;
    },
    open: () => [...doors.values()],
    faults: () => [...faults.values()],
    present(files) {
      certificate = files;
      for (const { wish, door } of doors.values()) if (wish.isTls) door.present(files);
    },
    async close() {
      isClosed = true;
      await turn;
      await Promise.all([...doors.values()].map(({ door }) => door.close()));
    },
  };
}

/**
 * With TLS, `any` is one socket for all addresses of IPv4, present and future, and one for each local address of IPv6 (fc00::/7, RFC 4193): a router hides
 * the former from the world, and the world has no way to the latter. A global address of IPv6 is opened where it, or its interface, is named. Without TLS
 * each address of IPv4 has its own socket, because loopback's has the broker already.
 */
function hostsOf({ where, isTls }: DoorWish, addresses: readonly HomeAddress[]): string[] {
  if (isIP(where) !== 0) return [where];
  const isMeant = ({ name, family, address }: HomeAddress) => {
    if (family === "IPv6") return isTls && (where === "any" ? isLocalV6(address) : name === where);
    return where === "any" ? !isTls : name === where;
  };
  const named = addresses.filter(isMeant).map(({ address }) => address);
  return where === "any" && isTls ? ["0.0.0.0", ...named] : named;
}

function isLocalV6(address: string): boolean {
  return /^f[cd]/i.test(address);
}

function nowhere({ where }: DoorWish, addresses: readonly HomeAddress[]): string {
  if (where === "any") return "This machine has no address on a network now.";
  return `"${where}" is no interface with an address now${addresses.length === 0 ? "" : ` (there are ${listed(addresses)})`}.`;
}

function sayFault(thrown: unknown, { setting, port }: DoorWish, host: string): string {
  const error = toGatewayError(thrown);
  const again = "It is tried again.";
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (code === "EADDRINUSE")
    return `Port ${port} (${setting}) is in use by another program, so devices can't come in there: free it, or set ${setting} in hearth.yaml. ${again}`;
  if (code === "EADDRNOTAVAIL") return `${host} is no address of this machine now, so devices can't come in there. ${again}`;
  return `Devices can't come in on ${host} port ${port} (${setting}): ${error.message} ${again}`;
}

const listed = (addresses: readonly HomeAddress[]) => [...new Set(addresses.map(({ name }) => name))].join(", ");
