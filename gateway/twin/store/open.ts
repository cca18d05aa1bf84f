/** Where a twin keeps its state: in a file of its own, or in a PostgreSQL that any number of workers share. */

import type { TwinStore } from "./port.ts";
import { openTwinStore } from "./sqlite/store.ts";

export interface StorePlace {
  /** Folder of `twin.db`; not used with `database`. */
  readonly dir: string;
  /** `postgres://user:password@host:port/database`; its `schema=` names where the tables stand, `hearth` without one. */
  readonly database?: string;
}

/** @param onRepair told in one sentence what of a damaged file was set aside. @throws GatewayError `twin.*` */
export async function openStoreAt({ dir, database }: StorePlace, onRepair: (what: string) => void): Promise<TwinStore> {
  if (database === undefined) return openTwinStore(dir, onRepair);
  const schema = /[?&]schema=([^&]*)/.exec(database)?.[1] ?? "hearth";
  // A home without a database of its own never loads its client.
  const { openPostgresStore } = await import("./postgres/store.ts");
  return openPostgresStore({ url: database, schema });
}
