/** THE list of channels, one line each: those without options are always there, the others where hearth.yaml names them. */

import type { ChannelKind } from "./channel.ts";
import { consolePrinter } from "./console.ts";
import { page } from "./page.ts";
import { webhook } from "./webhook.ts";

export const channelKinds: readonly ChannelKind[] = [page, consolePrinter, webhook];
