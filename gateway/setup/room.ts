/** How many people and devices a home has, and how often it may be changed: each change is a row that stays, and each device has a place in memory. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { Registry } from "../people/registry.ts";
import { createTokenBucket } from "../runtime/token-bucket.ts";

const most = { people: 64, devices: 256 };
/** Nobody who sets up a home by hand gets there; a program that goes round in circles does. */
const changes = { depth: 200, everyUs: 10_000_000 };

interface Room {
  /** Takes one change of the household; throws `setup.too_many_changes`. */
  takeChange(): void;
  /** Throws `setup.conflict` where there are as many as a home has. */
  forOneMore(what: keyof typeof most): void;
}

export function createRoom(registry: Pick<Registry, "people" | "devices">, nowUs: () => number): Room {
  const bucket = createTokenBucket(changes, nowUs());
  return {
    takeChange() {
      if (bucket.take(nowUs())) return;
      const says = "So many changes at once are no household's: wait some seconds for the next.";
      throw new GatewayError("setup.too_many_changes", "operator", says);
    },
    forOneMore(what) {
      if (registry[what]().length < most[what]) return;
      const says = `A home has at most ${most[what]} ${what}; take one out first.`;
      throw new GatewayError("setup.conflict", "operator", says, { fields: { field: "id" } });
    },
  };
}
