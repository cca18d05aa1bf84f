/** What the settings ask for on the home network. */

import { isIP } from "node:net";
import { hostname } from "node:os";
import type { Config } from "../config/schema.ts";
import { homeNames, isLoopback, reachedAt } from "../runtime/home-network.ts";
import type { Subject } from "./certificate.ts";
import type { Service } from "./dns-answers.ts";
import type { DoorWish } from "./doors.ts";

type Settings = Pick<Config, "gateway" | "http" | "mqtt" | "network" | "ports">;

/** Without `.local`. */
export function homeName({ network, gateway }: Pick<Settings, "network" | "gateway">): string {
  return network.name ?? gateway.id;
}

/** Every name and address under which this machine may be called, from the network or from itself. */
export function subjectOf(settings: Pick<Settings, "network" | "gateway" | "mqtt">): Subject {
  const { lan } = settings.mqtt;
  return {
    names: [`${homeName(settings)}.local`, ...homeNames([hostname(), homeName(settings)]), "localhost"].filter(isFirst),
    addresses: [...reachedAt("0.0.0.0"), ...(isIP(lan) === 0 ? [] : [lan]), "127.0.0.1"].filter(isFirst),
  };
}

/** The operator's own files, where `hearth.yaml` names them. */
export function ownCertificate({ mqtt: { certificate, key } }: Pick<Settings, "mqtt">): { certificate: string; key: string } | undefined {
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

/** @param plainPort that of the broker on loopback; elsewhere it is the same */
export function wishesOf({ mqtt, ports }: Pick<Settings, "mqtt" | "ports">, plainPort: number): DoorWish[] {
  const { lan, lanWithoutTls } = mqtt;
  return [
    ...(lan === "none" ? [] : [{ name: "mqtt_tls" as const, where: lan, port: ports.mqttTls, isTls: true, setting: "ports.mqttTls" }]),
    ...(lanWithoutTls === undefined
      ? []
      : [{ name: "mqtt_lan" as const, where: lanWithoutTls, port: plainPort, isTls: false, setting: "ports.mqtt" }]),
  ];
}

export function isAnnounced({ network, http }: Pick<Settings, "network" | "http">): boolean {
  return network.announce ?? !isLoopback(http.host);
}

/** What of this home others may look for. */
export function servicesOf({ gateway, http }: Pick<Settings, "gateway" | "http">, tlsPort: number, pagePort: number): Service[] {
  const text = { site: gateway.id };
  const page = isLoopback(http.host) ? [] : [{ type: "_http._tcp", port: pagePort, text: { ...text, path: "/" } }];
  const mqtt = tlsPort === 0 ? [] : [{ type: "_secure-mqtt._tcp", port: tlsPort, text }];
  const [first] = [...page, ...mqtt];
  return [...(first === undefined ? [] : [{ type: "_hearth._tcp", port: first.port, text }]), ...page, ...mqtt];
}

const isFirst = (name: string, i: number, all: readonly string[]) => all.indexOf(name) === i;
