/** `hearth record`: one person's journal as an unsealed capture, which `hearth replay` plays on another machine. With the gateway running or stopped. */

import type { Chunk } from "../../device-drivers/contract/driver.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { hasConfig, openHome } from "../config/home-folder.ts";
import { homeFolder } from "../config/load.ts";
import { createCapture, readJournalFolder } from "../journal/capture-file.ts";
import type { JournalRecord } from "../journal/journal-port.ts";

interface RecordArguments {
  readonly person: string;
  /** The last so many minutes of the record; all of it without. */
  readonly last?: number;
  readonly json: boolean;
}

/** Throws `use.*`, `journal.*`. */
export async function record(path: string, { person, last, json }: RecordArguments): Promise<void> {
  if (last !== undefined && !(last > 0)) throw new GatewayError("use.span", "operator", "--last wants minutes, more than 0.");
  const home = openHome(homeFolder());
  const folder = hasConfig(home) ? home.folder : home.demoFolder;
  const lane = readJournalFolder(`${folder}/journal`, `${folder}/keys`).find((each) => each.lane === person);
  if (lane === undefined) throw new GatewayError("use.person", "operator", `--person ${person}: the journal holds nothing of them.`);
  const fromUs = last === undefined ? 0 : (await newestUs(lane.read())) - last * 60e6;
  const count = await capture(path, person, lane.read(), fromUs);
  process.stdout.write(
    json
      ? `${JSON.stringify({ file: path, records: count })}\n`
      : `${count} records of ${person} are in ${path}. They are not encrypted: whoever has the file can read this person's signals.\n`,
  );
}

async function newestUs(records: AsyncIterable<JournalRecord>): Promise<number> {
  let newest = 0;
  for await (const { chunk } of records) newest = Math.max(newest, chunk.stamps.timeUs);
  return newest;
}

/** What came before `fromUs` is left out but for the newest of each channel: a device says there once what its samples mean. */
async function capture(path: string, person: string, records: AsyncIterable<JournalRecord>, fromUs: number): Promise<number> {
  let writer: ReturnType<typeof createCapture> | undefined;
  let count = 0;
  const before = new Map<string, Chunk>();
  const write = (chunk: Chunk, bootId: string) => {
    writer ??= createCapture(path, bootId, person);
    writer.write(chunk);
    count++;
  };
  try {
    for await (const { chunk, bootId } of records) {
      if (chunk.stamps.timeUs < fromUs) {
        const key = `${chunk.link}\n${chunk.device}\n${chunk.channel}`;
        // Set anew, so that they stand in the order in which they came.
        before.delete(key);
        before.set(key, { ...chunk, bytes: chunk.bytes.slice() });
        continue;
      }
      for (const earlier of before.values()) write(earlier, bootId);
      before.clear();
      write(chunk, bootId);
    }
  } finally {
    writer?.close();
  }
  return count;
}
