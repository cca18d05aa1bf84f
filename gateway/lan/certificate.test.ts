import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { covers, isDue, issue, makeAuthority } from "./certificate.ts";
import { serverOf } from "./certificate-files.ts";
import { warningOf } from "./certificate-keeper.ts";

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 5, 1);
const subject = { names: ["home.local", "pi", "localhost"], addresses: ["192.168.1.5", "127.0.0.1"] };

describe("a home's certificates", () => {
  test("this machine's is signed by the home's authority and holds for every name and address, and for no other", async () => {
    const authority = await makeAuthority("home", nowMs);
    const [ca, server] = [new X509Certificate(authority.certificate), serverOf(await issue(authority, subject, nowMs))];
    expect([ca.ca, ca.verify(ca.publicKey), server.ca, server.verify(ca.publicKey), server.checkIssued(ca)]).toEqual([
      ...[true, true, false, true, true],
    ]);
    expect(server.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
    expect(covers(server, subject)).toBe(true);
    expect(covers(server, { names: [], addresses: ["192.168.1.6"] })).toBe(false);
    expect(covers(server, { names: ["other.local"], addresses: [] })).toBe(false);
  });

  test("is due from two thirds of its life on, and before it begins", async () => {
    const server = serverOf(await issue(await makeAuthority("home", nowMs), subject, nowMs));
    const [from, to] = [server.validFromDate.getTime(), server.validToDate.getTime()];
    const twoThirds = from + ((to - from) * 2) / 3;
    expect([nowMs, twoThirds - 1, twoThirds + 1000, to + dayMs, from - 1000].map((at) => isDue(server, at))).toEqual([
      ...[false, false, true, true, true],
    ]);
    expect(to - nowMs).toBe(397 * dayMs);
  });

  test("an authority with a new date is the same one to whoever knows the old one", async () => {
    const first = await makeAuthority("home", nowMs);
    const later = await makeAuthority("other name", nowMs + 5000 * dayMs, first);
    const [old, fresh] = [first, later].map(({ certificate }) => new X509Certificate(certificate)) as [X509Certificate, X509Certificate];
    expect([fresh.subject, fresh.verify(old.publicKey), old.verify(fresh.publicKey)]).toEqual([old.subject, true, true]);
    expect(fresh.fingerprint256).not.toBe(old.fingerprint256);
    expect(serverOf(await issue(later, subject, nowMs)).checkIssued(old)).toBe(true);
  });

  test("a start without the time (1970) makes an authority that still holds when the clock is right", async () => {
    const ca = new X509Certificate((await makeAuthority("home", 0)).certificate);
    expect(isDue(ca, nowMs)).toBe(false);
  });

  test("none outlives its authority", async () => {
    const authority = await makeAuthority("home", nowMs);
    const end = new X509Certificate(authority.certificate).validToDate.getTime();
    expect(serverOf(await issue(authority, subject, end - dayMs)).validToDate.getTime()).toBe(end);
  });

  test("its end is told at 30, 14 and 3 days, the nearest alone", async () => {
    const server = serverOf(await issue(await makeAuthority("home", nowMs), subject, nowMs));
    const left = (days: number) => warningOf(server, server.validToDate.getTime() - days * dayMs);
    expect([31, 30, 15, 14, 4, 3, 0, -5].map(left)).toEqual([undefined, 30, 30, 14, 14, 3, 3, 3]);
  });
});
