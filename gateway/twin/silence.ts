/** The dead-man for gateways: `gateway.silent` when heartbeats stop (alerts.md §7). Its own timer, on monotonic time; nothing else may silence it. */

import type { Clock } from "../../device-drivers/contract/clock.ts";

export interface Silence {
  readonly rule: "gateway.silent";
  readonly level: "warn" | "urgent";
  readonly priority: "medium" | "high";
  /** Seconds since the last heartbeat, or since the twin began to watch. */
  readonly silentS: number;
}

export interface SilenceWatch {
  /** A live heartbeat has arrived. */
  heard(gateway: string): void;
  of(gateway: string): Silence | undefined;
  close(): void;
}

export interface SilenceOptions {
  readonly gateways: readonly string[];
  readonly clock: Clock;
  /** Told when a gateway's level changes; undefined = heard again. */
  readonly onChange: (gateway: string, silence: Silence | undefined) => void;
  readonly warnS?: number;
  readonly urgentS?: number;
}

const checkEveryMs = 10_000;

export function watchSilence({ gateways, clock, onChange, warnS = 900, urgentS = 1800 }: SilenceOptions): SilenceWatch {
  const lastUs = new Map(gateways.map((gateway) => [gateway, clock.monotonicUs()]));
  const told = new Map<string, Silence["level"]>();

  const of = (gateway: string): Silence | undefined => {
    const heardUs = lastUs.get(gateway);
    const silentS = heardUs === undefined ? 0 : (clock.monotonicUs() - heardUs) / 1e6;
    if (silentS < warnS) return undefined;
    const isUrgent = silentS >= urgentS;
    return { rule: "gateway.silent", level: isUrgent ? "urgent" : "warn", priority: isUrgent ? "high" : "medium", silentS };
  };

  const check = () => {
    for (const gateway of gateways) {
      const silence = of(gateway);
      if (silence?.level === told.get(gateway)) continue;
      if (silence === undefined) told.delete(gateway);
      else told.set(gateway, silence.level);
      onChange(gateway, silence);
    }
  };
  const cancel = clock.every(checkEveryMs, check);

  return {
    heard(gateway) {
      lastUs.set(gateway, clock.monotonicUs());
      check();
    },
    of,
    close: cancel,
  };
}
