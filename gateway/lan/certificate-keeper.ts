/** What the doors present: read anew when its files change, renewed when it is due or this machine has other addresses, and how long it still holds. */

import type { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { covers, isDue, type Subject } from "./certificate.ts";
import { type CertificateFiles, keepCertificates, serverOf } from "./certificate-files.ts";

export interface Presented {
  /** PEM of the certificate (and of what it was signed by, where the operator gives a chain) and of its key. */
  readonly cert: string;
  readonly key: string;
  readonly certificate: X509Certificate;
  /** PEM of the home's own authority; undefined for a certificate of the operator's. */
  readonly authority?: string;
}

interface CertificateKeeper {
  current(): Presented | undefined;
  /** Why there is none, or why it is not the one that should be; in words. */
  fault(): string | undefined;
  /** Looks at files, clock and addresses. Never rejects. */
  check(): Promise<void>;
}

interface KeeperOptions {
  readonly home: string;
  /** The home's own, or the operator's two files. */
  readonly files: CertificateFiles | { readonly certificate: string; readonly key: string };
  readonly subject: () => Subject;
  readonly nowMs: () => number;
  readonly onChange: (presented: Presented) => void;
  readonly onRepair: (what: string) => void;
}

export function createCertificateKeeper({ home, files, subject, nowMs, onChange, onRepair }: KeeperOptions): CertificateKeeper {
  let current: Presented | undefined;
  let fault: string | undefined;

  const load = () => {
    const read = (file: string) => readFileSync(file, "utf8");
    const found =
      "server" in files
        ? { cert: read(files.server), key: read(files.server), authority: read(files.authority) }
        : { cert: read(files.certificate), key: read(files.key) };
    if (found.cert === current?.cert && found.key === current.key) return;
    current = { ...found, certificate: serverOf(`${found.cert}\n${found.key}`) };
    onChange(current);
  };

  return {
    current: () => current,
    fault: () => fault,
    async check() {
      try {
        const now = nowMs();
        const wanted = subject();
        const isWanting = () => current === undefined || isDue(current.certificate, now) || !covers(current.certificate, wanted);
        // Another process may have made one.
        if (current !== undefined) load();
        if ("server" in files && isWanting()) await keepCertificates(files, { home, subject: wanted, nowMs: now, onRepair });
        load();
        fault = undefined;
      } catch (thrown) {
        const { code, message, path } = thrown as NodeJS.ErrnoException;
        fault = `The certificate for devices on the home network cannot be ${current === undefined ? "used" : "renewed"}: ${code === undefined ? message : `${code}${path === undefined ? "" : ` at ${path}`}`}.`;
      }
    },
  };
}

/** Days before its end at which people are told (R58). */
export const warnDays = [30, 14, 3] as const;

/** The nearest of them that has been passed. */
export function warningOf({ validToDate }: X509Certificate, nowMs: number): (typeof warnDays)[number] | undefined {
  const days = (validToDate.getTime() - nowMs) / 86_400_000;
  return warnDays.findLast((limit) => days <= limit);
}
