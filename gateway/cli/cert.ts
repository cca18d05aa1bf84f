/** `hearth cert show` and `hearth cert renew`: the files in the home's folder `tls`, or the operator's own. */

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { namedSecret, openHome, readPorts } from "../config/home-folder.ts";
import { homeFolder, loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { certificateFiles, keepCertificates, serverOf } from "../lan/certificate-files.ts";
import { ownCertificate, subjectOf } from "../lan/settings.ts";
import { reachedAt } from "../runtime/home-network.ts";
import { say } from "./say.ts";

interface Shown {
  /** What devices are given; absent for a certificate of the operator's own. */
  readonly authority?: { readonly file: string; readonly sha256: string; readonly expires_at: string };
  readonly certificate: { readonly file: string; readonly sha256: string; readonly expires_at: string; readonly names: readonly string[] };
}

/** Makes the home's certificates where they are missing or due; throws `cert.unusable` (world) where that can't be done. */
export async function certificateOf(folder: string, config: Config, options: { anew?: boolean } = {}): Promise<Shown> {
  const own = ownCertificate(config);
  const files = certificateFiles(folder);
  try {
    if (own !== undefined) return { certificate: described(own.certificate, new X509Certificate(readFileSync(own.certificate, "utf8"))) };
    await keepCertificates(files, {
      ...{ home: config.gateway.id, subject: subjectOf(config), nowMs: Date.now(), anew: options.anew ?? false },
      onRepair: (what) => void process.stderr.write(`${what}\n`),
    });
    const { file, sha256, expires_at } = described(files.authority, new X509Certificate(readFileSync(files.authority, "utf8")));
    return { authority: { file, sha256, expires_at }, certificate: described(files.server, serverOf(readFileSync(files.server, "utf8"))) };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new GatewayError(
      "cert.unusable",
      "world",
      `The certificate in ${own?.certificate ?? files.server} cannot be made or read (${code ?? message}).`,
      { cause },
    );
  }
}

function described(file: string, certificate: X509Certificate): Shown["certificate"] {
  const names = (certificate.subjectAltName ?? "").split(", ").map((name) => name.replace(/^(DNS|IP Address):/, ""));
  return { file, sha256: certificate.fingerprint256, expires_at: certificate.validToDate.toISOString(), names };
}

export async function show({ json }: { json: boolean }): Promise<void> {
  const { folder, config, tlsPort } = thisHome();
  if (!json && config.mqtt.lan !== "none") {
    const addresses = reachedAt(isIP(config.mqtt.lan) === 0 ? "0.0.0.0" : config.mqtt.lan);
    process.stdout.write(`devices use    ${addresses.join(" or ")}, port ${tlsPort} (MQTT with TLS)\n`);
  }
  print(await certificateOf(folder, config), json);
}

/** Throws `cert.not_ours` (operator) for a certificate of the operator's own. */
export async function renew({ json }: { json: boolean }): Promise<void> {
  const { folder, config } = thisHome();
  if (ownCertificate(config) !== undefined)
    throw new GatewayError(
      "cert.not_ours",
      "operator",
      "mqtt.certificate in hearth.yaml names a certificate of your own: renew it where it is from. A running gateway takes the new file within ten seconds.",
    );
  print(await certificateOf(folder, config, { anew: true }), json);
}

function thisHome(): { folder: string; config: Config; tlsPort: number } {
  const home = openHome(homeFolder());
  const config = loadConfig(home.configFile, { secret: (name) => namedSecret(home, name) });
  // Port 0 leaves the choice to the start.
  return { folder: home.folder, config, tlsPort: config.ports.mqttTls || (readPorts(home)?.mqtt_tls ?? 0) };
}

function print(shown: Shown, json: boolean): void {
  say({ json }, shown, certificateLines(shown).join("\n"));
}

export function certificateLines({ authority, certificate }: Shown): string[] {
  return [
    ...(authority === undefined
      ? []
      : [`give devices ${authority.file} (their --cafile), its fingerprint (SHA-256) is`, `               ${authority.sha256}`]),
    `certificate    ${certificate.file}, until ${certificate.expires_at.slice(0, 10)}, for ${certificate.names.join(", ")}`,
    ...(authority === undefined ? [`  fingerprint  ${certificate.sha256}`] : []),
  ];
}
