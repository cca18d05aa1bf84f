/** THE list of links, one line each. `kind` is the word that hearth.yaml uses. */

import { mqtt } from "./mqtt.ts";
import { serial } from "./serial.ts";
import { tcp } from "./tcp.ts";

export const links = [mqtt, serial, tcp] as const;
