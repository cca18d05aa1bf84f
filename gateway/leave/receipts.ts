/** What a leaving has erased, and what remains elsewhere and why. A receipt has no name, id or value of the person in it; the home keeps it. */

import { join } from "node:path";
import { openJsonFolder } from "./json-folder.ts";

export interface Remainder {
  readonly where: string;
  readonly why: string;
}

export interface Receipt {
  readonly id: string;
  /** ISO 8601. */
  readonly decided_at: string;
  /** When everything at home was erased. */
  readonly finished_at: string;
  /** What was there and is no more. */
  readonly erased: readonly { readonly what: string; readonly count: number }[];
  /** `none`: this home has no twin. `owed`: it is asked as soon as it answers. */
  readonly twin: { readonly state: "none" | "owed" | "erased"; readonly answered_at?: string };
  readonly remains: readonly Remainder[];
}

interface Receipts {
  /** The oldest first. */
  all(): Receipt[];
  one(id: string): Receipt | undefined;
  put(receipt: Receipt): void;
}

export function openReceipts(dataDir: string): Receipts {
  const files = openJsonFolder<Receipt>(join(dataDir, "receipts"), 2);
  const all = () => files.all().sort((a, b) => a.decided_at.localeCompare(b.decided_at));
  return {
    all,
    one: (id) => all().find((receipt) => receipt.id === id),
    put: (receipt) => files.put(receipt.id, receipt),
  };
}

const twinSays = {
  none: "this home has none.",
  owed: "it has not answered yet. It is asked as soon as a gateway that runs reaches it, and nothing of the person is sent to it any more.",
  erased: "it has erased everything and said so.",
};

/** For people. */
export function receiptText({ id, finished_at, erased, twin, remains }: Receipt): string {
  const width = Math.max(...erased.map(({ count }) => String(count).length), 1);
  return [
    `Receipt ${id}, ${finished_at}`,
    "",
    "Erased at home:",
    ...erased.map(({ what, count }) => `  ${String(count).padStart(width)}  ${what}`),
    "",
    `Twin: ${twinSays[twin.state]}`,
    "",
    "Not in Hearth's hands, and may still be there:",
    ...remains.map(({ where, why }) => `  ${where}: ${why}`),
  ].join("\n");
}
