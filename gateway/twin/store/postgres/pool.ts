/** The twin's one door to PostgreSQL: connections, transactions that are tried again where two of them stood in each other's way, and whose fault an error is. */

import { createHash } from "node:crypto";
import pg from "pg";
import { GatewayError, toGatewayError } from "../../../../device-drivers/contract/error.ts";

/** Runs a statement with its values; gives the rows. */
export type Ask = <Row = Record<string, unknown>>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

export interface Pool {
  readonly ask: Ask;
  /** All or none of what `work` asks; its reads are of one moment where `isReading`. `work` may run more than once. */
  transaction<Answer>(work: (ask: Ask) => Promise<Answer>, isReading?: boolean): Promise<Answer>;
  close(): Promise<void>;
}

export interface PoolOptions {
  /** `postgres://user:password@host:port/database`; what it leaves out comes of libpq's environment variables (PGHOST …). */
  readonly url: string;
  /** Where the tables stand. */
  readonly schema: string;
}

/** Of one worker. */
const maxConnections = 8;
const connectMs = 5000;
const mostTries = 6;
/** serialization_failure, deadlock_detected (PostgreSQL's errcodes, class 40). */
const inEachOthersWay = new Set(["40001", "40P01"]);
const int8 = 20;

/** Rows as JavaScript has them: times in microseconds are whole numbers below 2⁵³. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text") =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig["getTypeParser"],
};

/** @throws GatewayError `twin.bad_store` (operator) for a schema that is no name */
export function openPool({ url, schema }: PoolOptions): Pool {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw new GatewayError("twin.bad_store", "operator", `"${schema}" can't be a schema's name: a–z, 0–9 and _.`);
  // An acknowledged frame is gone from the gateway, so a power cut may not take it.
  const options = `-c search_path=${schema} -c synchronous_commit=on -c client_min_messages=warning`;
  const pool = new pg.Pool({ connectionString: url, options, types, max: maxConnections, connectionTimeoutMillis: connectMs });
  // A connection that ends while nobody uses it is replaced at the next question.
  pool.on("error", () => {});

  const askWith =
    (client: pg.Pool | pg.PoolClient): Ask =>
    async <Row>(text: string, values: readonly unknown[] = []) =>
      // A connection plans a named statement once; planning one over months of partitions costs more than running it.
      (await client.query({ text, values: [...values], ...(values.length > 0 && { name: nameOf(text) }) })).rows as Row[];

  const once = async <Answer>(work: (ask: Ask) => Promise<Answer>, isReading: boolean): Promise<Answer> => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(isReading ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN");
      const answer = await work(askWith(client));
      await client.query("COMMIT");
      return answer;
    } catch (error) {
      await client.query("ROLLBACK").catch((cause: Error) => {
        broken = cause;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  };

  return {
    ask: askWith(pool),
    async transaction(work, isReading = false) {
      for (let tries = 1; ; tries++) {
        try {
          return await once(work, isReading);
        } catch (error) {
          if (tries >= mostTries || !inEachOthersWay.has(codeOf(error))) throw error;
        }
      }
    },
    close: () => pool.end(),
  };
}

const names = new Map<string, string>();

/** The texts are the store's own, so there are few. */
function nameOf(text: string): string {
  const known = names.get(text) ?? `hearth-${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
  names.set(text, known);
  return known;
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "");

/** `twin.disk_full`, `twin.io`, `twin.corrupt` (world), `twin.bad_store` (operator); everything else a bug. */
export function toTwinError(error: unknown): GatewayError {
  const code = codeOf(error);
  const more = { cause: error, fields: { postgres: code } };
  if (code === "53100") return new GatewayError("twin.disk_full", "world", "The disk of the twin's database is full.", more);
  if (/^(28|3D|42501|3F)/.test(code))
    return new GatewayError("twin.bad_store", "operator", "The twin's database refuses this user, password or database name.", more);
  if (/^XX00[12]/.test(code)) return new GatewayError("twin.corrupt", "world", "The twin's database is damaged.", more);
  // Connections, resources, an operator's intervention, the system underneath; or none was reached at all.
  if (/^(08|53|57|58|55|E[A-Z]+$)/.test(code) || (code === "" && /timeout|terminated|Connection/i.test(String(error))))
    return new GatewayError("twin.io", "world", "The twin's database can't be reached.", more);
  return toGatewayError(error, "twin.bug");
}
