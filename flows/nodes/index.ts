/** THE list of nodes: one line each. A node's folder is called like its type, without "hearth " and with dashes; the configuration node stands apart. */

import type { NodeType } from "../node-red/host.ts";
import { alerts } from "./alerts/node.ts";

export const nodes: readonly NodeType[] = [alerts];
