/** What a gateway that never fell makes of a journal: the same records through the same river, once, in order. The measure of every recovery. */

import { systemClock } from "../../device-drivers/contract/clock.ts";
import type { OutboxItem, PersonEvent, StripDue } from "../../device-drivers/contract/event.ts";
import { createAlertCore } from "../../gateway/alert/core.ts";
import { parseConfig } from "../../gateway/config/load.ts";
import { sampleConfig } from "../../gateway/config/sample.ts";
import { type Models, startModels } from "../../gateway/inference/load-models.ts";
import { loadDrivers } from "../../gateway/ingest/load-drivers.ts";
import type { JournalRecord } from "../../gateway/journal/journal-port.ts";
import { profileOf } from "../../gateway/people/profile.ts";
import { createPipeline } from "../../gateway/pipeline/pipeline.ts";
import { type Collected, collectingStore, passingJournal, strictListener } from "../../gateway/replay/collecting.ts";
import type { ConditionBegin } from "../../gateway/rules/rule.ts";

export interface Uninterrupted {
  readonly events: PersonEvent[];
  /** Events packed for the twin; alerts and strips are not among them. */
  readonly frames: OutboxItem[];
  readonly stripsDue: StripDue[];
  /** Conditions that began and were to be told, each with its onset. */
  readonly begins: ConditionBegin[];
}

/** As the configuration's defaults have it. */
const profile = profileOf({ profile: {} }, parseConfig(sampleConfig(), { file: "hearth.yaml", env: {} }).alerts.limits);

export interface UninterruptedOptions {
  readonly person: string;
  readonly records: AsyncIterable<JournalRecord>;
  readonly devices: readonly string[];
  readonly flushS: number;
  /** Everything settled after this ordinal is left out. */
  readonly toOrdinal: number;
  /** The grid goes on to here after the last record. */
  readonly endUs: number;
}

export async function runUninterrupted(options: UninterruptedOptions): Promise<Uninterrupted> {
  const models: Models = await startModels({ clock: systemClock(), timeouts: false });
  const driverOf = await loadDrivers(options.devices.map((id) => ({ id, driver: "hearth-stream" })));
  const found: Uninterrupted = { events: [], frames: [], stripsDue: [], begins: [] };
  const ignored: Collected = { events: [], outbox: [], stripsDue: [], changes: [] };
  let nowUs = 0;
  let serial = 0;
  const pipeline = createPipeline({
    journal: passingJournal(),
    store: collectingStore(ignored),
    driverOf,
    personOf: () => options.person,
    person: () => ({
      profile,
      models: models.specs,
      versions: models.versions,
      submit: (model, tensors, settled) => models.host.submit(model, tensors, settled),
    }),
    decider: () => ({ flushS: options.flushS, alerts: createAlertCore({ newId: () => `expected-${++serial}`, mode: "real" }) }),
    idle: () => models.host.idle(),
    nowUs: () => nowUs,
    listener: strictListener({
      onSettled(_person, settled, decided) {
        if (settled.ordinal > options.toOrdinal) return;
        found.events.push(...decided.events);
        found.frames.push(...decided.outbox.filter((item) => item.class === "semantic"));
        found.stripsDue.push(...decided.stripsDue);
        for (const decision of settled.decisions)
          if (decision.kind === "begin" && decision.inhibitedBy === undefined) found.begins.push(decision);
      },
    }),
  });
  for await (const { chunk } of options.records) {
    nowUs = chunk.stamps.timeUs;
    pipeline.offer(chunk, () => {});
    await models.host.idle();
  }
  nowUs = options.endUs;
  pipeline.advance(nowUs);
  await pipeline.close();
  await models.host.close();
  return found;
}
