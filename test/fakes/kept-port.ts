/** A port for a server that is started more than once, and that nobody takes while it is down. */

import { claimPort } from "../../gateway/config/home-folder.ts";

export const keptPort = (): Promise<number> => claimPort(0, "127.0.0.1", { name: "test", fallback: false });
