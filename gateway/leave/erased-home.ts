/** The home as whoever erases somebody from it needs to know it. */

import type { Home } from "../config/home-folder.ts";
import type { Config } from "../config/schema.ts";
import type { ErasedHome } from "./erase-home.ts";

export function erasedHome({
  home,
  config,
  dataDir,
}: {
  readonly home: Home;
  readonly config: Config;
  readonly dataDir: string;
}): ErasedHome {
  const { twin, channels } = config;
  return {
    ...{ homeDir: home.folder, dataDir, configFile: home.configFile, wallMs: Date.now },
    hasTwin: twin.embedded || twin.url !== undefined,
    sent: {
      channels: channels.map(({ name }) => name),
      ...(twin.url === undefined ? {} : { distantTwin: twin.url }),
    },
  };
}
