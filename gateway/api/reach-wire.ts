/** How devices reach the broker, as REST says it. */

import Type from "typebox";
import { isoOf } from "../runtime/iso-time.ts";
import type { GatewayView } from "../view/view-port.ts";

const orNull = <T extends ReturnType<typeof Type.Object>>(schema: T) => Type.Union([schema, Type.Null()]);

export const Reach = Type.Object({
  tls: orNull(
    Type.Object(
      {
        port: Type.Integer(),
        hosts: Type.Array(Type.String(), { description: "Addresses, then names; any of them." }),
        authority: orNull(
          Type.Object(
            { pem: Type.String(), sha256: Type.String({ description: "Fingerprint." }) },
            { description: "The certificate that devices are given to trust this home; null for a certificate of the operator's own." },
          ),
        ),
        sha256: Type.String({ description: "Fingerprint of the certificate itself, which changes when it is renewed." }),
        expires_at: Type.String({ format: "date-time" }),
      },
      { description: "MQTT with TLS; null where no such door is open." },
    ),
  ),
  plain: Type.Array(Type.Object({ host: Type.String(), port: Type.Integer() }), { description: "MQTT without encryption." }),
  faults: Type.Array(Type.String(), { description: "What keeps devices out, a sentence each." }),
  example: Type.String({ description: "A command for DEVICE and PASSWORD; hearth-ca.pem holds the authority's pem." }),
});

type ReachView = ReturnType<GatewayView["reach"]>;

export function reachToWire({ tls, plain, faults, example }: ReachView) {
  return { tls: tls === undefined ? null : tlsToWire(tls), plain, faults, example };
}

function tlsToWire({ port, hosts, authority, fingerprint, expiresMs }: NonNullable<ReachView["tls"]>) {
  return {
    ...{ port, hosts },
    authority: authority === undefined ? null : { pem: authority.pem, sha256: authority.fingerprint },
    sha256: fingerprint,
    expires_at: isoOf(expiresMs * 1000),
  };
}
