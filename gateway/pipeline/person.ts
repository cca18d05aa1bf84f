/** One person: an ordered mailbox from blocks to decisions. Synchronous and pure but for the model host it submits to. */

import type { SampleBlock, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import type { Fact } from "../facts/fact.ts";
import { createGuard, type OnPartFault } from "../facts/guarded.ts";
import type { Submit } from "../inference/inference-port.ts";
import { createRules } from "../rules/index.ts";
import type { RuleProfile } from "../rules/rule.ts";
import { type Anchor, anchorOf } from "../stream/clock/anchor.ts";
import { type Continuity, createContinuity } from "../stream/clock/continuity.ts";
import { type CourseBlock, isSameShape } from "../stream/clock/place.ts";
import { createPlacing, type Placing } from "../stream/clock/placing.ts";
import { type StreamTiming, timingOf } from "../stream/clock/stream-timing.ts";
import { endStage } from "../stream/end-stage.ts";
import { guardedStage } from "../stream/guarded-stage.ts";
import { openStage } from "../stream/index.ts";
import { createModelInputs, type ModelInputs } from "../stream/model-inputs.ts";
import { createOrder, tickUs } from "../stream/order.ts";
import { createPast, type Past, type PastSignal, upToPast } from "../stream/past.ts";
import { createReorder, type Placed, reorderLimitUs } from "../stream/reorder.ts";
import { completeUs, type StreamItem, type StreamStage } from "../stream/stream-item.ts";
import { createAfterResult } from "../stream/windows/after-result.ts";
import { createAligned } from "../stream/windows/aligned.ts";
import { createAnswers } from "./answers.ts";
import { memoriesOf, type PersonState } from "./person-state.ts";
import { createSettleQueue, type PastRun, type Settled } from "./settle-queue.ts";

/** How long a silent stream still counts as live. */
const liveUs = 10_000_000;
/** Longer than any delay of a rule, open span or frame of the packer. */
const quietUs = 7_200_000_000;
/** The streams of one device bring their pasts within seconds of each other: they are judged together. */
const pastWaitsUs = 5_000_000;

export interface PersonOptions {
  readonly profile: RuleProfile;
  readonly models: readonly ModelSpec[];
  /** Identity of each model for alerts and events. */
  readonly versions: Readonly<Record<string, string>>;
  readonly submit: Submit;
  /** Told whenever the head of the queue settled. */
  readonly onSettled: (settled: Settled) => void;
  /** A part of the analysis threw and something stands in for what it would have given (facts/guarded.ts). Untold, the fault is thrown. */
  readonly onPartFault?: OnPartFault;
  /** Sees every block in sample order, for the live page. */
  readonly onPlaced?: (descriptor: StreamDescriptor, placed: Placed) => void;
  readonly saved?: PersonState;
}

export interface PersonRiver {
  push(block: SampleBlock): void;
  /** Moves the 250 ms grid on to `nowUs` (gateway axis): called before every push and by a timer, with the same effect. */
  advance(nowUs: number): void;
  /** Calls `then` with the state after everything pushed so far has been decided. */
  checkpoint(then: (state: PersonState) => void): void;
  /** The axis begins anew elsewhere: what waits is decided, and streams and rules begin again. Numbers go on. */
  renewAxis(): void;
  /** The recording ends: absence follows, so that what waits for more signal is decided, and open spans are told. Nothing is pushed afterwards. */
  end(): void;
  anchor(device: string, stream: string): Anchor | undefined;
  timings(): StreamTiming[];
  /** The newest item that was let go, and when. */
  readonly newest: Pick<Settled, "ordinal" | "releasedUs">;
  /** The streams that it knows. */
  readonly streams: readonly Pick<StreamDescriptor, "device" | "stream">[];
}

interface OpenStream {
  readonly descriptor: StreamDescriptor;
  readonly placing: Placing;
  readonly reorder: ReturnType<typeof createReorder>;
  readonly stage: StreamStage;
  anchor: Anchor | undefined;
  lagUs: number | undefined;
  /** Of a boot whose present is about to begin: where its past does. */
  pastFromUs?: number | undefined;
}

const throwOn: OnPartFault = (_part, thrown) => {
  throw thrown;
};

export function createPerson(options: PersonOptions): PersonRiver {
  const { saved } = options;
  const specById = new Map(options.models.map((spec) => [spec.id, spec]));
  const guard = createGuard(options.onPartFault ?? throwOn);
  const inputs = createModelInputs(options.models, guard, saved === undefined ? [] : memoriesOf(saved));
  /** Of models that are asked after others: their memories follow the queue. */
  const following = createModelInputs(options.models, guard, saved?.following);
  let aligned = createAligned(inputs.ofPerson(), guard, saved?.aligned);
  let rules = createRules(options.profile, saved?.rules, { guard });
  let order = createOrder<StreamItem>({ limitUs: reorderLimitUs, liveUs }, saved?.order);
  const continuities = new Map<string, Continuity>(saved?.continuity?.map(([key, state]) => [key, createContinuity(state)]));
  const streams = new Map<string, OpenStream>();
  /** Of streams that went on under another descriptor. */
  const lateBefore = new Map<string, number>();
  /** One after the other. */
  const pasts: PastRun[] = [];
  const by = (model: string) => ({ spec: specById.get(model), version: options.versions[model] ?? "", guard });
  const answers = createAnswers(options.submit, by);
  let advancedUs = saved?.advancedUs ?? 0;
  const queue = createSettleQueue(
    { answers, by, after: createAfterResult(options.models, following.asked), onSettled: options.onSettled, rules: () => rules },
    saved,
  );

  const stageOf = (own: ModelInputs) => (descriptor: StreamDescriptor, from?: unknown) =>
    guardedStage({ ...descriptor, guard, open: (state) => openStage(descriptor, own.of(descriptor), state) }, from);

  const openStream = (descriptor: StreamDescriptor, from?: PersonState["lanes"][number]): OpenStream => {
    const onPast = (signal: PastSignal) => {
      opened.pastFromUs = signal.blocks[0]?.startUs;
      if (pasts.at(-1)?.past.add(descriptor, signal) !== true) openPast(advancedUs + pastWaitsUs).add(descriptor, signal);
    };
    const opened: OpenStream = {
      descriptor,
      placing: createPlacing(onPast, from?.placing),
      reorder: createReorder(descriptor.rateHz, reorderLimitUs, from?.reorder),
      stage: stageOf(inputs)(descriptor, from?.stage),
      anchor: from?.anchor,
      lagUs: undefined,
    };
    queue.checkpoint(() => void following.of(descriptor));
    streams.set(`${descriptor.device}/${descriptor.stream}`, opened);
    return opened;
  };

  const openPast = (dueUs: number, from?: NonNullable<PersonState["pasts"]>[number]): Past => {
    const limits = { limitUs: reorderLimitUs, liveUs };
    const own = createModelInputs(options.models, guard, from === undefined ? [] : memoriesOf(from));
    const past = createPast({
      memories: own.state,
      openStage: stageOf(own),
      limits,
      submit: answers.ask,
      dueUs,
      ...(from === undefined ? {} : { saved: from }),
    });
    pasts.push({ past, rules: createRules(options.profile, from?.rules, { guard }) });
    return past;
  };

  const take = (items: readonly StreamItem[]) => {
    for (const item of items) {
      const { device, stream } = item;
      for (const { past } of pasts) past.seeLive(item);
      order.offer({ completeUs: completeUs(item), rank: item.kind === "gap" ? 0 : 1, device, stream }, item);
      answers.ask(item);
    }
  };

  const run = (stream: OpenStream, placed: readonly Placed[], nowUs: number) => {
    for (const block of placed) {
      const { pastFromUs } = stream;
      delete stream.pastFromUs;
      const shown = pastFromUs === undefined ? block : upToPast(block, pastFromUs, stream.descriptor.rateHz);
      if (shown !== undefined) options.onPlaced?.(stream.descriptor, shown);
      const items = stream.stage.push(block);
      take(pastFromUs === undefined ? items : items.map((item) => (item.kind === "gap" ? { ...item, pastFromUs } : item)));
      if (block.kind !== "samples") continue;
      aligned.push(stream.descriptor, block);
      stream.anchor = anchorOf(block, stream.descriptor.rateHz);
      stream.lagUs = block.arrivalUs - stream.stage.passedUs;
    }
    if (placed.length > 0) order.pass(`${stream.descriptor.device}/${stream.descriptor.stream}`, stream.stage.passedUs, nowUs);
  };

  /** The stream ends here: what waits to be placed or for a late block waits no longer. */
  const runHeld = (stream: OpenStream) => {
    for (const block of stream.placing.rest()) run(stream, stream.reorder.push(block), advancedUs);
    run(stream, stream.reorder.expire(Number.POSITIVE_INFINITY), advancedUs);
  };

  const enter = (key: string, block: CourseBlock, nowUs: number) => {
    const known = streams.get(key);
    const goesOn = known !== undefined && isSameShape(known.descriptor, block.descriptor);
    if (known !== undefined && !goesOn) {
      runHeld(known);
      lateBefore.set(key, (lateBefore.get(key) ?? 0) + known.reorder.lateSamples);
      inputs.forget(block.descriptor);
      queue.checkpoint(() => following.forget(block.descriptor));
    }
    const stream = goesOn ? known : openStream(block.descriptor);
    const placed = stream.placing.push(block);
    // One that waits is a slow stream: ticks wait for it within their limit.
    if (placed.length === 0) order.pass(key, 0, nowUs);
    for (const each of placed) run(stream, stream.reorder.push(each), nowUs);
  };

  const release = (nowUs: number) => {
    take(aligned.step(order.readyUs(nowUs)));
    for (const next of order.release(nowUs)) {
      if (next.kind === "item") queue.enqueue(next.item, nowUs);
      else queue.put({ kind: "tick", timeUs: next.timeUs }, nowUs);
    }
    queue.drain();
  };

  /** The present of this line has been given: beside it a stretch of the past. */
  const releasePast = (nowUs: number, isEnd = false) => {
    const [beside] = pasts;
    if (beside === undefined) return;
    const { past } = beside;
    for (const next of past.step(isEnd ? Number.POSITIVE_INFINITY : nowUs)) {
      if (next.kind === "item") queue.enqueue(next.item, nowUs, beside);
      else queue.put({ kind: "tick", timeUs: next.timeUs }, nowUs, beside);
    }
    if (past.isOver) {
      pasts.shift();
      queue.put({ kind: "tick", timeUs: Math.floor(past.timeUs / tickUs) * tickUs }, nowUs, beside, true);
    }
    queue.drain();
  };

  const advance = (nowUs: number) => {
    const gridUs = Math.floor(nowUs / tickUs) * tickUs;
    if (streams.size === 0) advancedUs = Math.max(advancedUs, gridUs);
    // Line by line, so that a caller who comes late or after a pause gets the order of one who came in time.
    while (advancedUs < gridUs) {
      // After hours of silence nothing waits for a tick any more; days off are one step, for a timer as for a restart.
      if (pasts.length === 0 && order.isQuiet(advancedUs, quietUs)) {
        advancedUs = gridUs;
        order.skipTo(advancedUs);
        return;
      }
      advancedUs += tickUs;
      for (const stream of streams.values()) {
        for (const block of stream.placing.release(advancedUs)) run(stream, stream.reorder.push(block), advancedUs);
        run(stream, stream.reorder.expire(advancedUs), advancedUs);
      }
      release(advancedUs);
      releasePast(advancedUs);
    }
  };

  /** Everything that waits goes on as if nothing came any more; gives the time up to which. */
  const runOut = (): number => {
    let endUs = advancedUs;
    for (const stream of streams.values()) {
      const { device, stream: name, rateHz } = stream.descriptor;
      runHeld(stream);
      take(endStage(stream.stage, rateHz));
      order.pass(`${device}/${name}`, stream.stage.passedUs, advancedUs);
      endUs = Math.max(endUs, stream.stage.passedUs);
    }
    release(endUs + reorderLimitUs);
    while (pasts.length > 0) releasePast(endUs + reorderLimitUs, true);
    return endUs;
  };

  const settleLast = (last: number, endUs: number) => {
    const input: Fact = { kind: "tick", timeUs: (Math.floor(endUs / tickUs) + 1) * tickUs };
    const reach = () =>
      options.onSettled({ ordinal: last, releasedUs: endUs, input, record: [], decisions: rules.flush(), watching: rules.watching });
    queue.checkpoint(reach);
  };

  for (const stream of saved?.lanes ?? []) openStream(stream.descriptor, stream);
  for (const past of saved?.pasts ?? []) openPast(past.dueUs, past);
  for (const { item } of saved?.order.held ?? []) answers.ask(item);

  return {
    push(block) {
      const nowUs = block.stamps.timeUs;
      advance(nowUs);
      const { device, stream } = block.descriptor;
      const key = `${device}/${stream}`;
      const continuity = continuities.get(key) ?? createContinuity();
      continuities.set(key, continuity);
      const { blocks, faults } = continuity.push(block);
      for (const each of blocks) enter(key, each, nowUs);
      for (const fault of faults)
        order.offer({ completeUs: nowUs, rank: 1, device, stream }, { kind: "timing", device, stream, timeUs: nowUs, ...fault });
      release(nowUs);
    },
    advance,
    checkpoint(then) {
      const open = [...streams.values()].map(({ descriptor, placing, reorder, stage, anchor }) => ({
        ...{ descriptor, anchor, placing: placing.state(), reorder: reorder.state(), stage: stage.state() },
      }));
      // A copy: the stages go on before the queue is here.
      const continuity = [...continuities].map(([key, each]) => [key, each.state()] as const);
      const held = [...pasts];
      const reached = structuredClone({
        ...queue.newest,
        advancedUs,
        continuity,
        lanes: open,
        memories: inputs.state(),
        aligned: aligned.state(),
        order: order.state(),
        pasts: held.map(({ past }) => past.state()),
      });
      const reach = () => {
        const ownRules = held.map((each) => each.rules.state());
        then({
          ...reached,
          following: following.state(),
          pasts: reached.pasts.map((past, i) => ({ ...past, rules: ownRules[i] })),
          rules: rules.state(),
        });
      };
      queue.checkpoint(reach);
      queue.drain();
    },
    renewAxis() {
      const endUs = runOut();
      settleLast(queue.next(), endUs);
      queue.checkpoint(() => {
        rules = createRules(options.profile, undefined, { guard });
        following.forget();
      });
      inputs.forget();
      aligned = createAligned(inputs.ofPerson(), guard);
      for (const part of [streams, continuities, lateBefore]) part.clear();
      order = createOrder<StreamItem>({ limitUs: reorderLimitUs, liveUs });
      advancedUs = 0;
      queue.forgetTime();
      queue.drain();
    },
    end() {
      const endUs = runOut();
      settleLast(queue.next(), endUs);
      queue.drain();
    },
    anchor: (device, stream) => streams.get(`${device}/${stream}`)?.anchor,
    timings: () =>
      [...streams].flatMap(([key, { descriptor, reorder, lagUs }]) => {
        const continuity = continuities.get(key);
        return continuity === undefined
          ? []
          : [timingOf(descriptor, continuity, { lagUs, late: reorder.lateSamples + (lateBefore.get(key) ?? 0), nowUs: advancedUs })];
      }),
    get newest() {
      return queue.newest;
    },
    get streams() {
      return [...streams.values()].map(({ descriptor: { device, stream } }) => ({ device, stream }));
    },
  };
}
