/** THE list of verbs, in the order in which `hearth --help` shows them. */

import { alerts } from "./alerts.ts";
import { bench } from "./bench.ts";
import { calibrate } from "./calibrate.ts";
import { cert } from "./cert.ts";
import { consent } from "./consent.ts";
import { demo } from "./demo.ts";
import { devices } from "./devices.ts";
import { doctor } from "./doctor.ts";
import { evaluation } from "./eval.ts";
import { flows } from "./flows.ts";
import { init } from "./init.ts";
import { learn } from "./learn.ts";
import { leave } from "./leave.ts";
import { models } from "./models.ts";
import { outbox } from "./outbox.ts";
import { people } from "./people.ts";
import { record } from "./record.ts";
import { replay } from "./replay.ts";
import { revoke } from "./revoke.ts";
import { run } from "./run.ts";
import { signIn } from "./sign-in.ts";
import { simulate } from "./simulate.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { token } from "./token.ts";
import { twin } from "./twin.ts";
import type { Verb } from "./verb.ts";
import { wear } from "./wear.ts";

export const verbs: readonly Verb[] = [
  start,
  run,
  demo,
  init,
  flows,
  cert,
  twin,
  record,
  replay,
  evaluation,
  bench,
  doctor,
  status,
  people,
  devices,
  wear,
  calibrate,
  learn,
  consent,
  simulate,
  alerts,
  models,
  outbox,
  signIn,
  token,
  revoke,
  leave,
];
