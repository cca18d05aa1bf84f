/** One person: an ordered mailbox from blocks to decisions. Synchronous and pure but for the model host it submits to. */

import type { SampleBlock, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import type { Fact } from "../facts/fact.ts";
import { createGuard, type OnPartFault } from "../facts/guarded.ts";
import type { Submit } from "../inference/inference-port.ts";
import { createRules } from "../rules/index.ts";
import type { RuleProfile } from "../rules/rule.ts";
import type { Anchor } from "../stream/clock/anchor.ts";
import { type Continuity, createContinuity } from "../stream/clock/continuity.ts";
import { type StreamTiming, timingOf } from "../stream/clock/stream-timing.ts";
import { guardedStage } from "../stream/guarded-stage.ts";
import { openStage } from "../stream/index.ts";
import { createModelInputs, type ModelInputs } from "../stream/model-inputs.ts";
import { createOrder, tickUs } from "../stream/order.ts";
import { type Placed, reorderLimitUs } from "../stream/reorder.ts";
import { completeUs, type StreamItem } from "../stream/stream-item.ts";
import { createAfterResult } from "../stream/windows/after-result.ts";
import { createAligned } from "../stream/windows/aligned.ts";
import { createAnswers } from "./answers.ts";
import { createPasts } from "./pasts.ts";
import { memoriesOf, type PersonState } from "./person-state.ts";
import { createPersonStreams } from "./person-streams.ts";
import { createSettleQueue, type Settled } from "./settle-queue.ts";

/** How long a silent stream still counts as live. */
const liveUs = 10_000_000;
/** Longer than any delay of a rule, open span or frame of the packer. */
const quietUs = 7_200_000_000;
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
  const by = (model: string) => ({ spec: specById.get(model), version: options.versions[model] ?? "", guard });
  const answers = createAnswers(options.submit, by);
  let advancedUs = saved?.advancedUs ?? 0;
  const queue = createSettleQueue(
    { answers, by, after: createAfterResult(options.models, following.asked), onSettled: options.onSettled, rules: () => rules },
    saved,
  );

  const stageOf = (own: ModelInputs) => (descriptor: StreamDescriptor, from?: unknown) =>
    guardedStage({ ...descriptor, guard, open: (state) => openStage(descriptor, own.of(descriptor), state) }, from);

  const pasts = createPasts({
    limits: { limitUs: reorderLimitUs, liveUs },
    inputsOf: (from) => createModelInputs(options.models, guard, from),
    stageOf,
    rulesOf: (from) => createRules(options.profile, from, { guard }),
    ask: answers.ask,
    queue,
  });

  const take = (items: readonly StreamItem[]) => {
    for (const item of items) {
      const { device, stream } = item;
      pasts.seeLive(item);
      order.offer({ completeUs: completeUs(item), rank: item.kind === "gap" ? 0 : 1, device, stream }, item);
      answers.ask(item);
    }
  };

  const streams = createPersonStreams({
    stageOf: stageOf(inputs),
    onOpened: (descriptor) => queue.checkpoint(() => void following.of(descriptor)),
    onReplaced(descriptor) {
      inputs.forget(descriptor);
      queue.checkpoint(() => following.forget(descriptor));
    },
    onPast: (descriptor, signal) => pasts.add(descriptor, signal, advancedUs),
    onPlaced: (descriptor, placed) => options.onPlaced?.(descriptor, placed),
    onItems: take,
    onSamples: (descriptor, block) => aligned.push(descriptor, block),
    onPassed: (key, passedUs, nowUs) => order.pass(key, passedUs, nowUs),
  });

  const release = (nowUs: number) => {
    take(aligned.step(order.readyUs(nowUs)));
    for (const next of order.release(nowUs)) {
      if (next.kind === "item") queue.enqueue(next.item, nowUs);
      else queue.put({ kind: "tick", timeUs: next.timeUs }, nowUs);
    }
    queue.drain();
  };

  const advance = (nowUs: number) => {
    const gridUs = Math.floor(nowUs / tickUs) * tickUs;
    if (streams.size === 0) advancedUs = Math.max(advancedUs, gridUs);
    // Line by line, so that a caller who comes late or after a pause gets the order of one who came in time.
    while (advancedUs < gridUs) {
      // After hours of silence nothing waits for a tick any more; days off are one step, for a timer as for a restart.
      if (pasts.isEmpty && order.isQuiet(advancedUs, quietUs)) {
        advancedUs = gridUs;
        order.skipTo(advancedUs);
        return;
      }
      advancedUs += tickUs;
      streams.step(advancedUs);
      release(advancedUs);
      pasts.step(advancedUs);
    }
  };

  /** Everything that waits goes on as if nothing came any more; gives the time up to which. */
  const runOut = (): number => {
    const endUs = streams.end(advancedUs);
    release(endUs + reorderLimitUs);
    while (!pasts.isEmpty) pasts.step(endUs + reorderLimitUs, true);
    return endUs;
  };

  const settleLast = (last: number, endUs: number) => {
    const input: Fact = { kind: "tick", timeUs: (Math.floor(endUs / tickUs) + 1) * tickUs };
    const reach = () =>
      options.onSettled({ ordinal: last, releasedUs: endUs, input, record: [], decisions: rules.flush(), watching: rules.watching });
    queue.checkpoint(reach);
  };

  for (const stream of saved?.lanes ?? []) streams.restore(stream);
  for (const past of saved?.pasts ?? []) pasts.restore(past);
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
      for (const each of blocks) streams.enter(key, each, nowUs);
      for (const fault of faults)
        order.offer({ completeUs: nowUs, rank: 1, device, stream }, { kind: "timing", device, stream, timeUs: nowUs, ...fault });
      release(nowUs);
    },
    advance,
    checkpoint(then) {
      // A copy: the stages go on before the queue is here.
      const continuity = [...continuities].map(([key, each]) => [key, each.state()] as const);
      const past = pasts.checkpoint();
      const reached = structuredClone({
        ...queue.newest,
        advancedUs,
        continuity,
        lanes: streams.state(),
        memories: inputs.state(),
        aligned: aligned.state(),
        order: order.state(),
        pasts: past.state,
      });
      const reach = () => {
        const pastRules = past.rules();
        then({
          ...reached,
          following: following.state(),
          pasts: reached.pasts.map((each, i) => ({ ...each, rules: pastRules[i] })),
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
      for (const part of [streams, continuities]) part.clear();
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
    anchor: (device, stream) => streams.anchor(`${device}/${stream}`),
    timings: () =>
      [...continuities].flatMap(([key, continuity]) => {
        const timing = streams.timing(key);
        return timing === undefined ? [] : [timingOf(timing.descriptor, continuity, { ...timing, nowUs: advancedUs })];
      }),
    get newest() {
      return queue.newest;
    },
    get streams() {
      return streams.descriptors().map(({ device, stream }) => ({ device, stream }));
    },
  };
}
