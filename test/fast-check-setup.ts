/** For every property that names no seed of its own. */

import fc from "fast-check";
import { runs } from "./runs.ts";

fc.configureGlobal(runs(100));
