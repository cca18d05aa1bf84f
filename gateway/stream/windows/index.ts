/** THE table of what makes windows, by kind of trigger. */

import type { StreamDescriptor } from "../../../device-drivers/contract/sample-block.ts";
import type { ModelSpec, TriggerKind } from "../../../models/model-spec.ts";
import { chooseEcg } from "../ecg/choose-ecg.ts";
import { unclaimedAfter } from "./after-result.ts";
import { unclaimedAligned } from "./aligned.ts";
import { unclaimedOnBeat } from "./on-beat.ts";
import { hasHops, unclaimedOnHop } from "./on-hop.ts";

type Claim<Kind extends TriggerKind> = Pick<ModelSpec<unknown, Kind>, "trigger" | "input">;

interface Maker<Kind extends TriggerKind> {
  /** Why no window would ever be made for this model; undefined where one would. */
  unclaimed(spec: Claim<Kind>, others?: readonly string[]): string | undefined;
  /** Whether windows of this stream alone are made for it. */
  isAskedAbout(spec: Claim<Kind>, descriptor: StreamDescriptor): boolean;
}

const makers: { readonly [Kind in TriggerKind]: Maker<Kind> } = {
  beat: { unclaimed: unclaimedOnBeat, isAskedAbout: (_spec, descriptor) => chooseEcg(descriptor) !== undefined },
  hop: { unclaimed: unclaimedOnHop, isAskedAbout: hasHops },
  after: { unclaimed: unclaimedAfter, isAskedAbout: () => false },
  aligned: { unclaimed: unclaimedAligned, isAskedAbout: () => false },
};

// A trigger of a spec from outside may be of any kind.
const makerOf = ({ trigger }: Claim<TriggerKind>) => makers[trigger.kind] as Maker<TriggerKind> | undefined;

/** Why no window would ever be made for this model; undefined where one would. `others`: the models of the house but this one, where that is to be asked. */
export function unclaimed(spec: Claim<TriggerKind>, others?: readonly string[]): string | undefined {
  const maker = makerOf(spec);
  return maker === undefined ? `no window is made for the trigger "${spec.trigger.kind}"` : maker.unclaimed(spec, others);
}

/** Whether windows of this stream alone are made for it. */
export function isAskedAbout(spec: Claim<TriggerKind>, descriptor: StreamDescriptor): boolean {
  return unclaimed(spec) === undefined && makerOf(spec)?.isAskedAbout(spec, descriptor) === true;
}

/** Whether its windows are of the person, not of one stream. */
export function isOfPerson(spec: Claim<TriggerKind>): boolean {
  return spec.trigger.kind === "aligned" && unclaimed(spec) === undefined;
}
