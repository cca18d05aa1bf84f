/** A GatewayView without a gateway: synthetic people, traces and alerts on a given clock, for tests of HTTP and page. */

import type { Clock } from "../../device-drivers/contract/clock.ts";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import { type AlertRecord, isOpen, type PersonEvent } from "../../device-drivers/contract/event.ts";
import type { ChannelKind } from "../../device-drivers/contract/sample-block.ts";
import type { Verb } from "../../gateway/alert/verbs.ts";
import type { Wearing } from "../../gateway/store/store-port.ts";
import type { StripView } from "../../gateway/strips/strip-view.ts";
import { createAlertLog } from "../../gateway/view/alert-log.ts";
import type { Caller, DemoAction, DeviceView, GatewayView, LiveMessage, PersonView, StreamView } from "../../gateway/view/view-port.ts";
import { createFakeConsent, type FakeConsent } from "./fake-consent.ts";
import { createFakeOutside } from "./fake-outside.ts";
import { createFakeSetup } from "./fake-setup.ts";
import { accelG, beatsBetween, ecgMv, gapS, isNoisy, pleth } from "./fake-signals.ts";

export interface FakeView extends GatewayView {
  /** Sends one message to every live listener. */
  emit(message: LiveMessage): void;
  /** Starts sending synthetic samples every 250 ms of the clock; returns its end. */
  play(): () => void;
  raise(alert: Partial<AlertRecord> & { id: string }): AlertRecord;
  readonly acts: { id: string; verb: Verb; caller: Caller; minutes?: number; reason?: string }[];
  readonly uploads: { id: string; files: { name: string; bytes: number }[] }[];
  /** Says from now on that this person's signal has this quality, whatever the traces show. */
  setQuality(person: string, level: "good" | "poor" | "bad"): void;
  setFindings(device: string, findings: DeviceView["findings"]): void;
  setVitals(person: string, vitals: PersonView["vitals"]): void;
  /** Says from now on what the person's one heart rate is, or why there is none. */
  setHeartRate(person: string, shown: HeartRateShown): void;
  setLearning(person: string, learning: PersonView["learning"]): void;
  readonly consents: FakeConsent;
  /** Makes the next call of any async method fail with this error. */
  failNext(error: Error): void;
  /** Makes the next alert verb fail with this error. */
  failNextAct(error: Error): void;
  readonly listenerCount: () => number;
}

const stepMs = 250;
/** Person A is seen by an ECG, the others by light. */
const rateSource = (person: string, nowUs: number) => {
  const of =
    person === "person-a"
      ? ({ device: "chest-strap", stream: "ecg", kind: "ecg" } as const)
      : ({ device: "wrist-band", stream: "ppg", kind: "ppg" } as const);
  return { ...of, quality: "good", freshUs: nowUs + 5_000_000 } as const;
};
const fingerprint = (byte: string) => Array<string>(32).fill(byte).join(":");

type HeartRateShown = Pick<PersonView, "heartRateBpm" | "heartRateAgeS" | "heartRateSource" | "heartRateDisagreement">;

interface FakeChannel {
  device: string;
  stream: string;
  channel: string;
  kind: ChannelKind;
  unit: string;
  lead?: string;
  person: string;
  rateHz: number;
  value: (timeS: number) => number | undefined;
}

const channels: readonly FakeChannel[] = [
  {
    device: "chest-strap",
    stream: "ecg",
    channel: "ecg",
    kind: "ecg",
    unit: "mV",
    lead: "MLII",
    person: "person-a",
    rateHz: 250,
    value: ecgMv,
  },
  ...["x", "y", "z"].map((axis, i) => ({
    device: "motion-tag",
    stream: "imu",
    channel: axis,
    kind: "acc" as const,
    unit: "g",
    person: "person-a",
    rateHz: 100,
    value: (t: number) => accelG(i, t),
  })),
  {
    device: "wrist-band",
    stream: "ecg",
    channel: "ecg",
    kind: "ecg",
    unit: "mV",
    lead: "I",
    person: "person-b",
    rateHz: 125,
    value: (t) => ecgMv(t + 11.3),
  },
  { device: "wrist-band", stream: "ppg", channel: "ir", kind: "ppg", unit: "%", person: "person-b", rateHz: 64, value: pleth },
];

/** Makes the fake; `startUs` of the clock is the begin of its world. */
export function createFakeView(clock: Clock): FakeView {
  const startUs = clock.wallUs();
  const listeners = new Set<(message: LiveMessage) => void>();
  const alerts = new Map<string, AlertRecord>();
  const alertLog = createAlertLog("fake", {
    figures: () => ({ ...{ writtenBytesTotal: 0, transactionsTotal: 0, refusedCommits: 0, heldAlerts: [] }, position: "0a.1" }),
    alertsAfter: async () => undefined,
  });
  const acts: FakeView["acts"] = [];
  const uploads: FakeView["uploads"] = [];
  const wearings: Wearing[] = [
    { device: "chest-strap", person: "person-a", placement: "chest", fromUs: startUs },
    { device: "motion-tag", person: "person-a", placement: "hip", fromUs: startUs },
    { device: "wrist-band", person: "person-b", placement: "wrist", fromUs: startUs },
  ];
  const persons = new Map([
    ["person-a", "Person A"],
    ["person-b", "Person B"],
  ]);
  const consents = createFakeConsent({ people: () => [...persons.keys()], nowUs: clock.wallUs });
  const outside = createFakeOutside(clock, () => [...persons.keys()].map((id) => ({ id })));
  const added = new Map<string, string>();
  const actions = new Map<string, DemoAction>(
    [
      {
        id: "unplug-strap",
        title: "Unplug strap",
        explains: "Pulls the chest strap's electrodes. Rhythm alerts of that strap go blind and say so.",
      },
      {
        id: "cut-internet",
        title: "Cut the internet",
        explains: "The line to the twin is down. Detection and alerts at home go on; the twin catches up later.",
      },
      { id: "motion-noise", title: "Motion noise", explains: "Shakes the strap. The number is replaced by 'poor signal'." },
      { id: "kill-model-host", title: "Kill the model host", explains: "Ends the process that runs the models. It comes back by itself." },
      {
        id: "play-my-file",
        title: "Play my file",
        explains: "Plays your own WFDB record (NAME.hea and NAME.dat) through the same pipeline.",
      },
    ].map((action) => [action.id, { ...action, expert: `In an expert's words: ${action.id}.`, active: false }]),
  );
  let failure: Error | undefined;
  let actFailure: Error | undefined;
  let steppedUs = startUs;

  const nowUs = () => clock.wallUs();
  const ageS = () => (nowUs() - startUs) / 1e6;
  const isUnplugged = () => actions.get("unplug-strap")?.active === true;
  const findings = new Map<string, DeviceView["findings"]>();
  const vitals = new Map<string, PersonView["vitals"]>();
  const heartRates = new Map<string, HeartRateShown>();
  const learnings = new Map<string, PersonView["learning"]>();
  const fixedQuality = new Map<string, "good" | "poor" | "bad">();
  const qualityOf = (person: string) =>
    fixedQuality.get(person) ?? (isNoisy(nowUs() / 1e6 + (person === "person-b" ? 11.3 : 0)) ? "poor" : "good");
  const settle = async <T>(value: () => T): Promise<T> => {
    if (failure === undefined) return value();
    const error = failure;
    failure = undefined;
    throw error;
  };

  function devices(): DeviceView[] {
    return [
      { id: "chest-strap", title: "Chest strap", driver: "hearth-stream", link: "mqtt" },
      { id: "motion-tag", title: "Motion tag", driver: "xsens-mti", link: "serial" },
      { id: "wrist-band", title: "Wrist band", driver: "hearth-stream", link: "mqtt" },
      { id: "spare-strap", title: "Spare strap", driver: "hearth-stream", link: "mqtt" },
      ...[...added].map(([id, title]) => ({ id, title, driver: "hearth-stream", link: "mqtt" })),
    ].map((device) => {
      const worn = wearings.find((wearing) => wearing.device === device.id && wearing.toUs === undefined);
      const isOff = device.id === "chest-strap" && isUnplugged();
      const isWaiting = device.id === "spare-strap" || added.has(device.id);
      return {
        ...device,
        ...(worn === undefined ? {} : { person: worn.person, placement: worn.placement }),
        state: isWaiting ? "waiting" : isOff ? "lead-off" : "online",
        ...(isWaiting ? {} : { lastSampleUs: nowUs() - 300_000, lastUsableUs: nowUs() - 300_000 }),
        ...(isWaiting ? {} : { lastBytesUs: nowUs() - 200_000 }),
        findings: findings.get(device.id) ?? [],
        counters: { frames: Math.floor(ageS() * 4), bytesSkipped: 0, checksumFails: 0, sequenceGaps: Math.floor(ageS() / 24), resyncs: 0 },
      };
    });
  }

  function streams(): StreamView[] {
    const keys = [...new Set(channels.map((channel) => `${channel.device}/${channel.stream}`))];
    return keys.map((key) => {
      const own = channels.filter((channel) => `${channel.device}/${channel.stream}` === key);
      const [first] = own as [FakeChannel];
      return {
        device: first.device,
        stream: first.stream,
        person: first.person,
        rateHz: first.rateHz,
        channels: own.map(({ channel, kind, unit, lead }) => ({ id: channel, kind, unit, ...(lead === undefined ? {} : { lead }) })),
        quality: qualityOf(first.person),
        contact: "on",
        lastSampleUs: nowUs() - 300_000,
        samplesTotal: Math.floor(ageS() * first.rateHz),
        gapSecondsTotal: Math.floor(ageS() / 24) * (gapS[1] - gapS[0]),
        uses: own.map(({ channel, kind }) => ({ channel, kind, use: "beats", text: "read by the rules of heartbeat and rhythm" })),
        noValueTotal: { absent: 0, implausible: 0 },
      };
    });
  }

  function valuesOf(channel: FakeChannel, fromUs: number, count: number): (number | null)[] {
    if (channel.device === "chest-strap" && isUnplugged()) return new Array<null>(count).fill(null);
    return Array.from({ length: count }, (_, i) => channel.value(fromUs / 1e6 + i / channel.rateHz) ?? null);
  }

  function eventsOf(person: string, fromUs: number, toUs: number): PersonEvent[] {
    const device = person === "person-a" ? "chest-strap" : "wrist-band";
    const shiftS = person === "person-a" ? 0 : 11.3;
    return beatsBetween(fromUs / 1e6 + shiftS, toUs / 1e6 + shiftS).map((beat) => ({
      kind: "beat",
      device,
      stream: "ecg",
      timeUs: Math.round((beat.timeS - shiftS) * 1e6),
      label: beat.label,
      confidence: 0.97,
    }));
  }

  function emit(message: LiveMessage): void {
    for (const listener of listeners) listener(message);
  }

  function step(): void {
    const fromUs = steppedUs;
    steppedUs = nowUs();
    for (const channel of channels) {
      const first = Math.ceil((fromUs * channel.rateHz) / 1e6);
      const next = Math.ceil((steppedUs * channel.rateHz) / 1e6);
      const startAtUs = (first / channel.rateHz) * 1e6;
      const { device, stream, unit, person, rateHz } = channel;
      emit({
        kind: "samples",
        person,
        device,
        stream,
        channel: channel.channel,
        channelKind: channel.kind,
        unit,
        startUs: startAtUs,
        rateHz,
        values: valuesOf(channel, startAtUs, next - first),
      });
    }
    for (const [person, device] of [
      ["person-a", "chest-strap"],
      ["person-b", "wrist-band"],
    ] as const) {
      for (const event of eventsOf(person, fromUs - 500_000, steppedUs - 500_000)) emit({ kind: "event", person, event });
      emit({
        kind: "quality",
        person,
        device,
        stream: "ecg",
        timeUs: nowUs(),
        level: qualityOf(person),
        contact: device === "chest-strap" && isUnplugged() ? "off" : "on",
      });
    }
  }

  const view: FakeView = {
    isStored: () => true,
    acts,
    uploads,
    emit,
    listenerCount: () => listeners.size,
    setQuality: (person, level) => void fixedQuality.set(person, level),
    setFindings: (device, found) => void findings.set(device, found),
    setHeartRate: (person, shown) => void heartRates.set(person, shown),
    setLearning: (person, learning) => void learnings.set(person, learning),
    setVitals: (person, measured) => void vitals.set(person, measured),
    failNextAct(error) {
      actFailure = error;
    },
    failNext(error) {
      failure = error;
    },
    play: () => clock.every(stepMs, step),
    raise(partial) {
      const alert: AlertRecord = {
        person: "person-a",
        rule: "rhythm.vt",
        device: "chest-strap",
        priority: "high",
        kind: "physiological",
        state: "notified",
        mode: "demo",
        onsetUs: nowUs() - 6_000_000,
        raisedUs: nowUs() - 3_000_000,
        lastSeenUs: nowUs(),
        count: 1,
        value: 168,
        unit: "/min",
        limit: 100,
        quality: "good",
        about: { stream: "ecg" },
        model: { id: "ecg-beat", version: "1.0.0" },
        snoozes: [],
        deliveries: [{ channel: "page", receipt: "p-1", atUs: nowUs() }],
        ...partial,
      };
      alerts.set(alert.id, alert);
      emit(alertLog.add(alert, "raised"));
      return alert;
    },
    status: () => ({
      gateway: "demo",
      version: "0.1.0",
      mode: "demo",
      timeUs: nowUs(),
      uptimeS: ageS(),
      people: 2,
      devices: devices().length,
      openAlerts: [...alerts.values()].filter(isOpen).length,
      uplink: {
        connected: actions.get("cut-internet")?.active !== true,
        lastAckUs: nowUs() - 2_000_000,
        depth: actions.get("cut-internet")?.active === true ? 14 : 0,
      },
      meter: { bytesRaw: Math.floor(ageS() * 3200), bytesSent: Math.floor(ageS() * 58), ratio: 55.2, onsetToAlertS: 2.4 },
      health: [{ part: "model host", ok: actions.get("kill-model-host")?.active !== true }],
      repairs: [],
      refusals: [
        {
          ...{
            where: "mqtt",
            reason: "acl_publish",
            account: "wrist-band",
            topic: "hearth/v1/demo/chest-strap/ecg/raw",
            address: "192.168.0.9",
          },
          ...{ firstUs: startUs, lastUs: startUs, count: 3 },
        },
      ],
      carers: ["Person B"],
      notice: "Synthetic signals; nobody's recording.",
      ports: { http: 8099, mqtt: 1883, twin: 8098, twin_mqtt: 8097 },
    }),
    people: () =>
      [...persons].map(([id, name]) => {
        const quality = qualityOf(id);
        const seconds = Math.max(0, Math.floor(ageS() - 10));
        return {
          id,
          name,
          ...(heartRates.get(id) ??
            (quality === "good"
              ? { heartRateBpm: id === "person-a" ? 75 : 68, heartRateAgeS: 1, heartRateSource: rateSource(id, nowUs()) }
              : {})),
          quality,
          devices: wearings.filter((wearing) => wearing.person === id && wearing.toUs === undefined).map((wearing) => wearing.device),
          presence: outside.presence.of(id),
          help: outside.help.state(id),
          openAlerts: [...alerts.values()].filter((alert) => alert.person === id && isOpen(alert)).length,
          vitals: vitals.get(id) ?? [],
          learning: learnings.get(id) ?? [],
          watchedS: {
            "rhythm.vt": seconds,
            "rhythm.asystole": seconds,
            "hr.high": Math.max(0, seconds - 8),
            "rhythm.pause": seconds,
            "data.missing": Math.floor(ageS()),
          },
        };
      }),
    devices,
    streams,
    probe: async (device, seconds) => ({
      ...{ device, seconds, messages: 2 },
      topics: [{ topic: "ecg/raw", count: 2, leastBytes: 570, mostBytes: 575, encoding: "CBOR" as const }],
      streams: [
        {
          ...{ stream: "ecg", fields: [{ field: "rateHz", value: "250" }], rateHz: 250, measuredHz: 249.9, clock: 1 as const },
          batches: { count: 2, leastSamples: 250, mostSamples: 250, boots: 1, missingSamples: 0 },
          channels: [{ channel: "ecg", unit: "mV", low: -0.2, high: 1.1 }],
          uses: [],
        },
        { stream: "spo2", fields: [{ field: "rateHz", fault: "missing" as const }] },
      ],
      findings: [],
    }),
    models: () => [{ id: "ecg-beat", version: "1.0.0", sha256: "0".repeat(64), precision: "int8", state: "ready" }],
    wearings: () => settle(() => [...wearings]),
    ...{ consent: consents.desk, consents },
    setup: createFakeSetup({
      people: persons,
      devices: added,
      wear: (device, person, placement) =>
        settle(() => {
          const index = wearings.findIndex((wearing) => wearing.device === device && wearing.toUs === undefined);
          const old = wearings[index];
          if (old !== undefined) wearings[index] = { ...old, toUs: nowUs() };
          if (person !== undefined) wearings.push({ device, person, placement, fromUs: nowUs() });
        }),
    }),
    alert: (id) => settle(() => alerts.get(id)),
    alerts: ({ person, persons, open, limit = 100, cursor }) =>
      settle(() => {
        const all = [...alerts.values()]
          .filter(
            (alert) =>
              (person === undefined || alert.person === person) &&
              (persons?.includes(alert.person) ?? true) &&
              (open === undefined || open === isOpen(alert)),
          )
          .sort((a, b) => b.raisedUs - a.raisedUs);
        const from = cursor === undefined ? 0 : Number(cursor);
        return { alerts: all.slice(from, from + limit), ...(from + limit < all.length ? { cursor: String(from + limit) } : {}) };
      }),
    act: (id, verb, caller, options) =>
      settle(() => {
        const planned = actFailure;
        actFailure = undefined;
        if (planned !== undefined) throw planned;
        const alert = alerts.get(id);
        if (alert === undefined) throw new GatewayError("alert.unknown", "operator", "There is no such alert.");
        acts.push({ id, verb, caller, ...options });
        if (verb === "acknowledge" && alert.acknowledgedBy !== undefined) return { alert, already: true };
        const changes: Partial<AlertRecord> =
          verb === "acknowledge"
            ? {
                state: "acknowledged",
                acknowledgedBy: caller.name,
                acknowledgedAtUs: nowUs(),
                acknowledgedUntilUs: nowUs() + (options.minutes ?? 30) * 60e6,
                ...(options.reason === undefined ? {} : { notes: [{ by: caller.name, verb, atUs: nowUs(), text: options.reason }] }),
              }
            : verb === "snooze"
              ? { snoozes: [...alert.snoozes, { by: caller.name, untilUs: nowUs() + (options.minutes ?? 15) * 60e6 }] }
              : verb === "reject"
                ? { state: "rejected" }
                : { state: "closed", endedUs: nowUs(), ...(options.reason === undefined ? {} : { closeReason: options.reason }) };
        const changed: AlertRecord = { ...alert, ...changes };
        alerts.set(id, changed);
        emit(alertLog.add(changed, `${verb}d`));
        return { alert: changed, already: false };
      }),
    streamsIn: {
      identify: async (account) => ({ account, maySend: (device) => device === account }),
      send: async () => ({ already: false }),
    },
    ...outside,
    reach: () => ({
      tls: {
        port: 8883,
        hosts: ["192.168.1.5", "home.local"],
        authority: {
          pem: "-----BEGIN CERTIFICATE-----\nMIIBZzCCAQygAwIBAgIBATAKBggqhkjOPQQDAjAZ\n-----END CERTIFICATE-----\n",
          fingerprint: fingerprint("A1"),
        },
        fingerprint: fingerprint("B2"),
        expiresMs: clock.wallUs() / 1000 + 86_400_000 * 300,
      },
      plain: [{ host: "127.0.0.1", port: 1883 }],
      faults: [],
      example:
        'mosquitto_pub -h 192.168.1.5 -p 8883 --cafile hearth-ca.pem -u DEVICE -P PASSWORD -i DEVICE -q 1 -t hearth/v1/home/DEVICE/temp/raw -m \'{"rateHz":1,"unit":"Cel","x":36.6}\'',
    }),
    outbox: () =>
      settle(() => ({
        epoch: "0102030405060708",
        depth: { alert: 0, status: 0, semantic: 0, raw: 0 },
        bytes: 0,
        dropped: { alert: 0, status: 0, semantic: 0, raw: 0 },
      })),
    strip: (person, fromUs, toUs) =>
      settle((): StripView => {
        const traces = channels
          .filter((channel) => channel.person === person)
          .map((channel) => {
            const first = Math.ceil((fromUs * channel.rateHz) / 1e6);
            const startAtUs = (first / channel.rateHz) * 1e6;
            const { device, stream, unit, rateHz, lead } = channel;
            const values = valuesOf(channel, startAtUs, Math.max(0, Math.ceil((toUs * rateHz) / 1e6) - first));
            return {
              device,
              stream,
              channel: channel.channel,
              unit,
              rateHz,
              startUs: startAtUs,
              values,
              ...(lead === undefined ? {} : { lead }),
            };
          });
        return { person, fromUs, toUs, traces, events: eventsOf(person, fromUs, toUs) };
      }),
    async alertStrip(id) {
      const alert = alerts.get(id);
      if (alert === undefined) throw new GatewayError("alert.unknown", "operator", "There is no alert with this id.");
      const strip = await view.strip(alert.person, alert.onsetUs - 15e6, Math.min(nowUs(), alert.raisedUs + 15e6));
      const { stream, channel } = alert.about ?? {};
      const isAbout = (trace: StripView["traces"][number]) =>
        trace.device === alert.device && trace.stream === stream && (channel === undefined || trace.channel === channel);
      return { ...strip, toUs: alert.raisedUs + 15e6, traces: strip.traces.filter(isAbout) };
    },
    coverage: (_person, fromUs, toUs) => settle(() => ({ "rhythm.vt": Math.min((toUs - fromUs) / 1e6, ageS()), "hr.high": 0 })),
    alertsNow: alertLog.now,
    alertsAfter: alertLog.after,
    live(listener, wants) {
      const own = (message: LiveMessage) => {
        if (message.kind === "samples" && wants?.channelKinds.has(message.channelKind) === false) return;
        if (message.kind !== "result" || wants?.results === true) listener(message);
      };
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    metrics: () => "# HELP hearth_alert_active Open alerts.\n# TYPE hearth_alert_active gauge\n",
    demoActions: () => [...actions.values()],
    demoAct: (id, upload) =>
      settle(() => {
        const action = actions.get(id);
        if (action === undefined) return;
        if (upload !== undefined) uploads.push({ id, files: upload.map((file) => ({ name: file.name, bytes: file.bytes.length })) });
        actions.set(id, { ...action, active: id === "play-my-file" ? true : !action.active });
        emit({ kind: "status", status: view.status() });
      }),
  };
  return view;
}
