/** Keeps what a driver refused since each stream last gave samples. Bounded, whatever a device sends. */

import type { FieldFault, Refusal, RefusalCode } from "../contract/refusal.ts";

export interface Refusals {
  add(code: RefusalCode, stream: string, where?: { readonly field?: string; readonly fault?: FieldFault }): void;
  /** The stream gave samples: what was refused before them is over. With a code, only that is. */
  over(stream: string, code?: RefusalCode): void;
  list(): readonly Refusal[];
}

const maxKinds = 64;
const none: readonly Refusal[] = [];

export function createRefusals(): Refusals {
  const known = new Map<string, Refusal>();
  return {
    add(code, stream, where = {}) {
      const key = `${stream} ${code} ${where.field ?? ""} ${where.fault ?? ""}`;
      const count = (known.get(key)?.count ?? 0) + 1;
      if (count > 1 || known.size < maxKinds) known.set(key, { code, stream, ...where, count });
    },
    over(stream, code) {
      if (known.size === 0) return;
      for (const [key, refusal] of known) if (refusal.stream === stream && (code === undefined || refusal.code === code)) known.delete(key);
    },
    list: () => (known.size === 0 ? none : [...known.values()]),
  };
}
