/** Many virtual homes in a process of their own, so that what they cost is not taken for the twin's. Takes orders over IPC and answers with figures. */

import { systemClock } from "../../../device-drivers/contract/clock.ts";
import { createVirtualHome, type HomeAccount, type Tally, type VirtualHome } from "./virtual-home.ts";

export type HomesOrder =
  | {
      readonly kind: "homes";
      /** One for all, or each home's turn among them. */
      readonly urls: readonly string[];
      readonly twinPublicKeyPem: string;
      readonly accounts: readonly HomeAccount[];
      readonly heartbeatMs: number;
    }
  /** Of so many homes, from the first one. */
  | { readonly kind: "cut" | "connect"; readonly count: number }
  | { readonly kind: "backlog"; readonly count: number; readonly stretches: number }
  /** Latencies begin anew. */
  | { readonly kind: "figures" };

export interface HomesFigures {
  readonly connected: number;
  readonly added: number;
  readonly acknowledged: number;
  readonly waiting: number;
  /** Rows that the twin makes of what was told, frames' keys among them. */
  readonly rows: number;
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
}

/** At a time: as many as a listener's queue takes. */
const together = 50;
const pauseMs = 20;

const homes: VirtualHome[] = [];
const tally: Tally = { added: 0, acknowledged: 0, latenciesMs: [] };

/** Knuth's constant; each home has its own numbers. */
const randomOf = (seed: number) => {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

async function inTurn(count: number, act: (home: VirtualHome) => unknown): Promise<void> {
  for (let i = 0; i < Math.min(count, homes.length); i += together) {
    for (const home of homes.slice(i, Math.min(count, i + together))) void act(home);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function figures(): HomesFigures {
  const sorted = tally.latenciesMs.splice(0).sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return {
    connected: homes.filter((home) => home.isConnected()).length,
    ...{ added: tally.added, acknowledged: tally.acknowledged },
    waiting: homes.reduce((sum, home) => sum + home.waiting(), 0),
    rows: tally.added + homes.reduce((sum, home) => sum + home.rows(), 0),
    ...{ ackP50Ms: at(0.5), ackP99Ms: at(0.99) },
  };
}

process.on("message", (order: HomesOrder) => {
  const done = () => process.send?.(figures());
  switch (order.kind) {
    case "homes": {
      const clock = systemClock();
      const { urls, twinPublicKeyPem, heartbeatMs, accounts } = order;
      accounts.forEach((account, i) => {
        const phase = (i * 0.618_033_988_75) % 1;
        const url = urls[i % urls.length] ?? "";
        homes.push(createVirtualHome({ account, url, twinPublicKeyPem, heartbeatMs, phase, random: randomOf(i + 1), clock, tally }));
      });
      return void done();
    }
    case "connect":
      return void inTurn(order.count, (home) => home.connect()).then(done);
    case "cut":
      return void inTurn(order.count, (home) => home.cut()).then(done);
    case "backlog":
      for (const home of homes.slice(0, order.count)) home.addBacklog(order.stretches);
      return void done();
    case "figures":
      done();
  }
});
process.on("disconnect", () => process.exit());
