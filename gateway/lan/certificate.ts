/** Makes the certificates of a home: a small authority of its own, which devices are given once, and what it signs for this machine. Writes no file. */

import { createPrivateKey, createPublicKey, KeyObject, randomBytes, webcrypto, type X509Certificate } from "node:crypto";
import type * as X509 from "@peculiar/x509";

/** PEM texts. */
export interface Authority {
  readonly certificate: string;
  readonly key: string;
}

export interface Subject {
  /** Host names and addresses under which devices reach this machine. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}

const dayMs = 86_400_000;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** Devices hold it for as long as they live, and most have no way to be given another. */
const authorityDays = 20 * 365;
/** Clients of a home refuse nothing for its age, phones refuse more than 398 days. */
const serverDays = 397;
/** So that no device with a clock of some years ago finds it not yet valid. A gateway that starts without the time dates it by this as well. */
const authorityFrom = Date.UTC(2024, 0, 1);
/** A sensor's clock may be behind. */
const backdatedMs = 2 * dayMs;

/**
 * A new authority, or with `former` the same one (its name and key) with a new date: what the former signed fits the new and the other way round, so
 * devices may be given it one after the other.
 */
export async function makeAuthority(home: string, nowMs: number, former?: Authority): Promise<Authority> {
  const { X509CertificateGenerator, ...x509 } = await library();
  const keys = former === undefined ? await newKeys() : keysOf(former.key);
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: former === undefined ? `CN=Hearth of ${home}` : new x509.X509Certificate(former.certificate).subject,
    notBefore: new Date(authorityFrom),
    notAfter: new Date(Math.max(nowMs, authorityFrom) + authorityDays * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${made.toString("pem")}\n`, key: pemOf(keys.privateKey) };
}

/** A certificate for this machine with a new key, both in one text. It never outlives its authority. A peer shows it to other servers, too. */
export async function issue(
  authority: Authority,
  { names, addresses }: Subject,
  nowMs: number,
  { isPeer = false }: { readonly isPeer?: boolean } = {},
): Promise<string> {
  const { X509CertificateGenerator, ...x509 } = await library();
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const signer = new x509.X509Certificate(authority.certificate);
  const keys = await newKeys();
  const [first = "hearth"] = names;
  const made = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: `CN=${first}`,
    issuer: signer.subject,
    notBefore: new Date(nowMs - backdatedMs),
    notAfter: new Date(Math.min(nowMs + serverDays * dayMs, signer.notAfter.getTime())),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: keysOf(authority.key).privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(isPeer ? [serverAuth, clientAuth] : [serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: "dns" as const, value })),
        ...addresses.map((value) => ({ type: "ip" as const, value })),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return `${made.toString("pem")}\n${pemOf(keys.privateKey)}`;
}

/** Whether the time has come for another: two thirds of its life are over (R58), or the clock says that it has not begun. */
export function isDue(certificate: X509Certificate, nowMs: number): boolean {
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  return nowMs < from || nowMs > from + ((to - from) * 2) / 3;
}

/** Whether the certificate holds for all of these. */
export function covers(certificate: X509Certificate, { names, addresses }: Subject): boolean {
  return (
    names.every((name) => certificate.checkHost(name) !== undefined) &&
    addresses.every((address) => certificate.checkIP(address) !== undefined)
  );
}

/** Loaded when something is to be made: at the first start and about once a year. */
async function library(): Promise<typeof X509> {
  // Its container of parts wants this on the global object.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  x509.cryptoProvider.set(webcrypto as unknown as Crypto);
  return x509;
}

async function newKeys(): Promise<CryptoKeyPair> {
  return asLibraryHasIt(await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]));
}

function keysOf(pem: string): CryptoKeyPair {
  const privateKey = createPrivateKey(pem);
  return asLibraryHasIt({
    privateKey: privateKey.toCryptoKey(algorithm, true, ["sign"]),
    publicKey: createPublicKey(privateKey).toCryptoKey(algorithm, true, ["verify"]),
  });
}

/** Node's own types know uses of keys that the browser's, which the library takes, do not. */
const asLibraryHasIt = (keys: webcrypto.CryptoKeyPair) => keys as unknown as CryptoKeyPair;

const pemOf = (key: CryptoKey) =>
  KeyObject.from(key as unknown as webcrypto.CryptoKey)
    .export({ type: "pkcs8", format: "pem" })
    .toString();

/** Positive, and never that of another certificate of this home (RFC 5280, 4.1.2.2). */
const newSerial = () => `01${randomBytes(15).toString("hex")}`;
