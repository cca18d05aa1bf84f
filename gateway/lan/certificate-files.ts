/**
 * The certificates in a home's folder `tls/`: `ca.pem`, which devices are given; `ca-key.pem`; and `server.pem`, certificate and key of this machine in
 * one file, so that no reader ever sees one without the other. Made where they are missing, and again when they are due.
 */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "../runtime/private-file.ts";
import { setAside } from "../runtime/set-aside.ts";
import { type Authority, covers, isDue, issue, makeAuthority, type Subject } from "./certificate.ts";

export interface CertificateFiles {
  readonly authority: string;
  readonly authorityKey: string;
  readonly server: string;
}

export function certificateFiles(homeFolder: string): CertificateFiles {
  const folder = join(homeFolder, "tls");
  return { authority: join(folder, "ca.pem"), authorityKey: join(folder, "ca-key.pem"), server: join(folder, "server.pem") };
}

interface Wanted {
  /** Stands in the authority's name. */
  readonly home: string;
  readonly subject: Subject;
  /** Wall clock, ms since 1970. */
  readonly nowMs: number;
  /** Another certificate for this machine even if the present one would do. */
  readonly anew?: boolean;
  /** Told in one sentence what was damaged and replaced. */
  readonly onRepair: (what: string) => void;
}

/** Makes what is missing, damaged, due or for other names. Throws what the system says where the folder can't be written. */
export async function keepCertificates(files: CertificateFiles, wanted: Wanted): Promise<void> {
  mkdirSync(join(files.authority, ".."), { recursive: true, mode: 0o700 });
  const authority = await keepAuthority(files, wanted);
  const present = read(files.server, serverOf);
  const isGood = present?.checkIssued(new X509Certificate(authority.certificate)) === true && covers(present, wanted.subject);
  if (isGood && wanted.anew !== true && !isDue(present, wanted.nowMs)) return;
  writePrivateFile(files.server, await issue(authority, wanted.subject, wanted.nowMs));
}

async function keepAuthority(files: CertificateFiles, { home, nowMs, onRepair }: Wanted): Promise<Authority> {
  const certificate = read(files.authority, (pem) => ({ pem, parsed: new X509Certificate(pem) }));
  const key = read(files.authorityKey, (pem) => ({ pem, parsed: createPrivateKey(pem) }));
  const fits = certificate !== undefined && key !== undefined && certificate.parsed.checkPrivateKey(key.parsed);
  if (fits && !isDue(certificate.parsed, nowMs)) return { certificate: certificate.pem, key: key.pem };
  if (!fits) {
    const then = "the home has a new certificate authority: give every device on the network the new ca.pem.";
    for (const file of [files.authority, files.authorityKey]) if (existsSync(file)) onRepair(setAside(file, then));
  }
  const made = await makeAuthority(home, nowMs, fits ? { certificate: certificate.pem, key: key.pem } : undefined);
  // A key without its certificate is made anew at the next start; a certificate without its key would look damaged.
  writePrivateFile(files.authorityKey, made.key);
  writePrivateFile(files.authority, made.certificate);
  return made;
}

/** The certificate of a text that holds it with its key. Throws where they are not of each other. */
export function serverOf(pem: string): X509Certificate {
  const certificate = new X509Certificate(pem);
  if (!certificate.checkPrivateKey(createPrivateKey(pem))) throw new Error("the key is not that of the certificate");
  return certificate;
}

/** Undefined where the file is missing or says nothing of that kind; what the disk refuses is thrown, for it is no damage. */
function read<T>(file: string, parse: (pem: string) => T): T | undefined {
  if (!existsSync(file)) return undefined;
  const pem = readFileSync(file, "utf8");
  try {
    return parse(pem);
  } catch {
    return undefined;
  }
}
