/** What Node-RED loads: `dist/hearth.js` is this file and all it imports in one. */

import type { Red } from "./node-red/red-api.ts";
import { registerNode } from "./node-red/register.ts";
import { registerGateway } from "./nodes/gateway/node.ts";
import { nodes } from "./nodes/index.ts";
import { registerStreamCheck } from "./nodes/stream-out/check.ts";

export function palette(RED: Red): void {
  registerGateway(RED);
  registerStreamCheck(RED);
  for (const node of nodes) registerNode(RED, node);
}
