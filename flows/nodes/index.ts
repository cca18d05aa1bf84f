/** THE list of nodes: one line each. A node's folder is called like its type, without "hearth " and with dashes; the configuration node stands apart. */

import type { NodeType } from "../node-red/host.ts";
import { acknowledge } from "./acknowledge/node.ts";
import { alerts } from "./alerts/node.ts";
import { help } from "./help/node.ts";
import { person } from "./person/node.ts";
import { raise } from "./raise/node.ts";
import { results } from "./results/node.ts";
import { status } from "./status/node.ts";
import { streamIn } from "./stream-in/node.ts";
import { streamOut } from "./stream-out/node.ts";
import { strip } from "./strip/node.ts";
import { twin } from "./twin/node.ts";
import { vitals } from "./vitals/node.ts";

export const nodes: readonly NodeType[] = [
  alerts,
  acknowledge,
  raise,
  help,
  vitals,
  results,
  streamIn,
  streamOut,
  strip,
  twin,
  person,
  status,
];
