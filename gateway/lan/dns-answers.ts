/** What a home answers to questions of multicast DNS (RFC 6762) about its name and its services (RFC 6763). Pure. */

import { isIPv6 } from "node:net";
import type { Answer, Question } from "dns-packet";

export interface Service {
  /** As `_http._tcp`. */
  readonly type: string;
  readonly port: number;
  readonly text: Readonly<Record<string, string>>;
}

export interface Announced {
  /** Without `.local`. */
  readonly name: string;
  readonly addresses: readonly string[];
  readonly services: readonly Service[];
}

/** Seconds that others may keep an answer; names and addresses change sooner than the rest (RFC 6762, 10). */
const hostTtlS = 120;
const otherTtlS = 4500;

/** Every record of the home, as it is told unasked. `ttlS` 0 takes all back. */
export function recordsOf({ name, addresses, services }: Announced, ttlS?: number): Answer[] {
  const host = hostOf(name);
  const [hostTtl, otherTtl] = [ttlS ?? hostTtlS, ttlS ?? otherTtlS];
  // Nobody else speaks for these, so that whoever hears them forgets what was said before (RFC 6762, 10.2).
  const own = { ttl: hostTtl, class: "IN", flush: true } as const;
  return [
    ...addresses.map((data) => ({ type: isIPv6(data) ? ("AAAA" as const) : ("A" as const), name: host, data, ...own })),
    ...services.flatMap(({ type, port, text }): Answer[] => {
      const instance = `${name}.${type}.local`;
      return [
        { type: "PTR", name: `${type}.local`, data: instance, ttl: otherTtl, class: "IN" },
        { type: "SRV", name: instance, data: { target: host, port }, ...own },
        { type: "TXT", name: instance, data: Object.entries(text).map(([key, value]) => `${key}=${value}`), ...own, ttl: otherTtl },
        { type: "PTR", name: "_services._dns-sd._udp.local", data: `${type}.local`, ttl: otherTtl, class: "IN" },
      ];
    }),
  ];
}

/** The answers to these questions, and what who asks will want next; nothing where none is about this home. */
export function answersTo(questions: readonly Question[], home: Announced): { answers: Answer[]; additionals: Answer[] } | undefined {
  const records = recordsOf(home);
  const answers = records.filter((record) =>
    questions.some(({ name, type }) => name.toLowerCase() === record.name.toLowerCase() && ["ANY", record.type].includes(type)),
  );
  if (answers.length === 0) return undefined;
  return {
    answers,
    additionals: answers.some(({ type }) => type === "A" || type === "AAAA") ? [] : records.filter((record) => !answers.includes(record)),
  };
}

export function hostOf(name: string): string {
  return `${name}.local`;
}
