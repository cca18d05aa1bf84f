/** Causes of a silence that is told already wait: they are told when data come and they are still true. Pure. */

import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { ConditionBegin } from "../rules/rule.ts";
import { keyOf } from "./change.ts";
import { silenceCauses } from "./policy.ts";

interface Explained {
  /** True where it waits. */
  takes(person: string, begin: ConditionBegin): boolean;
  forget(person: string, of: { readonly rule: string; readonly device: string }): void;
  /** What has waited for the end of this device's silence. */
  release(person: string, device: string): ConditionBegin[];
}

/** @param silenceOf the alert about a silence of this person's device, however it stands. */
export function createExplained(silenceOf: (person: string, device: string) => AlertRecord | undefined): Explained {
  const waiting = new Map<string, ConditionBegin>();
  const isSilent = (person: string, device: string): boolean => {
    const silence = silenceOf(person, device);
    return silence !== undefined && silence.endedUs === undefined && silence.state !== "closed";
  };
  return {
    takes(person, begin) {
      if (!silenceCauses.has(begin.rule) || !isSilent(person, begin.device)) return false;
      waiting.set(keyOf({ person, ...begin }), begin);
      return true;
    },
    forget: (person, of) => void waiting.delete(keyOf({ person, ...of })),
    release: (person, device) =>
      [...silenceCauses].flatMap((rule) => {
        const key = keyOf({ person, rule, device });
        const begin = waiting.get(key);
        waiting.delete(key);
        return begin ?? [];
      }),
  };
}
