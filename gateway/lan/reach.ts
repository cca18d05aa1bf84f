/** How a device reaches the broker, as REST, the page and the CLI say it. */

import { X509Certificate } from "node:crypto";
import type { Config } from "../config/schema.ts";
import type { Presented } from "./certificate-keeper.ts";

export interface Reach {
  /** Absent where no door with TLS is open. */
  readonly tls?: ReachedByTls;
  /** Without encryption. */
  readonly plain: readonly { readonly host: string; readonly port: number }[];
  /** What keeps devices out, a sentence each. */
  readonly faults: readonly string[];
  /** A command that sends one value: `DEVICE` and `PASSWORD` are the reader's, `hearth-ca.pem` is the authority's file. */
  readonly example: string;
}

interface ReachedByTls {
  readonly port: number;
  /** Addresses, then names. */
  readonly hosts: readonly string[];
  /** What devices must know to trust this home; absent for a certificate of the operator's own. */
  readonly authority?: { readonly pem: string; readonly fingerprint: string };
  /** SHA-256 of the certificate itself. */
  readonly fingerprint: string;
  readonly expiresMs: number;
}

interface Open {
  readonly tls?: { readonly port: number; readonly hosts: readonly string[]; readonly presented: Presented };
  readonly plain?: Reach["plain"];
  readonly faults?: readonly string[];
}

/** @param loopbackPort that of the broker on this machine itself */
export function reachOf({ gateway }: Pick<Config, "gateway">, loopbackPort: number, { tls, plain = [], faults = [] }: Open = {}): Reach {
  const here = { host: "127.0.0.1", port: loopbackPort };
  const byTls = tls === undefined ? undefined : describe(tls);
  const [first] = byTls?.hosts ?? [];
  const way =
    byTls === undefined || first === undefined
      ? here
      : { host: first, port: byTls.port, ca: byTls.authority === undefined ? "/etc/ssl/certs/ca-certificates.crt" : "hearth-ca.pem" };
  return {
    ...(byTls === undefined ? {} : { tls: byTls }),
    plain: [here, ...plain],
    faults,
    example: exampleLine({ ...way, site: gateway.id, device: "DEVICE", password: "PASSWORD" }),
  };
}

function describe({ port, hosts, presented: { authority, certificate } }: NonNullable<Open["tls"]>): ReachedByTls {
  return {
    ...{ port, hosts },
    ...(authority === undefined ? {} : { authority: { pem: authority, fingerprint: new X509Certificate(authority).fingerprint256 } }),
    fingerprint: certificate.fingerprint256,
    expiresMs: certificate.validToDate.getTime(),
  };
}

const oneTemperature = JSON.stringify({ rateHz: 1, unit: "Cel", x: 36.6 });

interface Example {
  readonly host: string;
  /** A word where it is not known yet. */
  readonly port: number | string;
  /** File of the authority; without it no TLS. */
  readonly ca?: string;
  readonly site: string;
  readonly device: string;
  readonly password: string;
}

/** A line that any machine with the Mosquitto clients can type: one temperature, which the page shows at whoever wears the device. */
export function exampleLine({ host, port, ca, site, device, password }: Example): string {
  const trust = ca === undefined ? "" : ` --cafile ${ca}`;
  return `mosquitto_pub -h ${host} -p ${port}${trust} -u ${device} -P ${password} -i ${device} -q 1 -t hearth/v1/${site}/${device}/temp/raw -m '${oneTemperature}'`;
}
