/** The one heart rate of a person and the sensor that it is from, or the reason why there is none. */

import { durationText } from "./format.ts";
import { texts } from "./texts.ts";
import type { Device, Person } from "./wire-types.ts";

/** A heart rate older than this is history, not a value. */
const freshS = 15;

interface HeartRateProps {
  readonly person: Person;
  readonly devices: readonly Device[];
  readonly nowS: number;
  readonly isLive: boolean;
  /** Every ECG of this person has lost the skin. */
  readonly isOff: boolean;
  /** Its signal comes, and no heart is seen in it. */
  readonly isBeatless: boolean;
  readonly ageGrowthS: number;
}

export function HeartRate({ person, devices, nowS, isLive, isOff, isBeatless, ageGrowthS }: HeartRateProps) {
  const { heart_rate_bpm: bpm, heart_rate_source: source, heart_rate_disagreement: differs } = person;
  const ageS = (person.heart_rate_age_s ?? 0) + Math.max(0, ageGrowthS);
  // A device that measures once a minute says itself for how long its number stands.
  const isFresh = ageS <= freshS || (source !== null && nowS <= Date.parse(source.fresh_until) / 1000);
  const titleOf = (id: string) => devices.find((device) => device.id === id)?.title ?? id;
  if (!isLive) return <HeartWord word={texts.people.noConnection} />;
  if (bpm === null && differs !== null) {
    const between = differs.between.map((each) => texts.people.says(titleOf(each.device), rateKind(each.kind), each.bpm));
    return <HeartWord word={texts.people.disagree} detail={between.join(", ")} />;
  }
  if (bpm !== null && source?.quality === "poor" && isFresh) return <HeartWord word={texts.people.poorSignal} />;
  if (bpm !== null && source !== null && isFresh)
    return (
      <div class="heart" data-rate-kind={source.kind}>
        <p class="heart-value">
          <span class="visually-hidden">{texts.people.heartRate} </span>
          {Math.round(bpm)}
          <span class="heart-unit"> {texts.people.perMinute}</span>
        </p>
        <p class="muted">{texts.people.aged(durationText(ageS))}</p>
        <p class="muted">{texts.people.rateFrom(titleOf(source.device), rateKind(source.kind))}</p>
      </div>
    );
  if (isOff) return <HeartWord word={texts.people.noContact} />;
  if (person.quality === "poor" || person.quality === "bad") return <HeartWord word={texts.people.poorSignal} />;
  return <HeartWord word={isBeatless ? texts.people.noBeats : texts.people.noValue} />;
}

const rateKind = (kind: string): string => texts.people.rateKinds[kind] ?? kind;

function HeartWord({ word, detail = texts.people.heartRate }: { word: string; detail?: string }) {
  return (
    <div class="heart">
      <p class="heart-word">{word}</p>
      <p class="muted">{detail}</p>
    </div>
  );
}
