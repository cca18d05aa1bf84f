/** One person as the twin has them: the newest heart rate and rhythm, and how old they are. */

import { durationText, isoClockText, numberText, unitText } from "../format.ts";
import { texts } from "../texts.ts";
import { DayOf } from "./day.tsx";
import type { TwinPageStore } from "./store.ts";
import { rhythmName, twinTexts } from "./texts.ts";
import type { PersonAtTwin } from "./wire.ts";

/** While nothing is urgent a home sends every five minutes what has happened; two of these later nothing is known of now. */
const freshS = 600;

export function PersonAtTwinCard({ store, person }: { store: TwinPageStore; person: PersonAtTwin }) {
  const nowS = store.nowS();
  const ageS = (iso: string | null) => (iso === null ? undefined : nowS - Date.parse(iso) / 1000);
  const newestS = ageS(person.as_of);
  return (
    <article class="card person" data-person={person.id} aria-labelledby={`person-${person.id}`}>
      <header class="person-head">
        <div>
          <h3 id={`person-${person.id}`}>{person.name ?? person.id}</h3>
          <p class="muted">{newestS === undefined ? twinTexts.people.never : twinTexts.people.asOf(durationText(newestS))}</p>
        </div>
        <Heart bpm={person.heart_rate_bpm} ageS={ageS(person.heart_rate_at)} />
      </header>
      <dl class="facts">
        {person.rhythm !== null && newestS !== undefined && newestS <= freshS && (
          <div data-rhythm={person.rhythm}>
            <dt>{twinTexts.people.rhythm}</dt>
            <dd>
              {rhythmName(person.rhythm)}{" "}
              {person.rhythm_since !== null && <span class="muted">{twinTexts.people.since(isoClockText(person.rhythm_since))}</span>}
            </dd>
          </div>
        )}
        {person.vitals.map(({ code, value, unit, device, at }) => (
          <div key={`${device}/${code}`} data-vital={code}>
            <dt>{texts.vitals.names[code] ?? code}</dt>
            <dd>
              {`${numberText(value, unit)} ${unitText(unit)}`}{" "}
              <span class="muted">{texts.vitals.from(device, durationText(ageS(at) ?? 0))}</span>
            </dd>
          </div>
        ))}
      </dl>
      <DayOf store={store} person={person} />
    </article>
  );
}

/** A number stands there only while it says something of now. */
function Heart({ bpm, ageS }: { bpm: number | null; ageS: number | undefined }) {
  if (bpm === null || ageS === undefined)
    return (
      <div class="heart">
        <p class="heart-word">{texts.people.noValue}</p>
        <p class="muted">{texts.people.heartRate}</p>
      </div>
    );
  if (ageS > freshS)
    return (
      <div class="heart">
        <p class="heart-word">{texts.people.noValue}</p>
        <p class="muted">{twinTexts.people.oldRate(Math.round(bpm), durationText(ageS))}</p>
      </div>
    );
  return (
    <div class="heart">
      <p class="heart-value">
        <span class="visually-hidden">{texts.people.heartRate} </span>
        {Math.round(bpm)}
        <span class="heart-unit"> {texts.people.perMinute}</span>
      </p>
      <p class="muted">{texts.people.aged(durationText(ageS))}</p>
    </div>
  );
}
