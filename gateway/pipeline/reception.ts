/** What became of one device's bytes: when they came, when they last became samples, and what was refused since. Pure; chunks are its only clock. */

import type { Refusal } from "../../device-drivers/contract/refusal.ts";
import type { Block } from "../../device-drivers/contract/sample-block.ts";

interface Finding extends Refusal {
  /** Arrival of the first and of the newest bytes that were refused for it, gateway axis. */
  readonly sinceUs: number;
  readonly lastUs: number;
}

export interface Reception {
  /** A chunk with what the driver made of it and what the driver has refused by now. */
  take(atUs: number, blocks: readonly Block[], refusals: readonly Refusal[]): void;
  /** The newest chunk that gave samples. */
  readonly decodedUs: number | undefined;
  /** The cause before its consequences. */
  findings(): readonly Finding[];
}

/** `device.decoding` waits for so long (alerts.md §3): counted in arriving bytes, so that a device that went silent is not accused. */
const patienceUs = 5_000_000;
/** A stream that is no longer sent while others of its device are has nothing to complain about. */
const goneUs = 60_000_000;
const none: readonly Finding[] = [];

export function createReception(): Reception {
  let findings = none;
  let decodedUs: number | undefined;
  let arrivedUs = 0;
  /** Batches wait because their descriptor is broken: that is said already. */
  const isConsequence = ({ code, stream }: Finding) =>
    code === "driver.no_descriptor" && findings.some((other) => other.stream === stream && isOfDescriptor(other));
  const isStillSent = (finding: Finding) => findings.some(({ stream, lastUs }) => stream === finding.stream && arrivedUs - lastUs < goneUs);
  return {
    take(atUs, blocks, refusals) {
      arrivedUs = atUs;
      if (blocks.length > 0) decodedUs = atUs;
      if (refusals.length === 0) {
        findings = none;
        return;
      }
      const before = new Map(findings.map((finding) => [keyOf(finding), finding]));
      findings = refusals.map((refusal) => {
        const known = before.get(keyOf(refusal));
        if (known === undefined || refusal.count < known.count) return { ...refusal, sinceUs: atUs, lastUs: atUs };
        // A clock that is put right leaves nothing in the future, where it would wait to be told.
        const [sinceUs, lastUs] = [Math.min(known.sinceUs, atUs), Math.min(known.lastUs, atUs)];
        return { ...refusal, sinceUs, lastUs: refusal.count > known.count ? atUs : lastUs };
      });
    },
    get decodedUs() {
      return decodedUs;
    },
    findings: () =>
      findings
        .filter((finding) => isStillSent(finding) && !isConsequence(finding))
        .sort((a, b) => Number(isOfDescriptor(b)) - Number(isOfDescriptor(a)) || b.count - a.count),
  };
}

/** True when the stream's data have been thrown away for long enough to say so. */
export function isTold(finding: Finding, nowUs: number): boolean {
  // A descriptor comes once; batches without a right one follow for as long as the device sends.
  if (isOfDescriptor(finding)) return nowUs - finding.sinceUs >= patienceUs;
  return finding.count > 1 && finding.lastUs - finding.sinceUs >= patienceUs;
}

const isOfDescriptor = ({ code }: Refusal) => code === "driver.bad_meta";
const keyOf = ({ code, stream, field, fault }: Refusal) => `${stream} ${code} ${field} ${fault}`;
