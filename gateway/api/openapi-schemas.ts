/** The records of the API as JSON Schema, for openapi.json. A test holds every answer of the routes against them. */

import Type, { type TSchema } from "typebox";
import { BindBody, CodeBody, roleSchema, SessionBody, TokenBody } from "./access-bodies.ts";
import { calibrationSchemas } from "./calibration-wire.ts";
import { consentSchemas } from "./consent-wire.ts";
import { heartRateSchemas } from "./heart-rate-wire.ts";
import { EvidenceSchema, LearnActSchema, LearningSchema, learnBodies } from "./learning-wire.ts";
import { MovementSchema } from "./movement-wire.ts";
import { liveSchemas, PersonEvent } from "./openapi-live.ts";
import { AlertNotes, HelpSeen, outsideSchemas, PresenceSchema } from "./outside-bodies.ts";
import { probeSchema as Probe } from "./probe-wire.ts";
import { Reach } from "./reach-wire.ts";
import { LeaveBody, VerbBody, WearingBody } from "./request.ts";
import { setupBodies } from "./setup-bodies.ts";
import { wishSchemas } from "./wish-bodies.ts";

const orNull = (schema: TSchema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
const iso = (description: string) => Type.String({ format: "date-time", description });
const isoOrNull = (description: string) => orNull(Type.String({ format: "date-time" }), description);
const counts = (description: string) => Type.Record(Type.String(), Type.Number(), { description });
const quality = Type.Enum(["good", "poor", "bad", "unknown"]);

const Alert = Type.Object({
  id: Type.String(),
  rule: Type.String({ description: "Stable id, for example rhythm.vt." }),
  priority: Type.Enum(["high", "medium", "low", "info"]),
  kind: Type.Enum(["physiological", "technical"]),
  person: Type.String(),
  person_name: Type.String(),
  device: Type.String(),
  device_title: Type.String(),
  state: Type.Enum(["active", "notified", "acknowledged", "rejected", "resolved", "closed", "expired"]),
  mode: Type.Enum(["real", "test", "demo"]),
  title: Type.String(),
  body: Type.String(),
  onset_s: Type.Number({ description: "When the condition began; seconds on the gateway's axis (since 1970)." }),
  t_s: Type.Number({ description: "When the gateway could tell." }),
  end_s: orNull(Type.Number(), "When the condition ended; null while it is true."),
  value: orNull(Type.Number()),
  unit: orNull(Type.String()),
  limit: orNull(Type.Number()),
  quality: Type.String(),
  cause: orNull(
    Type.Object({
      code: Type.String(),
      stream: Type.Optional(Type.String()),
      field: Type.Optional(Type.String()),
      fault: Type.Optional(Type.String()),
      needs: Type.Optional(Type.String()),
    }),
    "What it is about: why data cannot be read, with the field's name, or the stream whose number it is (device.number).",
  ),
  model: orNull(Type.Object({ id: Type.String(), version: Type.String() })),
  count: Type.Integer({ description: "How often the condition was met under this alert." }),
  raised_at: iso("When it was raised."),
  last_seen_at: iso("When the condition was last true."),
  acknowledged_by: orNull(Type.String()),
  acknowledged_at: isoOrNull("When somebody took it."),
  acknowledged_until: isoOrNull("When it speaks again if the condition is still true."),
  snoozes: Type.Array(Type.Object({ by: Type.String(), until: iso("End of the quiet.") })),
  deliveries: Type.Array(Type.Object({ channel: Type.String(), receipt: Type.String(), at: iso("When the channel accepted it.") })),
  close_reason: orNull(Type.String()),
  notes: AlertNotes,
  about: orNull(
    Type.Object({
      stream: Type.String(),
      channel: Type.Optional(Type.String({ description: "Without it: the channel of the stream that is analysed." })),
    }),
    "The signal that it was read from.",
  ),
  evidence: orNull(EvidenceSchema, "Of an alert about beats unlike the person's own: what was seen, and what is usual."),
  spoke_again: orNull(
    Type.Object({
      why: Type.Enum(["still-true", "worse", "higher", "new"]),
      acknowledged_by: Type.String(),
      acknowledged_at: iso("When."),
      ended_at: isoOrNull("When the one that was acknowledged ended; only with new."),
    }),
    "Why it speaks although somebody had acknowledged it (still-true, worse, higher), or the one before it within the quiet time (new).",
  ),
  said: orNull(
    Type.Object({ by: Type.String(), title: orNull(Type.String()), text: orNull(Type.String()) }),
    "Who raised it, in their own words; null for what the gateway itself has found.",
  ),
  stored: Type.Boolean({ description: "False while the gateway's disk refuses it: held in memory, as it is now, until it can be stored." }),
});

const Wearing = Type.Object({
  device: Type.String(),
  person: Type.String(),
  placement: Type.String(),
  from: iso("Begin."),
  to: isoOrNull("End; null = still."),
});

const Device = Type.Object({
  id: Type.String(),
  title: Type.String(),
  driver: Type.String(),
  link: Type.String(),
  person: orNull(Type.String()),
  placement: orNull(Type.String()),
  state: Type.String({ description: "In words: online, unreadable, silent, offline, lead-off, waiting." }),
  last_sample_at: isoOrNull("Newest sample that was decoded."),
  last_usable_at: isoOrNull("Newest sample that has a value and is worn."),
  last_bytes_at: isoOrNull("Newest bytes, whatever became of them."),
  battery_pct: orNull(Type.Integer({ minimum: 0, maximum: 100, description: "Charge as the device says; null = it says none." })),
  findings: Type.Array(
    Type.Object({
      code: Type.String({
        description:
          "Stable; why bytes became no samples, or why decoded samples are used by nothing (use.…), or what the account was refused (access.…).",
      }),
      stream: Type.String(),
      field: Type.Optional(Type.String({ description: "Field of the device's own format that is wrong." })),
      fault: Type.Optional(Type.String({ description: "missing, type, range, twice or unknown." })),
      count: Type.Optional(Type.Integer({ description: "How often since the stream last gave samples." })),
      since: isoOrNull("First bytes that it was found in."),
      text: Type.String(),
      help: Type.Optional(Type.String({ description: "What to do about it, a sentence." })),
    }),
    { description: "What keeps its data from being used; empty while all is well." },
  ),
  counters: counts("Counters of the driver."),
  wearings: Type.Optional(Type.Array(Wearing)),
});

const Channel = Type.Object({ id: Type.String(), kind: Type.String(), unit: Type.String(), lead: Type.Optional(Type.String()) });

const Stream = Type.Object({
  device: Type.String(),
  stream: Type.String(),
  person: orNull(Type.String()),
  rate_hz: Type.Number(),
  channels: Type.Array(Channel),
  quality,
  contact: Type.Enum(["on", "off", "unknown"]),
  last_sample_at: isoOrNull("Newest sample."),
  samples_total: Type.Integer(),
  gap_seconds_total: Type.Number(),
  timing: orNull(
    Type.Object(
      {
        nominal_hz: Type.Number(),
        used_hz: Type.Number(),
        measured_hz: orNull(Type.Number()),
        lag_s: orNull(Type.Number()),
        uncertain: Type.Boolean(),
        clock_faults: Type.Integer(),
        index_faults: Type.Integer(),
        dropped: counts("Samples kept and not analysed, by reason."),
      },
      { description: "What the descriptor states against what arrives; null where nobody wears the device." },
    ),
  ),
  last_usable_at: isoOrNull("Newest sample that has a value and is worn."),
  uses: Type.Array(
    Type.Object({
      channel: Type.String(),
      kind: Type.String(),
      use: Type.Optional(Type.String({ description: "beats, pulse, movement or vital; absent where nothing uses the channel." })),
      unused: Type.Optional(Type.String()),
      field: Type.Optional(Type.String()),
      needs: Type.Optional(Type.String()),
      text: Type.String(),
    }),
  ),
  no_value_total: counts("Seconds or samples without a vital sign's value, by reason."),
});

const Person = Type.Object({
  id: Type.String(),
  name: Type.String(),
  heart_rate_bpm: orNull(
    Type.Number(),
    "One for the person, of all that they wear. null = not known now, or good sensors do not agree; never an old number.",
  ),
  heart_rate_age_s: orNull(Type.Number()),
  ...heartRateSchemas,
  quality,
  devices: Type.Array(Type.String()),
  presence: PresenceSchema,
  help: HelpSeen,
  open_alerts: Type.Integer(),
  vitals: Type.Array(
    Type.Object({
      code: Type.String({ description: "hr, spo2, temp or resp." }),
      ...{ device: Type.String(), stream: Type.String(), unit: Type.String() },
      value: orNull(Type.Number(), "null = the sensor has none now."),
      without: orNull(Type.String(), "absent (the sensor says so), implausible, or unsure (its light shows no pulse to rely on)."),
      by: orNull(Type.String(), "light = read of the device's pleth by Hearth; null = the device's own number."),
      at: iso("When it was measured."),
      fresh_until: iso("Later than this it is no longer the present's."),
    }),
    { description: "Numbers that devices measure themselves, and the pulse rate of their light." },
  ),
  learning: Type.Array(LearningSchema, { description: "How far models have learnt what is usual for this person." }),
  movement: orNull(MovementSchema, "Null while no motion sensor of a body sends anything."),
  watched_s: counts("Seconds watched per rule since the gateway started."),
});

const Status = Type.Object({
  gateway: Type.String(),
  version: Type.String(),
  mode: Type.Enum(["real", "demo"]),
  time: iso("The gateway's time."),
  uptime_s: Type.Number(),
  people: Type.Integer(),
  devices: Type.Integer(),
  open_alerts: Type.Integer(),
  uplink: Type.Object({ connected: Type.Boolean(), last_ack_at: isoOrNull("When the twin last confirmed."), depth: Type.Integer() }),
  meter: Type.Object({
    bytes_raw: Type.Number(),
    bytes_sent: Type.Number(),
    ratio: orNull(Type.Number()),
    onset_to_alert_s: orNull(Type.Number()),
  }),
  health: Type.Array(Type.Object({ part: Type.String(), ok: Type.Boolean(), detail: Type.Optional(Type.String()) })),
  repairs: Type.Array(Type.String(), { description: "Damaged files that were set aside at this start: what, and the way out." }),
  carers: Type.Array(Type.String(), { description: "Who has a channel of their own: only their snooze quiets something." }),
  notice: orNull(Type.String(), "Where the demo's recordings are from."),
  ports: counts("Ports in use."),
  refusals: Type.Optional(
    Type.Array(
      Type.Object({
        where: Type.String({ description: "mqtt, http, port, channel, bridge or disk." }),
        reason: Type.String({ description: "Stable, as in the metrics." }),
        account: orNull(Type.String()),
        device: orNull(Type.String()),
        topic: orNull(Type.String()),
        path: orNull(Type.String()),
        address: orNull(Type.String()),
        error: orNull(Type.String(), "In the system's own words."),
        count: Type.Integer(),
        first_at: iso("The first of them."),
        last_at: iso("The newest."),
      }),
      { description: "What was refused or failed lately, newest first, at most 50; for integrators and admins." },
    ),
  ),
  role: Type.Optional(Type.String({ description: "The caller's role." })),
  persons: Type.Optional(
    orNull(Type.Array(Type.String()), "Whom the caller is bound to; null = nobody in particular, everything is shown."),
  ),
  twin: Type.Optional(Type.Boolean({ description: "Whether /api/v1/twin/… shows a twin." })),
});

const Model = Type.Object({
  id: Type.String(),
  version: Type.String(),
  sha256: Type.String(),
  precision: Type.String(),
  state: Type.Enum(["loading", "ready", "refused", "down"]),
  reason: Type.Optional(Type.String()),
  metrics: Type.Optional(Type.Unknown()),
});

const Outbox = Type.Object({
  epoch: Type.String(),
  depth: counts("Rows waiting, by class."),
  bytes: Type.Number(),
  oldest_at: isoOrNull("Oldest waiting row."),
  dropped: counts("Rows dropped by the byte budget, by class."),
});

const Strip = Type.Object({
  person: Type.String(),
  fromUs: Type.Integer(),
  toUs: Type.Integer(),
  traces: Type.Array(
    Type.Object({
      device: Type.String(),
      stream: Type.String(),
      channel: Type.String(),
      unit: Type.String(),
      lead: Type.Optional(Type.String()),
      rateHz: Type.Number(),
      startUs: Type.Integer({ description: "Time of values[0], microseconds since 1970." }),
      values: Type.Array(orNull(Type.Number()), { description: "Physical values; null = no sample." }),
    }),
  ),
  events: Type.Array(PersonEvent),
});

const Coverage = Type.Object({
  person: Type.String(),
  span_s: Type.Number(),
  watched_s: counts("Watched seconds within the span, by rule."),
});
const DemoAction = Type.Object({
  id: Type.String(),
  title: Type.String(),
  explains: Type.String(),
  expert: orNull(Type.String(), "The same in an expert's words."),
  active: Type.Boolean(),
});
const Receipt = Type.Object({
  id: Type.String(),
  decided_at: iso("When somebody asked for it."),
  finished_at: iso("When everything at home was erased."),
  erased: Type.Array(Type.Object({ what: Type.String(), count: Type.Integer() }), { description: "What was there and is no more." }),
  twin: Type.Object({
    state: Type.Union(
      ["none", "owed", "erased"].map((word) => Type.Literal(word)),
      {
        description: "owed: the twin is asked as soon as it can be reached, and has not answered yet.",
      },
    ),
    answered_at: Type.Optional(iso("When it said that it has erased everything.")),
  }),
  remains: Type.Array(Type.Object({ where: Type.String(), why: Type.String() }), {
    description: "Where something of the person may still be, and why Hearth can't erase it there.",
  }),
});

const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String({ description: "Stable; what programs should look at." }),
  detail: Type.String(),
  field: Type.Optional(Type.String({ description: "The field that is wrong." })),
});

const Grant = Type.Object({
  id: Type.String(),
  kind: Type.Enum(["token", "session"]),
  role: roleSchema,
  name: orNull(Type.String(), "Signs acknowledgements; null = each request brings its own name."),
  persons: orNull(Type.Array(Type.String()), "Whose alerts, streams and devices it opens; null = everybody's."),
  created_at: isoOrNull("null for a token of tokens.json."),
  used_at: isoOrNull("A session's last use, to the day."),
  of: orNull(Type.String(), "A session's token: it ends with it. null for one that the gateway's own start let in."),
});

const SignInCode = Type.Object({
  code: Type.String({ description: "ABCD-EFGH-JKLM." }),
  expires_at: iso("Its end."),
  path: Type.String({ description: "Behind the page's address it signs in at once." }),
  urls: Type.Array(Type.String(), { description: "The same under each address by which other machines of the home reach the page." }),
  qr: orNull(Type.Array(Type.String()), "The first of these as a QR code, a text a row, 1 = dark."),
});

const Account = Type.Object({ user: Type.String(), role: Type.String() });

export const schemas = {
  Grant,
  SignInCode,
  Account,
  TokenBody,
  BindBody,
  CodeBody,
  SessionBody,
  Alert,
  PersonEvent,
  ...liveSchemas,
  /** A live message tells how a device is, not who wore it when. */
  LiveDeviceState: Type.Omit(Device, ["wearings"]),
  Device,
  Stream,
  Person,
  Status,
  Model,
  Outbox,
  Reach,
  Strip,
  Coverage,
  Wearing,
  LeaveBody,
  Receipt,
  DemoAction,
  Probe,
  Problem,
  VerbBody,
  WearingBody,
  ...setupBodies,
  ...outsideSchemas,
  ...learnBodies,
  ...calibrationSchemas,
  ...consentSchemas,
  ...wishSchemas,
  Learning: LearningSchema,
  LearnAct: LearnActSchema,
};
export type SchemaName = keyof typeof schemas;
