/** The gateway's figures for Prometheus (lessons-from-peers.md §5). Read at each scrape, none with a person in a label (law 8). */

import { monitorEventLoopDelay } from "node:perf_hooks";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { ChannelFigures } from "../alert/notify.ts";
import type { Keeping } from "../disk/keeping.ts";
import type { ModelHost } from "../inference/inference-port.ts";
import type { Broker } from "../ingest/broker-port.ts";
import type { DayBudget, Journal } from "../journal/journal-port.ts";
import { createMetrics } from "../runtime/metrics.ts";
import type { Store } from "../store/store-port.ts";
import type { Sync } from "../sync/start-sync.ts";
import type { DeviceView, StreamView } from "./view-port.ts";

export interface GaugeSources {
  readonly journal: Pick<Journal, "figures">;
  readonly dayBudget: Pick<DayBudget, "overBytes">;
  readonly store: Pick<Store, "figures">;
  readonly host: Pick<ModelHost, "figures" | "models">;
  readonly broker: Pick<Broker, "counters" | "clients">;
  readonly streams: () => readonly StreamView[];
  readonly openAlerts: () => readonly AlertRecord[];
  readonly nowUs: () => number;
  /** Undefined in a home without a twin. */
  readonly sync: Pick<Sync, "state" | "bytesSent" | "depth" | "refused" | "withheld"> | undefined;
  readonly channels: () => ChannelFigures;
  readonly keeping: Pick<Keeping, "stage" | "freeBytes">;
  readonly notKeptCount: () => number;
  /** By part of the analysis. */
  readonly analysisFaults: () => Readonly<Record<string, number>>;
  readonly lostLogLines: () => number;
  readonly devices: () => readonly Pick<DeviceView, "id" | "counters">[];
  /** Undefined where no certificate is in use. */
  readonly certificateLeftS: () => number | undefined;
}

export interface GatewayMetrics {
  /** A channel took a message so long after it was due. */
  delivered(channel: string, seconds: number): void;
  text(): string;
  /** p99 of the event loop's delay since the last call, ms; scrapes have a measurement of their own. */
  lagP99Ms(): number;
  close(): void;
}

/** Budgets of alerts.md §2 among them: 10 s for high, 60 s for medium. */
const deliveryBoundsS = [0.1, 0.5, 1, 2, 5, 10, 30, 60];

export function createGatewayMetrics(sources: GaugeSources): GatewayMetrics {
  const { broker, sync } = sources;
  const metrics = createMetrics();
  // Reading begins anew, so each reader has its own: a scrape must not hide a slow minute from the check that tells it.
  const lag = createLagMeter();
  const scrapedLag = createLagMeter();
  const gauge = (name: string, help: string) => metrics.gauge(name, help);
  const received = gauge("hearth_ingest_received_total", "Messages or reads received, by device");
  const frames = gauge("hearth_ingest_frames_total", "Frames decoded, by device");
  const discarded = gauge("hearth_ingest_discarded_total", "Frames and bytes refused, by device and reason");
  const samples = gauge("hearth_stream_samples_total", "Samples taken in, by device and stream");
  const gaps = gauge("hearth_gap_seconds_total", "Seconds without samples, by device and stream");
  const withoutValue = gauge(
    "hearth_vital_no_value_total",
    "Seconds or samples of a vital sign without a value, by device, stream and reason",
  );
  const nominalHz = gauge("hearth_stream_nominal_hz", "Samples a second as the descriptor says, by device and stream");
  const measuredHz = gauge("hearth_stream_measured_hz", "Samples a second as they arrive, by device and stream");
  const lagS = gauge("hearth_stream_lag_seconds", "From the end of the newest placed block to its arrival, by device and stream");
  const uncertain = gauge("hearth_stream_uncertain", "1 while a device's clock, sample numbers or rate contradict what arrives");
  const corrected = gauge("hearth_stream_corrected_total", "Blocks whose clock or sample numbers were replaced, by what was wrong");
  const dropped = gauge("hearth_stream_dropped_samples_total", "Samples kept and not analysed, by reason");
  const journalled = gauge("hearth_journal_records_total", "Records journalled");
  const written = gauge("hearth_disk_written_bytes_total", "Bytes handed to the disk, by part");
  const notKept = gauge("hearth_journal_not_kept_total", "Batches that were judged and not kept, because the disk refused them");
  const beyondDay = gauge(
    "hearth_journal_over_day_bytes_total",
    "Bytes that a device sent beyond its share of a day and that were not kept",
  );
  const faults = gauge("hearth_analysis_faults_total", "Times that a part of the analysis failed and was passed over, by part");
  const unstored = gauge("hearth_store_refused_commits", "Commits that the disk refuses so far and that wait in memory");
  const free = gauge("hearth_disk_free_bytes", "Free bytes of the journal's disk");
  const reserved = gauge("hearth_disk_reserve_there", "1 while the reserve for alerts and starts is in its place");
  const depth = gauge("hearth_outbox_depth", "Rows that wait for the twin, by class");
  const connected = gauge("hearth_uplink_connected", "1 while the twin answers");
  const sent = gauge("hearth_uplink_sent_bytes_total", "Bytes of frames sent to the twin");
  const notTaken = gauge("hearth_uplink_refusals_total", "Acknowledgements and wishes of the twin that were refused, by reason");
  const withheld = gauge(
    "hearth_outbox_withheld_total",
    "Rows for the twin that were deleted instead of sent, by reason: no_consent, unreadable",
  );
  const active = gauge("hearth_alert_active", "Open alerts, by kind and priority");
  const unacked = gauge("hearth_alert_unacked_seconds", "Age of the oldest open alert that nobody has acknowledged");
  const taken = gauge("hearth_channel_sent_total", "Messages that a channel took");
  const failed = gauge("hearth_channel_failed_total", "Attempts that a channel did not take");
  const delivery = metrics.histogram(
    "hearth_alert_delivery_seconds",
    "From a message being due to a channel's acceptance",
    deliveryBoundsS,
  );
  const unknown = gauge("hearth_inference_unknown_total", "Windows without an answer, by reason");
  const runs = gauge("hearth_inference_windows_total", "Windows submitted");
  const restarts = gauge("hearth_inference_restarts_total", "Restarts of the model host");
  const refusals = gauge("hearth_broker_refusals_total", "What the broker refused, by reason");
  const takeovers = gauge("hearth_broker_takeovers_total", "Connections that ended because their client came a second time");
  const clients = gauge("hearth_broker_clients", "Connected clients");
  const certificateLeft = gauge("hearth_cert_expiry_seconds", "Until the certificate for devices on the home network ends");
  const lostLines = gauge("hearth_log_lost_lines_total", "Lines of the log that could not be written");
  const loop = gauge("hearth_eventloop_lag_seconds", "Delay of the event loop, p99 since the last scrape");
  const memory = gauge("hearth_process_resident_bytes", "Resident memory of the main process");

  metrics.onCollect(() => {
    for (const { id: device, counters } of sources.devices())
      for (const [reason, count] of Object.entries(counters))
        if (reason === "received") received.set(count, { device });
        else if (reason === "frames") frames.set(count, { device });
        else discarded.set(count, { device, reason });
    for (const { device, stream, samplesTotal, gapSecondsTotal, noValueTotal, uses, timing } of sources.streams()) {
      if (timing !== undefined) {
        nominalHz.set(timing.nominalHz, { device, stream });
        if (timing.measuredHz !== undefined) measuredHz.set(timing.measuredHz, { device, stream });
        if (timing.lagS !== undefined) lagS.set(timing.lagS, { device, stream });
        uncertain.set(timing.isUncertain ? 1 : 0, { device, stream });
        corrected.set(timing.clockFaults, { device, stream, what: "clock" });
        corrected.set(timing.indexFaults, { device, stream, what: "index" });
        for (const [reason, count] of Object.entries(timing.dropped)) dropped.set(count, { device, stream, reason });
      }
      if (uses.some(({ use }) => use === "vital"))
        for (const [reason, count] of Object.entries(noValueTotal)) withoutValue.set(count, { device, stream, reason });
      samples.set(samplesTotal, { device, stream });
      gaps.set(gapSecondsTotal, { device, stream });
    }
    const { recordsTotal, writtenBytesTotal } = sources.journal.figures();
    journalled.set(recordsTotal);
    written.set(writtenBytesTotal, { part: "journal" });
    written.set(sources.store.figures().writtenBytesTotal, { part: "store" });
    notKept.set(sources.notKeptCount());
    for (const [device, bytes] of sources.dayBudget.overBytes) beyondDay.set(bytes, { device });
    for (const [part, count] of Object.entries(sources.analysisFaults())) faults.set(count, { part });
    unstored.set(sources.store.figures().refusedCommits);
    free.set(sources.keeping.freeBytes());
    reserved.set(sources.keeping.stage() === "kept" ? 1 : 0);
    for (const [kind, rows] of Object.entries(sync?.depth() ?? {})) depth.set(rows, { class: kind });
    for (const [reason, count] of Object.entries(sync?.refused() ?? {})) notTaken.set(count, { reason });
    for (const [reason, count] of Object.entries(sync?.withheld() ?? {})) withheld.set(count, { reason });
    connected.set(sync?.state().connected ? 1 : 0);
    sent.set(sync?.bytesSent() ?? 0);
    for (const kind of ["physiological", "technical"])
      for (const priority of ["high", "medium", "low", "info"])
        active.set(sources.openAlerts().filter((alert) => alert.kind === kind && alert.priority === priority).length, { kind, priority });
    for (const [channel, figures] of Object.entries(sources.channels())) {
      taken.set(figures.sent, { channel });
      failed.set(figures.failed, { channel });
    }
    const unheard = sources.openAlerts().filter(({ acknowledgedBy }) => acknowledgedBy === undefined);
    unacked.set(unheard.reduce((oldest, { raisedUs }) => Math.max(oldest, (sources.nowUs() - raisedUs) / 1e6), 0));
    const host = sources.host.figures();
    runs.set(host.submitted);
    restarts.set(host.restarts);
    for (const [reason, count] of Object.entries(host.unknown)) unknown.set(count, { reason });
    clients.set(broker.clients().length);
    for (const [reason, count] of Object.entries(broker.counters.refusals)) refusals.set(count, { reason });
    const leftS = sources.certificateLeftS();
    if (leftS !== undefined) certificateLeft.set(leftS);
    takeovers.set(broker.counters.takeoversTotal);
    lostLines.set(sources.lostLogLines());
    loop.set(scrapedLag.p99Ms() / 1000);
    memory.set(process.memoryUsage.rss());
  });

  return {
    delivered: (channel, seconds) => delivery.observe(seconds, { channel }),
    text: () => metrics.text(),
    lagP99Ms: lag.p99Ms,
    close() {
      lag.close();
      scrapedLag.close();
    },
  };
}

/** `p99Ms`: of the event loop's delay since the last call. */
function createLagMeter() {
  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  return {
    p99Ms() {
      const p99 = lag.percentile(99) / 1e6;
      lag.reset();
      return Number.isFinite(p99) ? p99 : 0;
    },
    close: () => void lag.disable(),
  };
}
