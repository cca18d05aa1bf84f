/** What the verbs of a twin know of the home in which it runs. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Home, hasConfig, namedSecret } from "../config/home-folder.ts";
import { environment, parseConfig } from "../config/load.ts";
import { sampleConfig } from "../config/sample.ts";
import type { Config } from "../config/schema.ts";
import type { StorePlace } from "../twin/store/open.ts";

/** A home without a hearth.yaml still obeys the environment. */
export function twinConfig(home: Home): Config {
  const text = hasConfig(home) ? readFileSync(home.configFile, "utf8") : sampleConfig();
  return parseConfig(text, { file: home.configFile, env: environment(), secret: (name) => namedSecret(home, name) });
}

export const twinPlace = (dir: string, { database }: { readonly database?: string }): StorePlace => ({
  dir,
  ...(database === undefined ? {} : { database }),
});

export function foldersOf({ folder }: Pick<Home, "folder">): { readonly dir: string; readonly enrolment: string } {
  const dir = join(folder, "twin");
  return { dir, enrolment: join(dir, "enrolment") };
}
