/**
 * Judges the clock and the sample numbers of one stream by each other and by the arrival, so that signal that arrives live gets a place in the present
 * whatever its header says. A block that is right goes on as it is; a wrong clock or number is replaced by what the other witness says, or by the arrival.
 */

import type { SampleBlock, StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import {
  type Asked,
  believed,
  isBehind,
  isNear,
  isPossible,
  isRenumbered,
  isUsed,
  type Mapping,
  type Reading,
  type Run,
  readingOf,
  sinceSeenUs,
  spanOf,
  stampJitterUs,
} from "./course.ts";
import { createPace, type PaceState } from "./pace.ts";
import { type CourseBlock, deviceUsOf } from "./place.ts";

interface ContinuityFigures {
  /** Blocks whose clock or sample number was replaced by what stands to reason. */
  clockFaults: number;
  indexFaults: number;
  /** Samples of an earlier boot that came when a newer one had begun: in the journal, not analysed. */
  historySamples: number;
}

/** What `device.clock`, `device.index` and `device.rate` tell. A rate is told whenever the one to judge by changes, back to nominal included. */
type TimingFault = { readonly fault: "clock" | "index" } | { readonly fault: "rate"; readonly rateHz: number; readonly nominalHz: number };

export interface Continuity {
  /** Blocks that may go on now, and what was wrong with them. */
  push(block: SampleBlock): { readonly blocks: readonly CourseBlock[]; readonly faults: readonly TimingFault[] };
  readonly figures: Readonly<ContinuityFigures>;
  /** Samples a second as they arrive, once they have been counted long enough. */
  readonly measuredHz: number | undefined;
  /** As the descriptor says; known with the first block. */
  readonly nominalHz: number | undefined;
  /** Until when (arrival) what the header says counts as uncertain. */
  readonly uncertainUntilUs: number;
  state(): ContinuityState;
}

interface Followed {
  readonly blocks: CourseBlock[];
  readonly faults: TimingFault[];
}

/** Blocks that lie in the past: late ones, or numbers that have started again. */
interface Aside {
  readonly bootId: string;
  nextIndex: number;
  signalUs: number;
  readonly blocks: SampleBlock[];
}

export interface ContinuityState {
  readonly run: Run | undefined;
  readonly pastBoots: readonly string[];
  readonly serial: number;
  readonly aside: Aside | undefined;
  readonly pace: PaceState;
  readonly figures: ContinuityFigures;
  /** Rate to judge by over the nominal one, as last told. */
  readonly rateShareTold: number;
  readonly uncertainUntilUs: number;
}

const markEveryUs = 10_000_000;
/** What is placed by its arrival follows the last sample at once unless it came this much later. */
const arrivalJitterUs = 1_000_000;
const paceUs = 1_000_000;
const fallUs = 200_000;
/** Crystals drift; what is late says nothing. */
const driftShare = 0.002;
const lateUs = 1_000_000;
/** Numbers have started again when so much signal came in order, no faster than its own pace and with nothing of the run in between. */
const againUs = 2_000_000;
const againPace = 1.25;
const usedInRow = 4;
const longestAsideUs = 60_000_000;
/** A clock that was wrong so often within this time is not asked. */
const mistrustUs = 60_000_000;
const faultsToMistrust = 3;
const uncertainUs = 120_000_000;
/** A small correction of the clock is counted, not told. */
const toldUs = 1_000_000;
const keptMappings = 4;
const keptBoots = 8;

export function createContinuity(saved?: ContinuityState): Continuity {
  const was = structuredClone(saved);
  const pace = createPace(was?.pace);
  const figures: ContinuityFigures = was?.figures ?? { clockFaults: 0, indexFaults: 0, historySamples: 0 };
  let { run, aside, pastBoots = [], serial = 0 }: Partial<ContinuityState> = was ?? {};
  let measured: StreamDescriptor | undefined;
  let rateShareTold = was?.rateShareTold ?? 1;
  let uncertainUntilUs = was?.uncertainUntilUs ?? 0;

  /** The same object as long as nothing changes, so that the stream goes on. */
  const descriptorOf = ({ descriptor }: SampleBlock): StreamDescriptor => {
    const rateHz = pace.rateHz(descriptor.rateHz);
    if (rateHz === descriptor.rateHz) return descriptor;
    if (measured?.rateHz !== rateHz || measured.channels !== descriptor.channels) measured = { ...descriptor, rateHz };
    return measured;
  };

  const ask = (of: Run, block: SampleBlock): Asked => {
    const { rateHz } = descriptorOf(block);
    // Where the rate is wrong the device's clock often only counts its samples, and is no second witness then.
    const isClockAsked = block.deviceClock !== 0 && rateHz === block.descriptor.rateHz && block.stamps.timeUs >= of.mistrustUntilUs;
    return { block, rateHz, isClockAsked };
  };

  const begin = (block: SampleBlock, id: string): Run => {
    pastBoots = [...(run === undefined ? [] : [run.bootId]), ...pastBoots].filter((boot) => boot !== block.bootId).slice(0, keptBoots);
    pace.reset();
    aside = undefined;
    run = newRun(block, id);
    return run;
  };

  /** The block goes on `stepUs` behind the newest; `mapping` says how its header is to be read. */
  const accept = (of: Run, asked: Asked, { stepUs, mapping }: { stepUs: number; mapping: Mapping }): CourseBlock => {
    const { block, rateHz } = asked;
    const { timeUs: arrivalUs } = block.stamps;
    const firstIndex = block.firstIndex + mapping.index;
    const startUs = of.nextUs + stepUs;
    const endUs = startUs + spanOf(asked);
    const out = headed(of, asked, { mapping, startUs, descriptor: descriptorOf(block) });
    remember(of, asked, { index: mapping.index, clockUs: block.deviceClock === 0 ? 0 : out.deviceTimeUs - block.deviceTimeUs });
    settle(of, arrivalUs, endUs);
    if (firstIndex > of.nextIndex) of.wholeFrom = firstIndex;
    if (firstIndex + block.count > of.nextIndex) {
      Object.assign(of, { nextIndex: firstIndex + block.count, nextUs: endUs });
      const nominalHz = block.descriptor.rateHz;
      const clockUs = block.deviceClock === 0 ? undefined : block.deviceTimeUs + (block.count * 1e6) / nominalHz;
      const isLate = arrivalUs - endUs - of.offsetUs > lateUs;
      if (of.isPaced) pace.push({ endIndex: of.nextIndex, arrivalUs, clockUs, isLate }, nominalHz);
    }
    if (((firstIndex - of.mark.index) * 1e6) / rateHz >= markEveryUs) of.mark = { index: firstIndex, us: startUs };
    of.seenUs = arrivalUs;
    return out;
  };

  const correct = (of: Run, asked: Asked, reading: Reading, witness = believed(of, asked, reading)): Followed => {
    const { block, rateHz } = asked;
    const sinceUs = sinceSeenUs(of, asked);
    // A clock that stands still has agreed for a while: what it lost is made good from the mark.
    const byIndexUs = Math.max(
      reading.byIndexUs,
      of.mark.us + ((block.firstIndex + reading.mapping.index - of.mark.index) * 1e6) / rateHz - of.nextUs,
    );
    const stepUs = { index: byIndexUs, clock: reading.byClockUs, arrival: sinceUs > arrivalJitterUs ? sinceUs : 0 }[witness];
    const samples = Math.abs(stepUs) <= stampJitterUs ? 0 : Math.round((stepUs * rateHz) / 1e6);
    const index = witness === "index" ? reading.mapping.index : of.nextIndex + samples - block.firstIndex;
    const mapping = { index, clockUs: Math.round(of.nextUs + stepUs - block.deviceTimeUs) };
    const faults: TimingFault[] = [];
    if (witness !== "index") {
      figures.indexFaults++;
      faults.push({ fault: "index" });
      pace.reset();
    }
    if (asked.isClockAsked && witness !== "clock") {
      figures.clockFaults++;
      if (noteClockFault(of, block.stamps.timeUs) || Math.abs(reading.byClockUs - stepUs) >= toldUs) faults.push({ fault: "clock" });
    }
    return { blocks: [accept(of, asked, { stepUs, mapping })], faults };
  };

  /** Late blocks are of no use to anybody live; but when nothing else comes, numbers have started again and these are the present. */
  const setAside = (of: Run, asked: Asked): Followed | undefined => {
    const { block } = asked;
    const isNext = aside?.bootId === block.bootId && [aside.nextIndex, aside.blocks.at(-1)?.firstIndex].includes(block.firstIndex);
    const held: Aside = isNext && aside !== undefined ? aside : { bootId: block.bootId, nextIndex: 0, signalUs: 0, blocks: [] };
    aside = held;
    held.blocks.push(block);
    held.nextIndex = block.firstIndex + block.count;
    held.signalUs += spanOf(asked);
    while (held.signalUs > longestAsideUs && held.blocks.length > 1)
      held.signalUs -= spanOf({ ...asked, block: held.blocks.shift() ?? block });
    const silentUs = block.stamps.timeUs - of.seenUs;
    if (held.blocks.length < 2 || held.signalUs < againUs || held.signalUs > againPace * silentUs + arrivalJitterUs) return undefined;
    const next = begin(held.blocks[0] ?? block, `${block.bootId}~${++serial}`);
    figures.indexFaults++;
    const blocks = held.blocks.map((each) => follow(next, each).blocks);
    return { blocks: blocks.flat(), faults: [{ fault: "index" }] };
  };

  const follow = (of: Run, block: SampleBlock): Followed => {
    if (renew(of, block)) pace.reset();
    const asked = ask(of, block);
    const readings = [of.mapping, ...of.earlier].map((mapping) => readingOf(of, asked, mapping));
    const fits = readings.find((each, i) => each.agrees && isPossible(of, asked, each.byClockUs) && (i === 0 || isNear(each)));
    if (fits !== undefined && isRenumbered(of, asked, fits)) return correct(of, asked, fits, "clock");
    if (fits !== undefined && isUsed(of, asked, fits) && isUsedAgain(of, asked)) return correct(of, asked, fits, "arrival");
    if (fits !== undefined) {
      aside = undefined;
      if (block.firstIndex + fits.mapping.index >= of.nextIndex) of.used = undefined;
      return { blocks: [accept(of, asked, { stepUs: fits.byClockUs, mapping: fits.mapping })], faults: [] };
    }
    const late = readings.find((each) => each.agrees && isBehind(asked, each.byClockUs));
    if (late === undefined) return correct(of, asked, readings[0] as Reading);
    // It may still fill a hole; a stage further on counts it where it doesn't.
    const passed = headed(of, asked, { mapping: late.mapping, startUs: of.nextUs + late.byClockUs, descriptor: descriptorOf(block) });
    return setAside(of, asked) ?? { blocks: [passed], faults: [] };
  };

  const place = (block: SampleBlock): Followed => {
    if (run === undefined || (block.bootId !== run.bootId && !pastBoots.includes(block.bootId)))
      return follow(begin(block, block.bootId), block);
    if (block.bootId === run.bootId) return follow(run, block);
    const again = setAside(run, ask(run, block));
    if (again === undefined) figures.historySamples += block.count;
    return again ?? { blocks: [], faults: [] };
  };

  return {
    push(block) {
      const { blocks, faults } = place(block);
      if (faults.length > 0) uncertainUntilUs = block.stamps.timeUs + uncertainUs;
      const nominalHz = block.descriptor.rateHz;
      const rateHz = pace.rateHz(nominalHz);
      if (rateHz / nominalHz === rateShareTold) return { blocks, faults };
      rateShareTold = rateHz / nominalHz;
      return { blocks, faults: [...faults, { fault: "rate", rateHz, nominalHz }] };
    },
    figures,
    get measuredHz() {
      return pace.measuredHz;
    },
    get nominalHz() {
      return pace.nominalHz;
    },
    get uncertainUntilUs() {
      return uncertainUntilUs;
    },
    state: () => structuredClone({ run, pastBoots, serial, aside, pace: pace.state(), figures, rateShareTold, uncertainUntilUs }),
  };
}

/** The axis runs with monotonic time; another difference is another run of the gateway, or an axis that was put right. */
const gatewayRunOf = ({ stamps }: SampleBlock) => stamps.timeUs - stamps.monotonicUs;

function newRun(block: SampleBlock, id: string): Run {
  const { bootId, firstIndex, stamps } = block;
  const us = deviceUsOf(block);
  return {
    ...{ bootId, id, earlier: [], mapping: { index: 0, clockUs: 0 }, nextIndex: firstIndex, nextUs: us, mark: { index: firstIndex, us } },
    ...{ offsetUs: Infinity, fellToUs: Infinity, fellUs: stamps.timeUs, isPaced: false, gatewayRunUs: gatewayRunOf(block) },
    ...{ seenUs: stamps.timeUs, clockFaultsUs: [], mistrustUntilUs: 0, wholeFrom: firstIndex, used: undefined },
  };
}

/** Over a step of the axis arrivals can't be compared: until there is a pace again, nothing is too early. True where there was one. */
function renew(run: Run, block: SampleBlock): boolean {
  const gatewayRunUs = gatewayRunOf(block);
  if (gatewayRunUs === run.gatewayRunUs) return false;
  const { timeUs } = block.stamps;
  Object.assign(run, { gatewayRunUs, offsetUs: Infinity, fellToUs: Infinity, fellUs: timeUs, isPaced: false, seenUs: timeUs });
  return true;
}

function remember(run: Run, { isClockAsked, block }: Asked, mapping: Mapping): void {
  const isSame = (a: Mapping) => a.index === mapping.index && a.clockUs === mapping.clockUs;
  if (isSame(run.mapping)) return;
  // A clock that is not asked is followed, so that it agrees when it is asked again; that mapping is not kept to come back to.
  const isNew = isClockAsked || block.deviceClock === 0 || run.mapping.index !== mapping.index;
  if (isNew) run.earlier = [run.mapping, ...run.earlier.filter((each) => !isSame(each))].slice(0, keptMappings);
  run.mapping = mapping;
}

function settle(run: Run, arrivalUs: number, endUs: number): void {
  const offsetUs = arrivalUs - endUs;
  if (offsetUs < run.fellToUs - fallUs) Object.assign(run, { fellToUs: offsetUs, fellUs: arrivalUs });
  if (arrivalUs - run.fellUs >= paceUs) run.isPaced = true;
  const driftUs = offsetUs - run.offsetUs > lateUs ? 0 : driftShare * (arrivalUs - run.seenUs);
  run.offsetUs = Math.min(run.offsetUs + driftUs, offsetUs);
}

/** Repeats come in a bunch; numbers that stand still come at the pace of the signal, with nothing new in between. */
function isUsedAgain(run: Run, asked: Asked): boolean {
  run.used ??= { sinceUs: run.seenUs, signalUs: 0, blocks: 0 };
  run.used.signalUs += spanOf(asked);
  run.used.blocks++;
  return run.used.blocks >= usedInRow && run.used.signalUs <= againPace * (asked.block.stamps.timeUs - run.used.sinceUs);
}

/** True when the clock is not asked for a while from here on. */
function noteClockFault(run: Run, arrivalUs: number): boolean {
  run.clockFaultsUs = [...run.clockFaultsUs.filter((us) => arrivalUs - us < mistrustUs), arrivalUs];
  if (run.clockFaultsUs.length < faultsToMistrust) return false;
  run.clockFaultsUs = [];
  run.mistrustUntilUs = arrivalUs + mistrustUs;
  return true;
}

/** The block as all that follows is to read it: the same object where nothing was wrong. */
function headed(
  run: Run,
  { block, isClockAsked }: Asked,
  { mapping, startUs, descriptor }: { mapping: Mapping; startUs: number; descriptor: StreamDescriptor },
): CourseBlock {
  const firstIndex = block.firstIndex + mapping.index;
  const byClockUs = block.deviceTimeUs + mapping.clockUs;
  const deviceTimeUs = block.deviceClock === 0 ? block.deviceTimeUs : isClockAsked ? byClockUs : Math.round(startUs);
  const isPlain = run.id === block.bootId && firstIndex === block.firstIndex && descriptor === block.descriptor;
  if (isPlain && deviceTimeUs === block.deviceTimeUs) return block;
  const raw = block.raw ?? { bootId: block.bootId, firstIndex: block.firstIndex, rateHz: block.descriptor.rateHz };
  return { ...block, descriptor, bootId: run.id, firstIndex, deviceTimeUs, raw };
}
