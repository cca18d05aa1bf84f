/** Opens the pipeline and what hands it bytes and takes its decisions. */

import { limitsFor } from "../alert/missing-data.ts";
import { createReceiver } from "../ingest/receive.ts";
import { createWrongPersonWatch } from "../personal/wrong-person.ts";
import type { PipelineListener } from "../pipeline/listener.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import type { LostStretch } from "../pipeline/recovery.ts";
import { notLongerThan, storedWithinMs } from "../runtime/bounded-wait.ts";
import { blocksBetween, createStripFiller, type StripFiller } from "../strips/fill-strips.ts";
import type { House, River } from "./parts.ts";

/** Bytes become decisions here. What the last run had received and not decided is decided before it is there. */
export async function openRiver(house: House): Promise<River> {
  const { config, clock, log, opened, signals, store, journal, registry, driverOf, models, liveState, alertService, outward, nowUs } =
    house;
  const strips = createStripFiller({ journal, store, driverOf }, await store.stripsDue());
  const commit: typeof store.commit = (row, urgent) => {
    const stored = store.commit(row, urgent);
    return urgent === true ? notLongerThan(clock, storedWithinMs, stored) : stored;
  };
  const pipeline = createPipeline({
    ...{ journal, driverOf, nowUs, store: { ...store, commit } },
    blocks: (person, device, span) => blocksBetween({ journal, store, driverOf }, person, device, span),
    personOf: (device, atUs) => registry.wearing(device, atUs)?.person,
    person: (id) => ({
      ...house.limitsOf(id),
      models: models.specs,
      versions: models.versions,
      submit: (model, tensors, settled) => models.host.submit(model, tensors, settled, id),
      onPlaced(descriptor, placed) {
        liveState.placed(id, descriptor, placed);
        house.calibrator.placed(id, descriptor, placed);
        const limits = limitsFor(descriptor);
        if (limits !== undefined) alertService.missing.limits(descriptor.device, descriptor.stream, limits);
      },
    }),
    decider: () => ({ flushS: config.twin.flushS, alerts: alertService.core, waveforms: outward }),
    idle: () => models.host.idle(),
    listener: riverListener(house, strips, (...seen) => whose(...seen)),
  });
  const whose = createWrongPersonWatch({
    models: models.specs,
    people: () => registry.people().map(({ id }) => id),
    memoriesOf: pipeline.learnt,
    set: (device, fits) => alertService.set("device.wrong-person", fits !== undefined, device),
  });
  const receiver = createReceiver({ ...house, site: config.gateway.id, pipeline, onPresence: signals.presence.tell });
  // What the last run left open is known before the journal goes on: its conditions end or come back there.
  await alertService.resume();
  let recovered = 0;
  const lost: LostStretch[] = [];
  for (const person of registry.people()) {
    const found = await pipeline.recover(person.id);
    recovered += found.records;
    lost.push(...found.lost);
  }
  if (lost.length > 0) log.error({ lost }, "a stretch of the record can't be read any more");
  opened.defer(async () => {
    await pipeline.close();
    house.notKept.tell();
  });
  return { pipeline, receiver, strips, recovered, lost };
}

function riverListener(
  { signals, log, liveState, alertService, notKept, ...house }: House,
  strips: StripFiller,
  whose: ReturnType<typeof createWrongPersonWatch>,
): PipelineListener {
  return {
    onAlert(changes) {
      alertService.desk.stored(changes);
      signals.riverAlerts.tell();
    },
    onEvents(person, events) {
      liveState.events(person, events);
      signals.events.tell(person, events);
    },
    onSettled(person, { input, derived, watching, heartRate, past }, { body }) {
      liveState.heartRate(person, heartRate);
      if (body !== undefined) liveState.body(person, body);
      for (const fact of past === undefined ? [input, ...derived] : [input]) {
        liveState.fact(person, fact, watching);
        if (fact.kind === "unusual") whose(person, fact);
      }
      if (input.kind === "quality" && input.level !== "bad" && input.contact !== "off")
        alertService.missing.usable(input.device, input.stream, input.timeUs);
    },
    onStripsDue: (due) => strips.add(due),
    onStoreError: signals.storeRefused.tell,
    onNotKept: notKept.note,
    onKept: notKept.over,
    onFault(error) {
      if (house.analysisFaults.note(error)) house.watchAnalysis();
      else log.error({ code: error.code, err: error }, "a record could not be analysed and was passed over");
    },
    ...{ onReply: signals.reply.tell, onRefused: signals.refused.tell },
  };
}
