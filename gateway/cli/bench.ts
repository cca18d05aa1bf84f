/** `npm run bench -- NAME`: figures of this machine, with their limits beside them. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { machine } from "../bench/bench-house.ts";

type Figures = Readonly<Record<string, number>>;
interface Measured {
  readonly figures: Figures;
  readonly limits: Readonly<Record<string, number | undefined>>;
  /** What else a figure needs beside it, in words. */
  readonly notes?: Readonly<Record<string, readonly string[]>>;
}

interface BenchArguments {
  readonly seconds?: number;
  /** Of river and body: waveforms, or bodies, go to the twin as well. */
  readonly semantic?: boolean;
  /** Of twin: the most at a time. */
  readonly homes?: number;
  /** Of twin: many fall silent and come back. */
  readonly load?: boolean;
  readonly json: boolean;
}

type BenchOptions = Omit<BenchArguments, "json">;

const benches: Readonly<Record<string, (options: BenchOptions) => Promise<Measured>>> = {
  ingest: async ({ seconds = 5 }) => {
    const { figures, limits } = await (await import("../bench/bench-ingest.ts")).benchIngest({ seconds });
    return { figures: { ...figures }, limits: { ...limits } };
  },
  river: async (options) => (await import("../bench/bench-river.ts")).benchRiver(options),
  body: async (options) => (await import("../bench/bench-body.ts")).benchBody(options),
  latency: async () => (await import("../bench/bench-latency.ts")).benchLatency(),
  storage: async (options) => (await import("../bench/bench-storage.ts")).benchStorage(options),
  outbox: async () => {
    const { rows, ...figures } = await (await import("../bench/bench-outbox.ts")).benchOutbox();
    return { figures: { ...figures, rows }, limits: {} };
  },
  soak: async (options) => (await import("../bench/bench-soak.ts")).benchSoak({ ...options, twin: "running" }),
  "soak-offline": async (options) => (await import("../bench/bench-soak.ts")).benchSoak({ ...options, twin: "stopped" }),
  twin: async (options) => (await import("../bench/bench-twin.ts")).benchTwin(options),
  start: async () => (await import("../bench/bench-start.ts")).benchStart(),
};

/** Throws `use.bench` for a name that is not there. A missed limit is a figure, not a failure. */
export async function bench(name: string, options: BenchArguments): Promise<void> {
  const run = benches[name];
  if (run === undefined)
    throw new GatewayError("use.bench", "operator", `There is no bench "${name}"; there are ${Object.keys(benches).join(", ")}.`);
  if (options.seconds !== undefined && !(options.seconds > 0))
    throw new GatewayError("use.seconds", "operator", "--seconds wants a number above 0.");
  const { json, ...asked } = options;
  if (asked.semantic === true && name !== "river" && name !== "body")
    throw new GatewayError("use.semantic", "operator", "--semantic is for river and body alone.");
  if (asked.load === true && name !== "twin") throw new GatewayError("use.load", "operator", "--load is for twin alone.");
  if (asked.homes !== undefined && name !== "twin") throw new GatewayError("use.homes", "operator", "--homes is for twin alone.");
  if (asked.homes !== undefined && !(Number.isInteger(asked.homes) && asked.homes > 0))
    throw new GatewayError("use.homes", "operator", "--homes wants a whole number above 0.");
  const { figures, limits, notes = {} } = await run(asked);
  const answer = { name, figures, limits, ...notes, machine: await machine() };
  if (json) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else
    process.stdout.write(
      `${name}\n${Object.entries(figures)
        .map(([key, value]) => `  ${key.padEnd(34)} ${value}${limits[key] === undefined ? "" : `   (limit ${limits[key]})`}`)
        .join("\n")}\n${Object.entries(notes)
        .map(([key, words]) => `  ${key.padEnd(34)} ${words.join(", ") || "–"}\n`)
        .join("")}  on ${JSON.stringify(answer.machine)}\n`,
    );
}
