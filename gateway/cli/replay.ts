/** `hearth replay`: recordings through the production pipeline, as fast as it goes. */

import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { GatewayError, toGatewayError } from "../../device-drivers/contract/error.ts";
import { driverRegistry } from "../../device-drivers/index.ts";
import { startModels } from "../inference/load-models.ts";
import { motionFilesBelow } from "../recordings/motion-file.ts";
import { recordsBelow } from "../recordings/record-folder.ts";
import { placementsOf } from "../replay/motion-source.ts";
import { writeOutputs } from "../replay/outputs.ts";
import { replaySource } from "../replay/replay-record.ts";
import { systemWords } from "../runtime/refusals.ts";
import { isStreamMode, streamModes } from "../semantic/mode.ts";
import { openSources } from "./open-sources.ts";
import { progressBar } from "./progress.ts";

interface ReplayArguments {
  readonly out: string;
  readonly person?: string;
  readonly driver?: string;
  readonly from?: number;
  readonly to?: number;
  readonly semantic: string;
  readonly contact: string;
  readonly lead?: string;
  readonly sensors?: string;
  readonly json: boolean;
}

type Summary = Readonly<Record<string, unknown>>;
interface Failure {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/**
 * A PATH that cannot be read is named and the others are done; the exit code is then 1.
 * Throws `use.*` for arguments that make no sense.
 */
export async function replay(given: readonly string[], options: ReplayArguments): Promise<void> {
  const contact = check(options);
  const worn = { placements: placementsOf(options.sensors) };
  await makeFolder(options.out);
  const paths = (await Promise.all(given.map(pathsIn))).flat();
  const models = await startModels({ clock: virtualClock(), timeouts: false });
  const refused = models.host.models().find(({ state }) => state !== "ready");
  if (refused !== undefined) {
    await models.host.close();
    throw new GatewayError("model.refused", "operator", `The model ${refused.id} does not run: ${refused.reason ?? refused.state}`);
  }
  const bar = progressBar("replay");
  const summaries: Summary[] = [];
  const failures: Failure[] = [];
  const pathByName = new Map<string, string>();
  try {
    for (const [index, path] of paths.entries()) {
      try {
        const { driver, lead, from: fromS, to: toS } = options;
        const more = {
          ...worn,
          ...(lead === undefined ? {} : { lead }),
          ...(driver === undefined ? {} : { driver }),
          ...(fromS === undefined ? {} : { fromS }),
          ...(toS === undefined ? {} : { toS }),
        };
        for (const source of await openSources(path, { contact, ...more })) {
          refuseSecond(pathByName, source.name, path);
          warn(source.warnings);
          const replayed = await replaySource(source, models, {
            ...(options.person === undefined ? {} : { person: options.person }),
            ...(isStreamMode(options.semantic) ? { semantic: options.semantic } : {}),
            onProgress: (share) => bar.update((index + share) / paths.length, path),
          });
          await writeOutputs(options.out, replayed);
          summaries.push(replayed.summary);
          if (!options.json) process.stdout.write(`${sentence(replayed.summary)}\n`);
        }
      } catch (thrown) {
        const error = toGatewayError(thrown);
        if (error.kind === "bug" || error.code.startsWith("use.")) throw error;
        failures.push({ path, code: error.code, message: error.message });
        bar.end();
        process.stderr.write(`${error.message.includes(path) ? "" : `${path}: `}${error.message}\n`);
      }
    }
  } finally {
    bar.end();
    await models.host.close();
  }
  if (options.json)
    process.stdout.write(`${JSON.stringify({ records: summaries, ...(failures.length === 0 ? {} : { failed: failures }) })}\n`);
  if (failures.length > 0) process.exitCode = 1;
}

function check({ semantic, contact, driver, from, to }: ReplayArguments): "given" | "unmeasured" {
  if (!isStreamMode(semantic))
    throw new GatewayError("use.semantic", "operator", `--semantic ${semantic}: there are ${streamModes.join(", ")}.`);
  if (contact !== "given" && contact !== "unmeasured")
    throw new GatewayError("use.contact", "operator", `--contact ${contact}: "given" or "unmeasured" would be accepted.`);
  if (driver !== undefined && driverRegistry[driver] === undefined)
    throw new GatewayError("use.driver", "operator", `--driver ${driver}: there are ${Object.keys(driverRegistry).join(", ")}.`);
  for (const [name, value] of [["--from", from] as const, ["--to", to] as const])
    if (value !== undefined && !(value >= 0)) throw new GatewayError("use.span", "operator", `${name} wants seconds, 0 or more.`);
  if (from !== undefined && to !== undefined && to <= from)
    throw new GatewayError("use.span", "operator", "--to wants to be later than --from.");
  return contact;
}

/** Also writes there once: a recording of a day is not played for results that nobody can keep. */
async function makeFolder(out: string): Promise<void> {
  try {
    await makeEach(resolve(out));
    await rm(await mkdtemp(join(out, ".hearth-")), { recursive: true });
  } catch (cause) {
    throw new GatewayError("use.out", "operator", `--out ${out}: nothing can be written there (${systemWords(cause)}).`, { cause });
  }
}

/** One folder after the other: Node's own `recursive` never ends where a system says that a folder which is there has no room for one (as /proc does). */
async function makeEach(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => undefined)) === undefined) {
    if (dirname(folder) !== folder) await makeEach(dirname(folder));
    await mkdir(folder);
  }
}

/** A folder of records stands for all of them; every other PATH for itself. */
async function pathsIn(path: string): Promise<readonly string[]> {
  const records = await recordsBelow(path);
  const found = [...records.map((record) => record.path), ...(await motionFilesBelow(path))];
  return found.length === 0 ? [path] : found;
}

function warn(warnings: readonly string[] = []): void {
  for (const text of warnings) process.stderr.write(`note: ${text}\n`);
}

/** Two recordings of one name would write the same files. */
function refuseSecond(pathByName: Map<string, string>, name: string, path: string): void {
  const first = pathByName.get(name);
  if (first !== undefined)
    throw new GatewayError(
      "use.same_name",
      "operator",
      `${first} and ${path} are both named "${name}"; replay them into folders of their own.`,
    );
  pathByName.set(name, path);
}

function sentence(summary: Summary): string {
  const alerts = Object.entries(summary.alerts as Record<string, number>).map(([rule, count]) => `${rule} ${count}`);
  const seconds = Math.round(Number(summary.seconds));
  const isWatched = Object.values(summary.watched_s as Record<string, number>).some((watchedS) => watchedS > 0);
  return `${summary.record}: ${seconds} s, ${summary.beats} beats, ${alerts.length > 0 ? alerts.join(", ") : isWatched ? "no alert in the time watched" : "no rule watched"}, ${summary.bytes_sent} bytes for the twin, ${summary.wall_s} s`;
}
