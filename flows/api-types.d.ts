/** Made from the gateway's openapi.json, not by hand: HEARTH_WRITE_TYPES=1 npm test -- openapi/api-types brings it up to date. */

/* biome-ignore-all format: it stays as it is made. */

/** What the gateway sends and takes, by the names of the document. */
export interface Schemas {
  Grant: {
    readonly id: string;
    readonly kind: "token" | "session";
    readonly role: "patient" | "caregiver" | "integrator" | "admin";
    /** Signs acknowledgements; null = each request brings its own name. */
    readonly name: string | null;
    /** Whose alerts, streams and devices it opens; null = everybody's. */
    readonly persons: readonly string[] | null;
    /** null for a token of tokens.json. */
    readonly created_at: string | null;
    /** A session's last use, to the day. */
    readonly used_at: string | null;
    /** A session's token: it ends with it. null for one that the gateway's own start let in. */
    readonly of: string | null;
  };
  SignInCode: {
    /** ABCD-EFGH-JKLM. */
    readonly code: string;
    /** Its end. */
    readonly expires_at: string;
    /** Behind the page's address it signs in at once. */
    readonly path: string;
    /** The same under each address by which other machines of the home reach the page. */
    readonly urls: readonly string[];
    /** The first of these as a QR code, a text a row, 1 = dark. */
    readonly qr: readonly string[] | null;
  };
  Account: {
    readonly user: string;
    readonly role: string;
  };
  TokenBody: {
    readonly role: "patient" | "caregiver" | "integrator" | "admin";
    /** Whose alerts, streams and devices it opens; null = everybody's, those who move in later too. Left out: for a patient or caregiver the one who lives here (of several they must be named), for others everybody's. */
    readonly persons?: readonly string[] | null;
    /** Signs acknowledgements; without it each request brings its own name. characters that show: no line breaks, control or direction characters. */
    readonly name?: string;
  };
  BindBody: {
    /** Whose alerts, streams and devices it opens; null = everybody's, those who move in later too. Left out: for a patient or caregiver the one who lives here (of several they must be named), for others everybody's. */
    readonly persons: readonly string[] | null;
  };
  CodeBody: {
    readonly role?: "patient" | "caregiver" | "integrator" | "admin";
    /** Whose alerts, streams and devices it opens; null = everybody's, those who move in later too. Left out: for a patient or caregiver the one who lives here (of several they must be named), for others everybody's. */
    readonly persons?: readonly string[] | null;
    /** Signs acknowledgements; without it each request brings its own name. characters that show: no line breaks, control or direction characters. */
    readonly name?: string;
  };
  SessionBody: {
    /** A one-time code, as printed. */
    readonly code: string;
  };
  Alert: {
    readonly id: string;
    /** Stable id, for example rhythm.vt. */
    readonly rule: string;
    readonly priority: "high" | "medium" | "low" | "info";
    readonly kind: "physiological" | "technical";
    readonly person: string;
    readonly person_name: string;
    readonly device: string;
    readonly device_title: string;
    readonly state: "active" | "notified" | "acknowledged" | "rejected" | "resolved" | "closed" | "expired";
    readonly mode: "real" | "test" | "demo";
    readonly title: string;
    readonly body: string;
    /** When the condition began; seconds on the gateway's axis (since 1970). */
    readonly onset_s: number;
    /** When the gateway could tell. */
    readonly t_s: number;
    /** When the condition ended; null while it is true. */
    readonly end_s: number | null;
    readonly value: number | null;
    readonly unit: string | null;
    readonly limit: number | null;
    readonly quality: string;
    /** What it is about: why data cannot be read, with the field's name, or the stream whose number it is (device.number). */
    readonly cause: {
      readonly code: string;
      readonly stream?: string;
      readonly field?: string;
      readonly fault?: string;
      readonly needs?: string;
    } | null;
    readonly model: {
      readonly id: string;
      readonly version: string;
    } | null;
    /** How often the condition was met under this alert. */
    readonly count: number;
    /** When it was raised. */
    readonly raised_at: string;
    /** When the condition was last true. */
    readonly last_seen_at: string;
    readonly acknowledged_by: string | null;
    /** When somebody took it. */
    readonly acknowledged_at: string | null;
    /** When it speaks again if the condition is still true. */
    readonly acknowledged_until: string | null;
    readonly snoozes: readonly {
      readonly by: string;
      /** End of the quiet. */
      readonly until: string;
    }[];
    readonly deliveries: readonly {
      readonly channel: string;
      readonly receipt: string;
      /** When the channel accepted it. */
      readonly at: string;
    }[];
    readonly close_reason: string | null;
    /** What people said when they took it, or could not; the last ten. */
    readonly notes: readonly ({
      readonly by: string;
      readonly verb: "acknowledge" | "reject";
      readonly text: string;
      /** When it was said. */
      readonly at: string;
    })[];
    /** The signal that it was read from. */
    readonly about: {
      readonly stream: string;
      /** Without it: the channel of the stream that is analysed. */
      readonly channel?: string;
    } | null;
    /** Of an alert about beats unlike the person's own: what was seen, and what is usual. */
    readonly evidence: {
      readonly placement: string;
      readonly learnt_from: string;
      /** End of the minutes that it was learnt from. */
      readonly learnt_to: string | null;
      /** First point of each curve, seconds from the beat. */
      readonly from_s: number;
      readonly to_s: number;
      /** What is usual, on the scale of the beats. */
      readonly usual: readonly number[];
      readonly beats: readonly {
        readonly at: string;
        readonly shown: readonly number[];
        readonly difference: readonly number[];
      }[];
    } | null;
    /** Why it speaks although somebody had acknowledged it (still-true, worse, higher), or the one before it within the quiet time (new). */
    readonly spoke_again: {
      readonly why: "still-true" | "worse" | "higher" | "new";
      readonly acknowledged_by: string;
      /** When. */
      readonly acknowledged_at: string;
      /** When the one that was acknowledged ended; only with new. */
      readonly ended_at: string | null;
    } | null;
    /** Who raised it, in their own words; null for what the gateway itself has found. */
    readonly said: {
      readonly by: string;
      readonly title: string | null;
      readonly text: string | null;
    } | null;
    /** False while the gateway's disk refuses it: held in memory, as it is now, until it can be stored. */
    readonly stored: boolean;
  };
  PersonEvent: {
    readonly kind: "beat";
    readonly device: string;
    readonly stream: string;
    /** The R peak; microseconds since 1970. */
    readonly timeUs: number;
    readonly label: "N" | "S" | "V" | "F" | "Q";
    /** Probability of the label, 0 to 1. */
    readonly confidence: number;
    /** The interval that ends here; absent after a gap. */
    readonly rrMs?: number;
  } | {
    readonly kind: "rhythm";
    readonly device: string;
    readonly stream: string;
    /** Its begin; microseconds since 1970. */
    readonly timeUs: number;
    /** As in an MIT annotation: (N, (VT, (ASYS, [ … */
    readonly label: string;
  } | {
    readonly kind: "vital";
    readonly code: "hr" | "spo2" | "temp" | "resp";
    readonly device?: string;
    readonly stream?: string;
    /** When it was measured; microseconds since 1970. */
    readonly timeUs: number;
    readonly value: number;
    readonly unit: string;
  } | {
    readonly kind: "gap";
    readonly device: string;
    readonly stream: string;
    /** Begin; microseconds since 1970. */
    readonly fromUs: number;
    /** End; microseconds since 1970. */
    readonly toUs: number;
    /** Without one: no samples came. */
    readonly reason?: string;
  } | {
    readonly kind: "watched";
    readonly rule: string;
    /** Begin; microseconds since 1970. */
    readonly fromUs: number;
    /** End; microseconds since 1970. */
    readonly toUs: number;
  };
  LiveSamples: {
    /** Absent while nobody wears the device. */
    readonly person?: string;
    readonly device: string;
    readonly stream: string;
    readonly channel: string;
    readonly channelKind: "ecg" | "ppg" | "acc" | "gyro" | "mag" | "quaternion" | "resp" | "bioz" | "temp" | "spo2" | "hr" | "rr" | "other";
    readonly unit: string;
    /** values[0]; microseconds since 1970. */
    readonly startUs: number;
    readonly rateHz: number;
    /** Physical values; null = no sample. */
    readonly values: readonly (number | null)[];
  };
  LiveQuality: {
    readonly person: string;
    readonly device: string;
    readonly stream: string;
    /** End of the second that was judged; microseconds since 1970. */
    readonly timeUs: number;
    readonly level: "good" | "poor" | "bad" | "unknown";
    readonly contact: "on" | "off" | "unknown";
  };
  LiveBeat: {
    readonly person: string;
    readonly device: string;
    readonly stream: string;
    /** The R peak; microseconds since 1970. */
    readonly timeUs: number;
    /** The first class; the event of the same beat follows with the final one. */
    readonly label: "N" | "S" | "V" | "F" | "Q";
  };
  LiveResult: {
    readonly person: string;
    readonly model: {
      readonly id: string;
      readonly version: string;
    };
    readonly device: string;
    readonly stream: string;
    /** The beat that it is about, or the end of the span; microseconds since 1970. */
    readonly timeUs: number;
    /** Begin of the span; microseconds since 1970. */
    readonly fromUs?: number;
    /** first: looked at early, the final one follows. */
    readonly pass: "first" | "final";
    /** The same comes as an event of the record. */
    readonly recorded: boolean;
    readonly outcome: {
      readonly kind: "label";
      readonly label: string;
      readonly probability: number;
      readonly probabilities?: readonly number[];
    } | {
      readonly kind: "value";
      readonly value: number;
      readonly unit: string;
      readonly interval?: readonly number[];
    } | {
      readonly kind: "score";
      readonly score: number;
    } | {
      readonly kind: "vector" | "tokens" | "pose";
      /** How many numbers; they stay in the gateway. */
      readonly size: number;
    } | {
      readonly kind: "personal";
      /** 0 to 1; near 1 nothing like it was among the person's own minutes. */
      readonly score: number;
      readonly difference: string;
      readonly likeness?: number;
    } | {
      readonly kind: "unknown";
      readonly reason: string;
    };
  };
  LivePose: {
    readonly person: string;
    /** Sensors that it was made of. */
    readonly devices: readonly string[];
    /** null where no network completed anything. */
    readonly model: {
      readonly id: string;
      readonly version: string;
    } | null;
    /** The first frame; microseconds since 1970. */
    readonly startUs: number;
    readonly rateHz: number;
    /** Frame by frame, segment by segment, w x y z from the segment to the world (right-handed, y up; all at rest in a T-pose that faces +z). Segments: pelvis, spine, chest, neck, head, left and right upper arm, left and right forearm, left and right thigh, left and right shank, left and right foot. */
    readonly rotations: readonly number[];
    /** A frame a word, a segment a digit: 0 unknown (its rotation means nothing), 1 measured, 2 completed while its sensor was silent. */
    readonly states: readonly string[];
  };
  LiveEvent: {
    readonly person: string;
    readonly event: Schemas["PersonEvent"];
  };
  LiveAlert: {
    readonly alert: Schemas["Alert"];
    /** What changed: raised, updated, acknowledged, ended, closed …; null where only the outcome is known (after Last-Event-ID). */
    readonly why: string | null;
  };
  LiveDevice: {
    readonly device: Schemas["LiveDeviceState"];
  };
  LiveStatus: {
    readonly status: Schemas["Status"];
  };
  LiveDeviceState: {
    readonly id: string;
    readonly title: string;
    readonly driver: string;
    readonly link: string;
    readonly person: string | null;
    readonly placement: string | null;
    /** In words: online, unreadable, silent, offline, lead-off, waiting. */
    readonly state: string;
    /** Newest sample that was decoded. */
    readonly last_sample_at: string | null;
    /** Newest sample that has a value and is worn. */
    readonly last_usable_at: string | null;
    /** Newest bytes, whatever became of them. */
    readonly last_bytes_at: string | null;
    readonly battery_pct: number | null;
    /** What keeps its data from being used; empty while all is well. */
    readonly findings: readonly ({
      /** Stable; why bytes became no samples, or why decoded samples are used by nothing (use.…), or what the account was refused (access.…). */
      readonly code: string;
      readonly stream: string;
      /** Field of the device's own format that is wrong. */
      readonly field?: string;
      /** missing, type, range, twice or unknown. */
      readonly fault?: string;
      /** How often since the stream last gave samples. */
      readonly count?: number;
      /** First bytes that it was found in. */
      readonly since: string | null;
      readonly text: string;
      /** What to do about it, a sentence. */
      readonly help?: string;
    })[];
    /** Counters of the driver. */
    readonly counters: Readonly<Record<string, number>>;
  };
  Device: {
    readonly id: string;
    readonly title: string;
    readonly driver: string;
    readonly link: string;
    readonly person: string | null;
    readonly placement: string | null;
    /** In words: online, unreadable, silent, offline, lead-off, waiting. */
    readonly state: string;
    /** Newest sample that was decoded. */
    readonly last_sample_at: string | null;
    /** Newest sample that has a value and is worn. */
    readonly last_usable_at: string | null;
    /** Newest bytes, whatever became of them. */
    readonly last_bytes_at: string | null;
    readonly battery_pct: number | null;
    /** What keeps its data from being used; empty while all is well. */
    readonly findings: readonly ({
      /** Stable; why bytes became no samples, or why decoded samples are used by nothing (use.…), or what the account was refused (access.…). */
      readonly code: string;
      readonly stream: string;
      /** Field of the device's own format that is wrong. */
      readonly field?: string;
      /** missing, type, range, twice or unknown. */
      readonly fault?: string;
      /** How often since the stream last gave samples. */
      readonly count?: number;
      /** First bytes that it was found in. */
      readonly since: string | null;
      readonly text: string;
      /** What to do about it, a sentence. */
      readonly help?: string;
    })[];
    /** Counters of the driver. */
    readonly counters: Readonly<Record<string, number>>;
    readonly wearings?: readonly ({
      readonly device: string;
      readonly person: string;
      readonly placement: string;
      /** Begin. */
      readonly from: string;
      /** End; null = still. */
      readonly to: string | null;
    })[];
  };
  Stream: {
    readonly device: string;
    readonly stream: string;
    readonly person: string | null;
    readonly rate_hz: number;
    readonly channels: readonly {
      readonly id: string;
      readonly kind: string;
      readonly unit: string;
      readonly lead?: string;
    }[];
    readonly quality: "good" | "poor" | "bad" | "unknown";
    readonly contact: "on" | "off" | "unknown";
    /** Newest sample. */
    readonly last_sample_at: string | null;
    readonly samples_total: number;
    readonly gap_seconds_total: number;
    readonly timing: {
      readonly nominal_hz: number;
      readonly used_hz: number;
      readonly measured_hz: number | null;
      readonly lag_s: number | null;
      readonly uncertain: boolean;
      readonly clock_faults: number;
      readonly index_faults: number;
      /** Samples kept and not analysed, by reason. */
      readonly dropped: Readonly<Record<string, number>>;
    } | null;
    /** Newest sample that has a value and is worn. */
    readonly last_usable_at: string | null;
    readonly uses: readonly {
      readonly channel: string;
      readonly kind: string;
      /** beats, pulse, movement or vital; absent where nothing uses the channel. */
      readonly use?: string;
      readonly unused?: string;
      readonly field?: string;
      readonly needs?: string;
      readonly text: string;
    }[];
    /** Seconds or samples without a vital sign's value, by reason. */
    readonly no_value_total: Readonly<Record<string, number>>;
  };
  Person: {
    readonly id: string;
    readonly name: string;
    /** One for the person, of all that they wear. null = not known now, or good sensors do not agree; never an old number. */
    readonly heart_rate_bpm: number | null;
    readonly heart_rate_age_s: number | null;
    /** The sensor that heart_rate_bpm is from. */
    readonly heart_rate_source: {
      readonly device: string;
      readonly stream: string;
      /** Beats of an ECG, pulses by light, or the device's own number. */
      readonly kind: "ecg" | "ppg" | "device";
      readonly quality: "good" | "poor";
      /** Later than this it is no longer the present's. */
      readonly fresh_until: string;
    } | null;
    /** Two good sensors have been more than 10 beats/min apart for 30 s. There is no heart_rate_bpm, unless a third bears one of them out. */
    readonly heart_rate_disagreement: {
      /** Since when. */
      readonly since: string;
      readonly between: readonly ({
        readonly device: string;
        readonly stream: string;
        /** Beats of an ECG, pulses by light, or the device's own number. */
        readonly kind: "ecg" | "ppg" | "device";
        readonly bpm: number;
      })[];
    } | null;
    readonly quality: "good" | "poor" | "bad" | "unknown";
    readonly devices: readonly string[];
    readonly presence: {
      readonly state: "home" | "away" | "paused";
      /** Who said so; null while nobody has said anything. */
      readonly by: string | null;
      readonly since: string | null;
      /** When the person is expected back (away) or to wear their sensors again (paused). */
      readonly until: string | null;
      /** Signal of theirs has come again: from then on missing data is told as ever. */
      readonly seen_again_at: string | null;
      /** Not back at the time; an alert (presence.overdue) says it. */
      readonly overdue: boolean;
    };
    readonly help: {
      /** counting: it can be taken back; told: the alert is open and waits for a named person. */
      readonly state: "none" | "counting" | "told";
      /** Who pressed. */
      readonly by: string | null;
      /** When it is told, or was. */
      readonly due_at: string | null;
      /** Id of the alert that is open. */
      readonly alert: string | null;
    };
    readonly open_alerts: number;
    /** Numbers that devices measure themselves, and the pulse rate of their light. */
    readonly vitals: readonly ({
      /** hr, spo2, temp or resp. */
      readonly code: string;
      readonly device: string;
      readonly stream: string;
      readonly unit: string;
      /** null = the sensor has none now. */
      readonly value: number | null;
      /** absent (the sensor says so), implausible, or unsure (its light shows no pulse to rely on). */
      readonly without: string | null;
      /** light = read of the device's pleth by Hearth; null = the device's own number. */
      readonly by: string | null;
      /** When it was measured. */
      readonly at: string;
      /** Later than this it is no longer the present's. */
      readonly fresh_until: string;
    })[];
    /** How far models have learnt what is usual for this person. */
    readonly learning: readonly ({
      readonly model: string;
      readonly version: string;
      /** Where on the body; device/stream where that is not stated. */
      readonly placement: string;
      /** changed: most of what is seen is unlike what was learnt; somebody should say whether that is how it is now. */
      readonly state: "learning" | "known" | "changed";
      /** Seconds of good signal that were learnt. */
      readonly learnt_s: number;
      readonly needed_s: number;
      readonly since: string;
      /** When it had learnt enough; since then nothing is learnt by itself. */
      readonly finished_at: string | null;
      /** Since when it is changed. */
      readonly changed_since: string | null;
      /** Learnt anew from the journal, because the model is another than before. */
      readonly from_record: boolean;
      /** What somebody has said is normal, and is in the memory; by its number it is taken back. */
      readonly normals: readonly {
        readonly number: number;
        readonly at: string;
        readonly by: string;
      }[];
    })[];
    /** Null while no motion sensor of a body sends anything. */
    readonly movement: {
      /** End of the second that it is of. */
      readonly at: string;
      readonly steps: number | null;
      readonly cadence_per_min: number | null;
      readonly still_s: number | null;
      readonly posture: "lying" | "leaning" | "upright" | "sitting" | "standing" | null;
      /** A sensor of a leg is silent: sitting or standing was completed by the network. */
      readonly posture_completed: boolean;
      readonly sensors: readonly ({
        readonly device: string;
        readonly placement: string;
        readonly worn: boolean | null;
      })[];
    } | null;
    /** Seconds watched per rule since the gateway started. */
    readonly watched_s: Readonly<Record<string, number>>;
  };
  Status: {
    readonly gateway: string;
    readonly version: string;
    readonly mode: "real" | "demo";
    /** The gateway's time. */
    readonly time: string;
    readonly uptime_s: number;
    readonly people: number;
    readonly devices: number;
    readonly open_alerts: number;
    readonly uplink: {
      readonly connected: boolean;
      /** When the twin last confirmed. */
      readonly last_ack_at: string | null;
      readonly depth: number;
    };
    readonly meter: {
      readonly bytes_raw: number;
      readonly bytes_sent: number;
      readonly ratio: number | null;
      readonly onset_to_alert_s: number | null;
    };
    readonly health: readonly {
      readonly part: string;
      readonly ok: boolean;
      readonly detail?: string;
    }[];
    /** Damaged files that were set aside at this start: what, and the way out. */
    readonly repairs: readonly string[];
    /** Who has a channel of their own: only their snooze quiets something. */
    readonly carers: readonly string[];
    /** Where the demo's recordings are from. */
    readonly notice: string | null;
    /** Ports in use. */
    readonly ports: Readonly<Record<string, number>>;
    /** What was refused or failed lately, newest first, at most 50; for integrators and admins. */
    readonly refusals?: readonly ({
      /** mqtt, http, port, channel, bridge or disk. */
      readonly where: string;
      /** Stable, as in the metrics. */
      readonly reason: string;
      readonly account: string | null;
      readonly device: string | null;
      readonly topic: string | null;
      readonly path: string | null;
      readonly address: string | null;
      /** In the system's own words. */
      readonly error: string | null;
      readonly count: number;
      /** The first of them. */
      readonly first_at: string;
      /** The newest. */
      readonly last_at: string;
    })[];
    /** The caller's role. */
    readonly role?: string;
    /** Whom the caller is bound to; null = nobody in particular, everything is shown. */
    readonly persons?: readonly string[] | null;
    /** Whether /api/v1/twin/… shows a twin. */
    readonly twin?: boolean;
  };
  Model: {
    readonly id: string;
    readonly version: string;
    readonly sha256: string;
    readonly precision: string;
    readonly state: "loading" | "ready" | "refused" | "down";
    readonly reason?: string;
    readonly metrics?: unknown;
  };
  Outbox: {
    readonly epoch: string;
    /** Rows waiting, by class. */
    readonly depth: Readonly<Record<string, number>>;
    readonly bytes: number;
    /** Oldest waiting row. */
    readonly oldest_at: string | null;
    /** Rows dropped by the byte budget, by class. */
    readonly dropped: Readonly<Record<string, number>>;
  };
  Reach: {
    readonly tls: {
      readonly port: number;
      /** Addresses, then names; any of them. */
      readonly hosts: readonly string[];
      readonly authority: {
        readonly pem: string;
        /** Fingerprint. */
        readonly sha256: string;
      } | null;
      /** Fingerprint of the certificate itself, which changes when it is renewed. */
      readonly sha256: string;
      readonly expires_at: string;
    } | null;
    /** MQTT without encryption. */
    readonly plain: readonly {
      readonly host: string;
      readonly port: number;
    }[];
    /** What keeps devices out, a sentence each. */
    readonly faults: readonly string[];
    /** A command for DEVICE and PASSWORD; hearth-ca.pem holds the authority's pem. */
    readonly example: string;
  };
  Strip: {
    readonly person: string;
    readonly fromUs: number;
    readonly toUs: number;
    readonly traces: readonly ({
      readonly device: string;
      readonly stream: string;
      readonly channel: string;
      readonly unit: string;
      readonly lead?: string;
      readonly rateHz: number;
      /** Time of values[0], microseconds since 1970. */
      readonly startUs: number;
      /** Physical values; null = no sample. */
      readonly values: readonly (number | null)[];
    })[];
    readonly events: readonly ({
      readonly kind: "beat";
      readonly device: string;
      readonly stream: string;
      /** The R peak; microseconds since 1970. */
      readonly timeUs: number;
      readonly label: "N" | "S" | "V" | "F" | "Q";
      /** Probability of the label, 0 to 1. */
      readonly confidence: number;
      /** The interval that ends here; absent after a gap. */
      readonly rrMs?: number;
    } | {
      readonly kind: "rhythm";
      readonly device: string;
      readonly stream: string;
      /** Its begin; microseconds since 1970. */
      readonly timeUs: number;
      /** As in an MIT annotation: (N, (VT, (ASYS, [ … */
      readonly label: string;
    } | {
      readonly kind: "vital";
      readonly code: "hr" | "spo2" | "temp" | "resp";
      readonly device?: string;
      readonly stream?: string;
      /** When it was measured; microseconds since 1970. */
      readonly timeUs: number;
      readonly value: number;
      readonly unit: string;
    } | {
      readonly kind: "gap";
      readonly device: string;
      readonly stream: string;
      /** Begin; microseconds since 1970. */
      readonly fromUs: number;
      /** End; microseconds since 1970. */
      readonly toUs: number;
      /** Without one: no samples came. */
      readonly reason?: string;
    } | {
      readonly kind: "watched";
      readonly rule: string;
      /** Begin; microseconds since 1970. */
      readonly fromUs: number;
      /** End; microseconds since 1970. */
      readonly toUs: number;
    })[];
  };
  Coverage: {
    readonly person: string;
    readonly span_s: number;
    /** Watched seconds within the span, by rule. */
    readonly watched_s: Readonly<Record<string, number>>;
  };
  Wearing: {
    readonly device: string;
    readonly person: string;
    readonly placement: string;
    /** Begin. */
    readonly from: string;
    /** End; null = still. */
    readonly to: string | null;
  };
  LeaveBody: {
    /** The person's name or id, typed by whoever asks for it. */
    readonly confirm: string;
  };
  Receipt: {
    readonly id: string;
    /** When somebody asked for it. */
    readonly decided_at: string;
    /** When everything at home was erased. */
    readonly finished_at: string;
    /** What was there and is no more. */
    readonly erased: readonly {
      readonly what: string;
      readonly count: number;
    }[];
    readonly twin: {
      /** owed: the twin is asked as soon as it can be reached, and has not answered yet. */
      readonly state: "none" | "owed" | "erased";
      /** When it said that it has erased everything. */
      readonly answered_at?: string;
    };
    /** Where something of the person may still be, and why Hearth can't erase it there. */
    readonly remains: readonly {
      readonly where: string;
      readonly why: string;
    }[];
  };
  DemoAction: {
    readonly id: string;
    readonly title: string;
    readonly explains: string;
    /** The same in an expert's words. */
    readonly expert: string | null;
    readonly active: boolean;
  };
  Probe: {
    readonly device: string;
    /** How long was watched. */
    readonly seconds: number;
    readonly messages: number;
    readonly topics: readonly {
      /** Below the device's prefix; empty for a port. */
      readonly topic: string;
      readonly count: number;
      readonly least_bytes: number;
      readonly most_bytes: number;
      /** CBOR, JSON, bytes or mixed, by the first byte. */
      readonly encoding: string;
    }[];
    readonly streams: readonly ({
      readonly stream: string;
      /** The device's own description, field by field. */
      readonly fields: readonly {
        readonly field: string;
        /** As JSON, shortened. */
        readonly value?: string;
        /** missing, type, range, twice or unknown. */
        readonly fault?: string;
        /** default or unread. */
        readonly note?: string;
      }[];
      readonly rate_hz: number | null;
      readonly measured_hz: number | null;
      readonly batches: {
        readonly count: number;
        readonly least_samples: number;
        readonly most_samples: number;
        readonly boots: number;
        /** By the device's own numbers. */
        readonly missing_samples: number;
      } | null;
      readonly clock: number | null;
      readonly channels: readonly ({
        readonly channel: string;
        readonly unit: string;
        readonly low: number | null;
        readonly high: number | null;
      })[];
      readonly uses: readonly {
        readonly channel: string;
        readonly kind: string;
        readonly text: string;
      }[];
    })[];
    readonly findings: readonly {
      readonly code: string;
      readonly stream: string;
      readonly text: string;
      readonly help?: string;
    }[];
  };
  Problem: {
    readonly type: string;
    readonly title: string;
    readonly status: number;
    /** Stable; what programs should look at. */
    readonly code: string;
    readonly detail: string;
    /** The field that is wrong. */
    readonly field?: string;
  };
  VerbBody: {
    /** Name of the person who acts; a token with a name of its own goes first. */
    readonly by?: string;
    /** The same as `by`. */
    readonly name?: string;
    /** How long it stays quiet (acknowledge, snooze). */
    readonly minutes?: number;
    /** Why it is closed; a note beside an acknowledgement or a rejection, which everybody who is told of the alert sees. */
    readonly reason?: string;
  };
  WearingBody: {
    /** Who wears it from now on; null or absent = nobody. */
    readonly person?: string | null;
    /** Where on the body, for example chest or wrist. */
    readonly placement?: string;
    /** ISO 8601 or seconds since 1970; now unless told. Only for a time at which nobody wore it. */
    readonly since?: string;
  };
  NewPerson: {
    /** Short name in addresses, topics and logs; without one the next free of person-a, person-b … */
    readonly id?: string;
    /** What people call this person. */
    readonly name: string;
  };
  PersonName: {
    /** What people call this person from now on. */
    readonly name: string;
  };
  LimitsBody: {
    /** By name; null takes the person's own away, so that everybody's stands, or the rule is off. */
    readonly limits: Readonly<Record<string, number | null>>;
    /** True: a rule of high priority may tell less by this. */
    readonly confirm?: boolean;
  };
  NewDevice: {
    /** Over MQTT also its user and topic prefix; without one it is made of the title. */
    readonly id?: string;
    /** What people call it. */
    readonly title: string;
    /** hearth-stream unless told. */
    readonly driver?: string;
    /** As in hearth.yaml; {kind: mqtt} unless told. */
    readonly link?: Readonly<Record<string, unknown>>;
    /** The driver's own. */
    readonly options?: Readonly<Record<string, unknown>>;
    /** Who wears it from now on. */
    readonly person?: string;
    /** Where on the body. */
    readonly placement?: string;
  };
  DeviceTitle: {
    /** What people call it from now on. */
    readonly title: string;
  };
  ConditionBody: {
    /** What is so, in a few words. */
    readonly title: string;
    /** More of it, and what to do. */
    readonly text?: string;
    /** medium unless told; high only where hearth.yaml allows it (alerts.programsMayRaiseHigh). While it lasts it only rises. */
    readonly priority?: "info" | "low" | "medium" | "high";
    readonly value?: number;
    readonly unit?: string;
    readonly limit?: number;
    /** For so long it is believed without being said again; then its alert is closed with that reason. 3600 unless told. */
    readonly lease_s?: number;
    /** Name of the person or program that acts; a token with a name of its own goes first. */
    readonly by?: string;
  };
  ActBody: {
    /** Name of the person or program that acts; a token with a name of its own goes first. */
    readonly by?: string;
  };
  Condition: {
    readonly person: string;
    readonly rule: string;
    readonly priority: "info" | "low" | "medium" | "high";
    readonly title: string;
    readonly text: string | null;
    readonly value: number | null;
    readonly unit: string | null;
    readonly limit: number | null;
    /** Who said it last. */
    readonly by: string;
    /** Id of the alert that it raised. */
    readonly alert: string;
    /** When it began. */
    readonly since: string;
    /** When it was last said. */
    readonly said_at: string;
    /** When it is no longer believed unless it is said again. */
    readonly lease_until: string;
  };
  HelpCall: {
    readonly person: string;
    /** counting: it can be taken back; told: the alert is open and waits for a named person. */
    readonly state: "none" | "counting" | "told";
    /** Who pressed. */
    readonly by: string | null;
    /** When it is told, or was. */
    readonly due_at: string | null;
    /** Id of the alert that is open. */
    readonly alert: string | null;
    /** Seconds of the countdown that are left. */
    readonly remaining_s: number | null;
  };
  PresenceBody: {
    /** away: not in the home; paused: at home without sensors. Meanwhile silent sensors of the person alarm nobody. */
    readonly state: "home" | "away" | "paused";
    /** When the person is expected back, or to wear their sensors again: ISO 8601 or seconds since 1970. Away 12 hours unless told, 840 at most and 24 for an integrator; paused 0.5 hours unless told, 1 at most. */
    readonly until?: string;
    /** Name of the person or program that acts; a token with a name of its own goes first. */
    readonly by?: string;
  };
  Presence: {
    readonly state: "home" | "away" | "paused";
    /** Who said so; null while nobody has said anything. */
    readonly by: string | null;
    readonly since: string | null;
    /** When the person is expected back (away) or to wear their sensors again (paused). */
    readonly until: string | null;
    /** Signal of theirs has come again: from then on missing data is told as ever. */
    readonly seen_again_at: string | null;
    /** Not back at the time; an alert (presence.overdue) says it. */
    readonly overdue: boolean;
  };
  LearningBody: {
    /** undo: what was called normal under this number is taken back. again: everything that was learnt goes, and it is learnt anew. */
    readonly act: "undo" | "again";
    /** Of what is taken back. */
    readonly number?: number;
    /** Learnt again only here. */
    readonly placement?: string;
    /** Who says so, where the token names nobody. */
    readonly by?: string;
  };
  CalibrationRun: {
    /** arms-out: upright, arms hanging, then raised straight to the sides, palms down, and held. arms-down: upright with hanging arms, held; for whoever can't raise them. Then sensors are taken to be strapped on roughly as they should be. */
    readonly pose: "arms-out" | "arms-down";
    /** Placements that were left out. */
    readonly without: readonly string[];
    readonly state: "running" | "done" | "refused";
    /** Begin of the count-down: stand upright, arms hanging. */
    readonly start: string;
    /** The arms are raised from here on, in arms-out. */
    readonly ready: string;
    /** Hold still from here on … */
    readonly hold_from: string;
    /** … to here. */
    readonly hold_to: string;
    /** Why it was refused; nothing has changed then. */
    readonly faults: readonly ({
      readonly code: "missing" | "moved" | "gravity" | "arms" | "swapped" | "not-kept";
      readonly device: string | null;
      readonly placement: string | null;
      /** A sentence with the way out. */
      readonly text: string;
    })[];
    readonly number: number | null;
  };
  Calibration: {
    readonly person: string;
    readonly sensors: readonly ({
      readonly device: string;
      readonly placement: string;
      readonly calibrated_at: string | null;
    })[];
    readonly run: {
      /** arms-out: upright, arms hanging, then raised straight to the sides, palms down, and held. arms-down: upright with hanging arms, held; for whoever can't raise them. Then sensors are taken to be strapped on roughly as they should be. */
      readonly pose: "arms-out" | "arms-down";
      /** Placements that were left out. */
      readonly without: readonly string[];
      readonly state: "running" | "done" | "refused";
      /** Begin of the count-down: stand upright, arms hanging. */
      readonly start: string;
      /** The arms are raised from here on, in arms-out. */
      readonly ready: string;
      /** Hold still from here on … */
      readonly hold_from: string;
      /** … to here. */
      readonly hold_to: string;
      /** Why it was refused; nothing has changed then. */
      readonly faults: readonly ({
        readonly code: "missing" | "moved" | "gravity" | "arms" | "swapped" | "not-kept";
        readonly device: string | null;
        readonly placement: string | null;
        /** A sentence with the way out. */
        readonly text: string;
      })[];
      readonly number: number | null;
    } | null;
    /** Newest first. */
    readonly acts: readonly ({
      readonly number: number;
      readonly act: "pose" | "undo";
      readonly by: string;
      /** It holds from here on. */
      readonly from: string;
      readonly devices: readonly string[];
      readonly undoes: number | null;
    })[];
  };
  CalibrationBody: {
    /** undo: what held before the newest calibration holds again. */
    readonly act: "start" | "undo";
    /** arms-out: upright, arms hanging, then raised straight to the sides, palms down, and held. arms-down: upright with hanging arms, held; for whoever can't raise them. Then sensors are taken to be strapped on roughly as they should be. */
    readonly pose?: "arms-out" | "arms-down";
    /** Placements to leave out. */
    readonly without?: readonly string[];
    /** Who says so, where the token names nobody. */
    readonly by?: string;
  };
  Consent: {
    readonly person: string;
    /** Alerts of the person go to the twin. People at home are told in any case. */
    readonly alerts: boolean;
    /** Every sample from 15 s before to 15 s after a high or medium alert about the person. */
    readonly strips: boolean;
    /** What is allowed, by name of the stream; * = every other. */
    readonly streams: Readonly<Record<string, "none" | "event" | "semantic" | "raw">>;
    /** When it was last changed. */
    readonly since: string;
    /** By whom. */
    readonly by: string;
    /** What has left that tells of the person, frames as they went out, since midnight here. */
    readonly today_bytes: number;
    /** What goes now: the least of what is allowed, wished by the twin and possible. */
    readonly in_force: Readonly<Record<string, "none" | "event" | "semantic" | "raw">>;
    /** What the twin asks for beyond what is allowed; it takes effect when somebody who may allows it. */
    readonly waiting: Readonly<Record<string, "none" | "event" | "semantic" | "raw">>;
    /** Why less goes than is allowed: so much waits for the twin, or the twin has named no decoder. */
    readonly held_by: "backlog" | "decoder" | null;
    /** What whoever asks may change. */
    readonly may: "give" | "take_back" | "look";
  };
  ConsentBody: {
    readonly alerts?: boolean;
    /** Every sample from 15 s before to 15 s after a high or medium alert about the person. */
    readonly strips?: boolean;
    /** By name of the stream; * = every stream without a name of its own. What is not named stays. */
    readonly streams?: Readonly<Record<string, "none" | "event" | "semantic" | "raw">>;
    /** Who says so, where the token names nobody. */
    readonly by?: string;
  };
  WishBody: {
    /** The whole wish; it takes the place of the one before. */
    readonly settings: Readonly<Record<string, unknown>>;
    /** The version that the caller has seen; another newest one is a conflict. */
    readonly version?: number;
  };
  Desired: {
    /** Rises with every wish. */
    readonly version: number;
    /** What is wished: modes, people, decoders. */
    readonly settings: Readonly<Record<string, unknown>>;
    /** The twin's, over gateway, version and settings. */
    readonly signature: string;
  };
  Wish: {
    readonly desired: {
      /** Rises with every wish. */
      readonly version: number;
      /** What is wished: modes, people, decoders. */
      readonly settings: Readonly<Record<string, unknown>>;
      /** The twin's, over gateway, version and settings. */
      readonly signature: string;
    } | null;
    readonly reported: {
      /** Of the newest wish that has arrived. */
      readonly version: number;
      /** What is in force. */
      readonly settings: Readonly<Record<string, unknown>>;
      /** Wished, and not followed by this gateway. */
      readonly ignored: readonly string[];
      /** What would send more than somebody at home has allowed, and waits for that. */
      readonly waiting: Readonly<Record<string, unknown>>;
    } | null;
  };
  Learning: {
    readonly model: string;
    readonly version: string;
    /** Where on the body; device/stream where that is not stated. */
    readonly placement: string;
    /** changed: most of what is seen is unlike what was learnt; somebody should say whether that is how it is now. */
    readonly state: "learning" | "known" | "changed";
    /** Seconds of good signal that were learnt. */
    readonly learnt_s: number;
    readonly needed_s: number;
    readonly since: string;
    /** When it had learnt enough; since then nothing is learnt by itself. */
    readonly finished_at: string | null;
    /** Since when it is changed. */
    readonly changed_since: string | null;
    /** Learnt anew from the journal, because the model is another than before. */
    readonly from_record: boolean;
    /** What somebody has said is normal, and is in the memory; by its number it is taken back. */
    readonly normals: readonly {
      readonly number: number;
      readonly at: string;
      readonly by: string;
    }[];
  };
  LearnAct: {
    readonly number: number;
    readonly act: "normal" | "undo" | "again";
    readonly by: string;
    /** It holds from here on. */
    readonly from: string;
    readonly placement: string | null;
    /** The alert whose beats were called normal. */
    readonly alert: string | null;
    /** The number that was taken back. */
    readonly undoes: number | null;
  };
}

/** Each route by its method and path. */
export interface Routes {
  /** 200 while every part works, else 503. Programs of this machine are told which parts do not. */
  "GET /healthz": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      readonly status: string;
      readonly failing?: readonly string[];
    };
  };
  /** Prometheus text; never a person as a label. Open to programs of this machine; elsewhere, and through a proxy, an admin's or integrator's token is asked for (http.metrics). */
  "GET /metrics": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: string;
  };
  /** This document. */
  "GET /api/v1/openapi.json": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: Readonly<Record<string, unknown>>;
  };
  /** The gateway as a whole. */
  "GET /api/v1/status": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: Schemas["Status"];
  };
  /** Addresses, ports and certificate by which devices reach this home. */
  "GET /api/v1/reach": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: Schemas["Reach"];
  };
  /** Who lives here, with heart rate, its age and the watched time per rule. */
  "GET /api/v1/people": {
    path: Readonly<Record<string, never>>;
    query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    body: undefined;
    answer: {
      readonly people: readonly Schemas["Person"][];
      readonly cursor?: string;
    };
  };
  /** Adds a person (admin). */
  "POST /api/v1/people": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: Schemas["NewPerson"];
    answer: {
      readonly person: {
        readonly id: string;
        readonly name: string;
      };
    };
  };
  /** Devices with state, counters and who wore them when. */
  "GET /api/v1/devices": {
    path: Readonly<Record<string, never>>;
    query: {
      readonly person?: string;
      readonly limit?: number;
      readonly cursor?: string;
    };
    body: undefined;
    answer: {
      readonly devices: readonly Schemas["Device"][];
      readonly cursor?: string;
    };
  };
  /** Adds a device (admin). Over MQTT it has its account at once; the gateway is not started again. */
  "POST /api/v1/devices": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: Schemas["NewDevice"];
    answer: {
      readonly device: string;
      /** The device's MQTT account; the password is shown only here. */
      readonly account?: {
        readonly url: string;
        readonly networkUrl?: string;
        readonly user: string;
        readonly password: string;
        readonly topic: string;
      };
    };
  };
  /** Watches what the device sends, and answers when the time is over. */
  "GET /api/v1/devices/{id}/probe": {
    path: {
      readonly id: string;
    };
    query: {
      readonly seconds?: number;
    };
    body: undefined;
    answer: Schemas["Probe"];
  };
  /** Streams of all devices. */
  "GET /api/v1/streams": {
    path: Readonly<Record<string, never>>;
    query: {
      readonly person?: string;
      readonly limit?: number;
      readonly cursor?: string;
    };
    body: undefined;
    answer: {
      readonly streams: readonly Schemas["Stream"][];
      readonly cursor?: string;
    };
  };
  /** Models with version, hash and state. */
  "GET /api/v1/models": {
    path: Readonly<Record<string, never>>;
    query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    body: undefined;
    answer: {
      readonly models: readonly Schemas["Model"][];
      readonly cursor?: string;
    };
  };
  /** What waits for the twin. */
  "GET /api/v1/outbox": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      readonly outbox: Schemas["Outbox"];
    };
  };
  /** Alerts, newest first. */
  "GET /api/v1/alerts": {
    path: Readonly<Record<string, never>>;
    query: {
      readonly person?: string;
      readonly open?: boolean;
      readonly limit?: number;
      readonly cursor?: string;
    };
    body: undefined;
    answer: {
      readonly alerts: readonly Schemas["Alert"][];
      readonly cursor?: string;
    };
  };
  /** Takes responsibility for the alert, for everyone: quiet for 30 min (`minutes`: 15, 30, 60, 120; high only 15 or 30) while its condition lasts and does not grow worse. One that begins again more than 60 s after its end is a new alert and is told at once; its `spoke_again` says why. Repeating it answers already = true. */
  "POST /api/v1/alerts/{id}/acknowledge": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["VerbBody"];
    answer: {
      readonly alert: Schemas["Alert"];
      readonly already: boolean;
    };
  };
  /** Quiets the channel whose carer presses, at most 12 h (high at most 30 min). Refused for a person without a channel of their own. */
  "POST /api/v1/alerts/{id}/snooze": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["VerbBody"];
    answer: {
      readonly alert: Schemas["Alert"];
      readonly already: boolean;
    };
  };
  /** Says that this person cannot respond; everybody is told again at once. */
  "POST /api/v1/alerts/{id}/reject": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["VerbBody"];
    answer: {
      readonly alert: Schemas["Alert"];
      readonly already: boolean;
    };
  };
  /** Ends the alert with a reason. */
  "POST /api/v1/alerts/{id}/close": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["VerbBody"];
    answer: {
      readonly alert: Schemas["Alert"];
      readonly already: boolean;
    };
  };
  /** The signal that the alert was read from, 15 s on either side; no traces where none shows it or none is kept any more. */
  "GET /api/v1/alerts/{id}/strip": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: Schemas["Strip"];
  };
  /** Server-sent events: hello, ping, samples, quality, beat, event, alert, device, status. hello and alert have an id: come back with it in Last-Event-ID and what changed of alerts meanwhile is told first, over a restart of the gateway too (then each alert that changed, as it is now; one may come twice). reset instead says that too much came: read /alerts anew. The token may come as ?token= where a browser's EventSource cannot send a header. */
  "GET /api/v1/live": {
    path: Readonly<Record<string, never>>;
    query: {
      readonly token?: string;
      readonly person?: string;
      readonly events?: string;
      readonly kinds?: string;
    };
    body: undefined;
    answer: string;
  };
  /** Samples and events of a span of at most 10 min. */
  "GET /api/v1/people/{id}/strip": {
    path: {
      readonly id: string;
    };
    query: {
      readonly from: string | number;
      readonly to: string | number;
    };
    body: undefined;
    answer: Schemas["Strip"];
  };
  /** Watched seconds per rule within the span. */
  "GET /api/v1/people/{id}/coverage": {
    path: {
      readonly id: string;
    };
    query: {
      readonly from: string | number;
      readonly to: string | number;
    };
    body: undefined;
    answer: Schemas["Coverage"];
  };
  /** Who wears the device from now on, or since a time at which nobody wore it. What came before stays with whoever wore it then. */
  "PUT /api/v1/devices/{id}/wearing": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["WearingBody"];
    answer: {
      readonly device: string;
      readonly person: string | null;
      readonly placement: string;
    };
  };
  /** Conditions that other programs of the home have raised and that are true. */
  "GET /api/v1/conditions": {
    path: Readonly<Record<string, never>>;
    query: {
      readonly person?: string;
      readonly limit?: number;
      readonly cursor?: string;
    };
    body: undefined;
    answer: {
      readonly conditions: readonly Schemas["Condition"][];
      readonly cursor?: string;
    };
  };
  /** Raises a condition of another program (integrator, admin), or says it again: its alert lives as any other. {rule} begins with flow.; {id} is a person, or gateway for the house. One alert a person and rule, whoever says it. Say it again before its lease is over. */
  "PUT /api/v1/people/{id}/conditions/{rule}": {
    path: {
      readonly id: string;
      readonly rule: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["ConditionBody"];
    answer: {
      readonly condition: Schemas["Condition"];
      /** True where nothing had to be done. */
      readonly already: boolean;
    };
  };
  /** It is over (integrator, admin). A high alert stays open until a named person has acknowledged it. */
  "DELETE /api/v1/people/{id}/conditions/{rule}": {
    path: {
      readonly id: string;
      readonly rule: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["ActBody"];
    answer: {
      readonly condition: Schemas["Condition"] | null;
      /** True where nothing had to be done. */
      readonly already: boolean;
    };
  };
  /** Whether a call for help runs. */
  "GET /api/v1/people/{id}/help": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      readonly help: Schemas["HelpCall"];
    };
  };
  /** Calls for help for a person: told as a high alert (manual.help) when the countdown of 10 s is over. */
  "POST /api/v1/people/{id}/help": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["ActBody"];
    answer: {
      readonly help: Schemas["HelpCall"];
      /** True where nothing had to be done. */
      readonly already: boolean;
    };
  };
  /** Takes a call for help back while its countdown runs; 409 help.told afterwards. */
  "DELETE /api/v1/people/{id}/help": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["ActBody"];
    answer: {
      readonly help: Schemas["HelpCall"];
      /** True where nothing had to be done. */
      readonly already: boolean;
    };
  };
  /** Whether somebody is at home, away or paused. */
  "GET /api/v1/people/{id}/presence": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      readonly person: string;
      readonly presence: Schemas["Presence"];
    };
  };
  /** Says that somebody is away or wears no sensor for a while: nothing is told of their silent sensors until they are back, are seen again, or the time is over; what is measured is judged as ever. Who is not back in time is an alert (presence.overdue). Saying what is so already changes nothing. */
  "PUT /api/v1/people/{id}/presence": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["PresenceBody"];
    answer: {
      readonly person: string;
      readonly presence: Schemas["Presence"];
      /** True where nothing had to be done. */
      readonly already: boolean;
    };
  };
  /** A batch of Hearth Stream 1 (CBOR, or JSON as of the profile's short form), answered when the journal has it, 64 KiB at most. A device's own account (Basic) or an integrator's or admin's token. Sending the same batch again is harmless. What cannot be used is refused with the driver's code and field, as on cmd/error. */
  "POST /api/v1/streams/{device}/{stream}": {
    path: {
      readonly device: string;
      readonly stream: string;
    };
    query: Readonly<Record<string, never>>;
    body: Uint8Array | string;
    answer: {
      readonly device: string;
      readonly stream: string;
      /** This very batch was there: nothing is counted twice. */
      readonly already: boolean;
      /** Hash of the descriptor that the batch names and that is not known: it is kept, and read when that has come. */
      readonly wants_descriptor: string | null;
    };
  };
  /** The descriptor of a stream, as on <stream>/meta. */
  "PUT /api/v1/streams/{device}/{stream}/meta": {
    path: {
      readonly device: string;
      readonly stream: string;
    };
    query: Readonly<Record<string, never>>;
    body: Readonly<Record<string, unknown>>;
    answer: {
      readonly device: string;
      readonly stream: string;
      /** This very batch was there: nothing is counted twice. */
      readonly already: boolean;
      /** Hash of the descriptor that the batch names and that is not known: it is kept, and read when that has come. */
      readonly wants_descriptor: string | null;
    };
  };
  /** What a person's rules go by, with unit, range and everybody's number, and when it was changed. */
  "GET /api/v1/people/{id}/limits": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      readonly person: string;
      readonly limits: readonly ({
        readonly name: string;
        readonly describes: string;
        readonly unit?: string;
        readonly minimum?: number;
        readonly maximum?: number;
        /** This home's; absent where the rule is off until a person has a number of their own. */
        readonly everybodys?: number;
        /** This person's, before everybody's. */
        readonly own?: number;
        readonly rules: readonly string[];
        readonly priority?: "high" | "medium" | "low" | "info";
      })[];
      readonly changes: readonly {
        readonly from: string;
        readonly by: string;
      }[];
    };
  };
  /** Changes a person's own limits (admin), from the moment that is answered on. 409 limits.confirm asks for confirm where a high rule would tell less. */
  "PUT /api/v1/people/{id}/limits": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["LimitsBody"];
    answer: {
      readonly person: string;
      readonly from: string;
    };
  };
  /** Another name for a person (admin). */
  "PATCH /api/v1/people/{id}": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["PersonName"];
    answer: {
      readonly person: {
        readonly id: string;
        readonly name: string;
      };
    };
  };
  /** Another title for a device (admin). */
  "PATCH /api/v1/devices/{id}": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["DeviceTitle"];
    answer: {
      readonly device: string;
      readonly title: string;
    };
  };
  /** Takes a device out of the home (admin): its connection and its account end at once, what was recorded with it stays. */
  "DELETE /api/v1/devices/{id}": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      readonly device: string;
    };
  };
  /** A new password for a device (admin); the old one ends at once. */
  "POST /api/v1/devices/{id}/password": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      /** The device's MQTT account; the password is shown only here. */
      readonly account: {
        readonly url: string;
        readonly networkUrl?: string;
        readonly user: string;
        readonly password: string;
        readonly topic: string;
      };
    };
  };
  /** How far it is learnt what is usual for a person, and what people have said about it, newest first. */
  "GET /api/v1/people/{id}/learning": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      readonly person: string;
      readonly learning: readonly Schemas["Learning"][];
      readonly acts: readonly Schemas["LearnAct"][];
    };
  };
  /** Takes back what was called normal, or lets it be learnt again (caregiver, admin). */
  "POST /api/v1/people/{id}/learning": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["LearningBody"];
    answer: {
      readonly person: string;
      readonly number: number;
      /** It holds from here on. */
      readonly from: string;
    };
  };
  /** This is normal for this person (caregiver, admin): such beats are no longer unusual. It can be taken back by its number. */
  "POST /api/v1/alerts/{id}/normal": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["VerbBody"];
    answer: {
      readonly person: string;
      readonly number: number;
      /** It holds from here on. */
      readonly from: string;
    };
  };
  /** Which motion sensors of a person are calibrated since when, what came of the newest pose, and what was done, newest first. */
  "GET /api/v1/people/{id}/calibration": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: Schemas["Calibration"];
  };
  /** Begins the count-down to a pose that is held for three seconds, or takes the newest calibration back (caregiver, admin). What came of a pose is read at the same address. */
  "POST /api/v1/people/{id}/calibration": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["CalibrationBody"];
    answer: {
      readonly person: string;
      readonly run?: Schemas["CalibrationRun"];
      /** Of an undo. */
      readonly number?: number;
      /** Of an undo: it holds from here on. */
      readonly from?: string;
    };
  };
  /** What of a person may leave the house for the twin, how much of it did today, and since when. */
  "GET /api/v1/people/{id}/consent": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: Schemas["Consent"];
  };
  /** Changes it: the person and an admin either way, a carer only to less. What is taken back leaves no more from then on, rows that wait included. */
  "PUT /api/v1/people/{id}/consent": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["ConsentBody"];
    answer: Schemas["Consent"];
  };
  /** Erases the person from home and twin, for good (admin). The gateway closes for a moment to do so: every connection ends and may come again. The receipt is there when it is done. */
  "POST /api/v1/people/{id}/leave": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["LeaveBody"];
    answer: {
      readonly receipt: string;
    };
  };
  /** What was erased with those who have left (admin). */
  "GET /api/v1/receipts": {
    path: Readonly<Record<string, never>>;
    query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    body: undefined;
    answer: {
      readonly receipts: readonly Schemas["Receipt"][];
      readonly cursor?: string;
    };
  };
  /** One of them; 404 until everything at home is erased. */
  "GET /api/v1/receipts/{id}": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: Schemas["Receipt"];
  };
  /** The demo's buttons; empty in real mode. */
  "GET /api/v1/demo/actions": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      readonly actions: readonly Schemas["DemoAction"][];
      readonly cursor?: string;
    };
  };
  /** Presses a button of the demo. Playing a file takes a form with NAME.hea and NAME.dat (or NAME.mat), 64 MB at most; without a form it goes back. */
  "POST /api/v1/demo/actions/{id}": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Uint8Array | string;
    answer: {
      readonly actions: readonly Schemas["DemoAction"][];
      readonly cursor?: string;
    };
  };
  /** What is wished of this gateway at its twin, and what it has said of that. {id} is the gateway's, as in /status. */
  "GET /api/v1/twin/gateways/{id}/desired": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: Schemas["Wish"];
  };
  /** Wishes (admin): the twin signs it and sends it to the gateway. What asks for less is followed; what would send more than somebody at home has allowed waits for that (`waiting`), and what is no part of a wish (limits, rules, channels) is ignored. 409 where `version` is not the newest. */
  "PUT /api/v1/twin/gateways/{id}/desired": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["WishBody"];
    answer: {
      readonly desired: Schemas["Desired"];
    };
  };
  /** What the twin answers to GET /api/v1/{path}: gateways, people/{id}/state, vitals, beats, alerts, strip, pose, forecast. */
  "GET /api/v1/twin/{path}": {
    path: {
      readonly path: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: unknown;
  };
  /** Exchanges a one-time code for a session of this browser. A code works once, for 10 minutes; five wrong ones that begin like it end it. */
  "POST /api/v1/session": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: Schemas["SessionBody"];
    answer: {
      /** Send it as a bearer token. It ends after 30 days without a request, or when it is revoked. */
      readonly token: string;
      readonly session: Schemas["Grant"];
    };
  };
  /** Signs out: ends the session that asks. A token stays. */
  "DELETE /api/v1/session": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      readonly ended: boolean;
    };
  };
  /** A one-time code for another screen: with an empty body for oneself; for a role, persons or a name only an admin may. */
  "POST /api/v1/sign-in-codes": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: Schemas["CodeBody"];
    answer: Schemas["SignInCode"];
  };
  /** Browsers that are signed in. Admin only. */
  "GET /api/v1/sessions": {
    path: Readonly<Record<string, never>>;
    query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    body: undefined;
    answer: {
      readonly sessions: readonly Schemas["Grant"][];
      readonly cursor?: string;
    };
  };
  /** Ends a session at once, with its live stream. Admin only. */
  "DELETE /api/v1/sessions/{id}": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      readonly revoked: string;
    };
  };
  /** Tokens, never their secrets. Admin only. */
  "GET /api/v1/tokens": {
    path: Readonly<Record<string, never>>;
    query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    body: undefined;
    answer: {
      readonly tokens: readonly Schemas["Grant"][];
      readonly cursor?: string;
    };
  };
  /** Makes a token. Admin only. */
  "POST /api/v1/tokens": {
    path: Readonly<Record<string, never>>;
    query: Readonly<Record<string, never>>;
    body: Schemas["TokenBody"];
    answer: {
      /** Shown only now; only its hash is kept. */
      readonly token: string;
      readonly grant: Schemas["Grant"];
    };
  };
  /** Binds a token to persons, or to everybody. Its sessions end. Admin only. */
  "PUT /api/v1/tokens/{id}": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: Schemas["BindBody"];
    answer: {
      readonly grant: Schemas["Grant"];
    };
  };
  /** Ends a token at once, with its sessions, codes and live streams. Admin only. */
  "DELETE /api/v1/tokens/{id}": {
    path: {
      readonly id: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      readonly revoked: string;
    };
  };
  /** Accounts of the home's broker. Admin only. */
  "GET /api/v1/accounts": {
    path: Readonly<Record<string, never>>;
    query: {
      readonly limit?: number;
      readonly cursor?: string;
    };
    body: undefined;
    answer: {
      readonly accounts: readonly Schemas["Account"][];
      readonly cursor?: string;
    };
  };
  /** Ends a device's or program's account at once: its connection is closed and refused from now on. Admin only. */
  "DELETE /api/v1/accounts/{user}": {
    path: {
      readonly user: string;
    };
    query: Readonly<Record<string, never>>;
    body: undefined;
    answer: {
      readonly revoked: string;
    };
  };
}

