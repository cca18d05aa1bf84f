/** One person: an ordered mailbox from blocks to decisions. Synchronous and pure but for the model host it submits to. */

import type { SampleBlock, StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import type { ModelSpec } from "../../models/model-spec.ts";
import type { Fact } from "../facts/fact.ts";
import { createGuard, type Guard, type OnPartFault } from "../facts/guarded.ts";
import type { DatedLearnAct } from "../facts/learning.ts";
import type { MountingOf } from "../facts/mount.ts";
import type { Submit } from "../inference/inference-port.ts";
import { createPersonal, type Personal } from "../personal/personal.ts";
import type { RuleProfile } from "../rules/rule.ts";
import { createAcrossDevices } from "../stream/across-devices.ts";
import type { Anchor } from "../stream/clock/anchor.ts";
import type { StreamTiming } from "../stream/clock/stream-timing.ts";
import { guardedStage } from "../stream/guarded-stage.ts";
import { openStage } from "../stream/index.ts";
import { createModelInputs, type ModelInputs } from "../stream/model-inputs.ts";
import { createOrder, tickUs } from "../stream/order.ts";
import { type Placed, reorderLimitUs } from "../stream/reorder.ts";
import { completeUs, type StreamItem, type StreamStage } from "../stream/stream-item.ts";
import { createAfterResult } from "../stream/windows/after-result.ts";
import { createAnswers } from "./answers.ts";
import { createJudges } from "./judges.ts";
import { createLearnLine } from "./learn-line.ts";
import { createLimitsLine, type DatedProfile } from "./limits-line.ts";
import { createPasts } from "./pasts.ts";
import { memoriesOf, type PersonState } from "./person-state.ts";
import { createPersonStreams } from "./person-streams.ts";
import type { AnsweredBy } from "./result-fact.ts";
import { createSettleQueue, type Settled, type SettleQueue } from "./settle-queue.ts";

/** How long a silent stream still counts as live. */
const liveUs = 10_000_000;
const orderLimits = { limitUs: reorderLimitUs, liveUs };
/** Longer than any delay of a rule, open span or frame of the packer. */
const quietUs = 7_200_000_000;

export interface PersonOptions {
  readonly profile: RuleProfile;
  /** Changes of it, with their dates, the first of them being `profile`; without it nothing changes. */
  readonly limits?: () => readonly DatedProfile[];
  /** What people have said is normal for this person, with its dates, oldest first. */
  readonly learnActs?: () => readonly DatedLearnAct[];
  /** How motion sensors are worn and sit; without it as their descriptors say, and as they are. */
  readonly mountingOf?: MountingOf;
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
  /** The same in its place among what is settled, so that every run over the same records sees it there. */
  readonly onSamples?: (descriptor: StreamDescriptor, placed: Placed, isPast: boolean) => void;
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
  /** What models have learnt of the person, to be looked at. */
  learnt(): Personal["memories"];
  /** The streams that it knows. */
  readonly streams: readonly Pick<StreamDescriptor, "device" | "stream">[];
}

const throwOn: OnPartFault = (_part, thrown) => {
  throw thrown;
};

export function createPerson(options: PersonOptions): PersonRiver {
  const { saved } = options;
  const guard = createGuard(options.onPartFault ?? throwOn);
  const inputs = createModelInputs(options.models, guard, saved === undefined ? [] : memoriesOf(saved));
  /** Of models that are asked after others: their memories follow the queue. */
  const following = createModelInputs(options.models, guard, saved?.following);
  let across = createAcrossDevices(inputs.ofPerson(), guard, options.mountingOf, saved);
  const limits = createLimitsLine(options.limits ?? (() => [{ number: 0, fromUs: 0, profile: options.profile }]), saved);
  let judges = createJudges(limits.profile, guard, saved);
  let order = createOrder<StreamItem>(orderLimits, saved?.order);
  const by = answeredBy(options, guard);
  const answers = createAnswers(options.submit, by);
  let advancedUs = saved?.advancedUs ?? 0;
  const after = createAfterResult(options.models, following.asked);
  const personal = createPersonal({ ...options, guard, learnS: () => limits.profile.anomalyLearnS, saved: saved?.personal });
  const learning = createLearnLine(options.learnActs ?? (() => []), saved?.learnActs);
  const queue = createSettleQueue({ answers, by, after, onSettled: options.onSettled, judges: () => judges, personal }, saved);
  const pasts = createPasts({
    limits: orderLimits,
    inputsOf: (from) => createModelInputs(options.models, guard, from),
    stageOf: (own) => stageOf(own, guard),
    judgesOf: (from) => createJudges(limits.profile, guard, from),
    courseOf: personal.beside,
    ...{ ask: answers.ask, onSamples: options.onSamples, queue },
  });

  const take = (items: readonly StreamItem[]) => {
    for (const item of items) {
      pasts.seeLive(item);
      order.offer({ completeUs: completeUs(item), rank: item.kind === "gap" ? 0 : 1, device: item.device, stream: item.stream }, item);
      answers.ask(item);
    }
  };

  const streams = createPersonStreams({
    stageOf: stageOf(inputs, guard),
    onOpened: (descriptor) =>
      queue.checkpoint(() => {
        following.of(descriptor);
        personal.opened(descriptor);
      }),
    onReplaced(descriptor) {
      inputs.forget(descriptor);
      queue.checkpoint(() => following.forget(descriptor));
    },
    onPast: (descriptor, signal) => pasts.add(descriptor, signal, advancedUs),
    onPlaced: placedTo(options, queue),
    onItems: take,
    onSamples: (descriptor, block) => across.push(descriptor, block),
    onPassed: (key, passedUs, nowUs) => order.pass(key, passedUs, nowUs),
  });

  const release = (nowUs: number) => {
    take(across.step(order.readyUs(nowUs)));
    for (const next of order.release(nowUs)) queue.take(next, nowUs);
    queue.drain();
  };

  /** The grid stands on this line now: what is changed there holds from here on. */
  const reach = (lineUs: number) => {
    advancedUs = lineUs;
    for (const fact of limits.due(lineUs)) pasts.tellAll(fact);
    for (const fact of learning.due(lineUs)) queue.put(fact, lineUs);
    queue.drain();
  };

  const advance = (nowUs: number) => {
    const gridUs = Math.floor(nowUs / tickUs) * tickUs;
    if (streams.size === 0 && gridUs > advancedUs) reach(gridUs);
    // Line by line, so that a caller who comes late or after a pause gets the order of one who came in time.
    while (advancedUs < gridUs) {
      // After hours of silence nothing waits for a tick any more; days off are one step, for a timer as for a restart.
      if (pasts.isEmpty && order.isQuiet(advancedUs, quietUs)) {
        order.skipTo(gridUs);
        return reach(gridUs);
      }
      advancedUs += tickUs;
      streams.step(advancedUs);
      release(advancedUs);
      pasts.step(advancedUs);
      reach(advancedUs);
    }
  };

  /** Everything that waits is decided as if nothing came any more, and what the rules hold open is told. */
  const runOut = () => {
    const endUs = streams.end(advancedUs);
    release(endUs + reorderLimitUs);
    while (!pasts.isEmpty) pasts.step(endUs + reorderLimitUs, true);
    const last = { ordinal: queue.next(), releasedUs: endUs, input: tickAfter(endUs), derived: [], record: [] };
    queue.checkpoint(() => options.onSettled({ ...last, decisions: judges.rules.flush(), watching: judges.rules.watching }));
  };

  if (saved !== undefined) streams.restore(saved);
  for (const past of saved?.pasts ?? []) pasts.restore(past);
  for (const { item } of saved?.order.held ?? []) answers.ask(item);

  return {
    push(block) {
      const nowUs = block.stamps.timeUs;
      advance(nowUs);
      const { device, stream } = block.descriptor;
      for (const fault of streams.push(block, nowUs))
        order.offer({ completeUs: nowUs, rank: 1, device, stream }, { kind: "timing", device, stream, timeUs: nowUs, ...fault });
      release(nowUs);
    },
    advance,
    checkpoint(then) {
      const past = pasts.checkpoint();
      // A copy: the stages go on before the queue is here.
      const reached = structuredClone({
        ...{ ...queue.newest, ...streams.state(), advancedUs, limits: limits.number, learnActs: learning.number },
        ...{ memories: inputs.state(), ...across.state(), order: order.state(), pasts: past.state },
      });
      queue.checkpoint(() => {
        const pastStates = past.following().map((of, i) => ({ ...(reached.pasts[i] as (typeof reached.pasts)[number]), ...of }));
        then({ ...reached, following: following.state(), pasts: pastStates, ...judges.state(), personal: personal.state() });
      });
      queue.drain();
    },
    renewAxis() {
      runOut();
      queue.checkpoint(() => {
        judges = createJudges(limits.profile, guard);
        following.forget();
        personal.renewAxis();
      });
      inputs.forget();
      across = createAcrossDevices(inputs.ofPerson(), guard, options.mountingOf);
      streams.clear();
      order = createOrder<StreamItem>(orderLimits);
      advancedUs = 0;
      queue.forgetTime();
      queue.drain();
    },
    end() {
      runOut();
      queue.drain();
    },
    anchor: (device, stream) => streams.anchor(`${device}/${stream}`),
    timings: () => streams.timings(advancedUs),
    get newest() {
      return queue.newest;
    },
    learnt: () => personal.memories,
    get streams() {
      return streams.sources();
    },
  };
}

/** Shown at once; packed for the twin in its place among what is settled. */
function placedTo({ onPlaced, onSamples }: PersonOptions, queue: Pick<SettleQueue, "checkpoint">): NonNullable<PersonOptions["onPlaced"]> {
  return (descriptor, placed) => {
    onPlaced?.(descriptor, placed);
    if (onSamples !== undefined) queue.checkpoint(() => onSamples(descriptor, placed, false));
  };
}

function tickAfter(endUs: number): Fact {
  return { kind: "tick", timeUs: (Math.floor(endUs / tickUs) + 1) * tickUs };
}

function answeredBy({ models, versions }: Pick<PersonOptions, "models" | "versions">, guard: Guard): (model: string) => AnsweredBy {
  const specById = new Map(models.map((spec) => [spec.id, spec]));
  return (model) => ({ spec: specById.get(model), version: versions[model] ?? "", guard });
}

/** Analyses a stream; the models that are asked about it remember in `inputs`. */
function stageOf(inputs: ModelInputs, guard: Guard) {
  return (descriptor: StreamDescriptor, saved?: unknown): StreamStage =>
    guardedStage({ ...descriptor, guard, open: (state) => openStage(descriptor, inputs.of(descriptor), state) }, saved);
}
