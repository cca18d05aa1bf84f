/** Keeps what a driver refused since each stream last gave samples, and what a device is to be told. Bounded, whatever a device sends. */

import type { FieldFault, Refusal, RefusalCode } from "../contract/refusal.ts";

export interface Refusals {
  add(code: RefusalCode, stream: string, where?: { readonly field?: string; readonly fault?: FieldFault }): void;
  /** The stream gave samples: what was refused before them is over. With a code, only that is. */
  over(stream: string, code?: RefusalCode): void;
  list(): readonly Refusal[];
  /** The samples were taken all the same; the device is to know what was odd. */
  note(code: RefusalCode, stream: string, where?: { readonly field?: string; readonly fault?: FieldFault }): void;
  /** What was added or noted since it was last taken, each once. */
  take(): readonly Refusal[];
}

const maxKinds = 64;
const none: readonly Refusal[] = [];

export function createRefusals(): Refusals {
  const known = new Map<string, Refusal>();
  const fresh = new Map<string, Refusal>();
  const keyOf = (code: RefusalCode, stream: string, where: { readonly field?: string; readonly fault?: FieldFault }) =>
    `${stream} ${code} ${where.field ?? ""} ${where.fault ?? ""}`;
  const keep = (kept: Map<string, Refusal>, key: string, refusal: Refusal) => {
    if (refusal.count > 1 || kept.size < maxKinds) kept.set(key, refusal);
  };
  return {
    add(code, stream, where = {}) {
      const key = keyOf(code, stream, where);
      const refusal = { code, stream, ...where, count: (known.get(key)?.count ?? 0) + 1 };
      keep(known, key, refusal);
      keep(fresh, key, refusal);
    },
    note: (code, stream, where = {}) => keep(fresh, keyOf(code, stream, where), { code, stream, ...where, count: 1, isTaken: true }),
    take() {
      if (fresh.size === 0) return none;
      const taken = [...fresh.values()];
      fresh.clear();
      return taken;
    },
    over(stream, code) {
      if (known.size === 0) return;
      for (const [key, refusal] of known) if (refusal.stream === stream && (code === undefined || refusal.code === code)) known.delete(key);
    },
    list: () => (known.size === 0 ? none : [...known.values()]),
  };
}
