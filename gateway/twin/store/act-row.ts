import type { StoredAct } from "./port.ts";

/** As a table has it. */
export type ActRow = Omit<StoredAct, "outcome"> & { readonly outcome: string | null };

export const actOf = ({ outcome, ...act }: ActRow): StoredAct => (outcome === null ? act : { ...act, outcome });
