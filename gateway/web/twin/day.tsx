/** A longer time of one person: heart rate, rhythm, alerts and what was watched, over one axis of time. */

import { useEffect, useRef, useState } from "preact/hooks";
import { request } from "../client.ts";
import { durationText } from "../format.ts";
import { repeat } from "../repeat.ts";
import { Watched } from "../watched.tsx";
import { DayPicture } from "./day-picture.tsx";
import { rateRuns, rhythmStretches } from "./day-shape.ts";
import { ofHome, type TwinPageStore } from "./store.ts";
import { twinTexts } from "./texts.ts";
import type { CoverageAtTwin, MinuteAtTwin, PersonAtTwin } from "./wire.ts";

const everyMs = 30_000;
const hoursOf = [24, 6, 1] as const;
const parts = 24;

interface Day {
  readonly fromUs: number;
  readonly toUs: number;
  readonly runs: ReturnType<typeof rateRuns>;
  readonly rhythms: ReturnType<typeof rhythmStretches>;
  readonly coverage: CoverageAtTwin;
}

export function DayOf({ store, person }: { store: TwinPageStore; person: PersonAtTwin }) {
  const [hours, setHours] = useState<number>(hoursOf[0]);
  const [day, setDay] = useState<Day>();
  const isChosen = useRef(false);
  const choose = (of: number) => {
    isChosen.current = true;
    setHours(of);
  };
  const { home = "" } = store.state;
  useEffect(() => {
    let isOver = false;
    const read = () =>
      readDay(home, person.id, store.nowS(), hours).then(
        (found) => {
          if (isOver) return;
          // Of a home that is new the day is nearly empty.
          setDay(found);
          if (!isChosen.current && found.runs.length > 0) choose(hoursFor(found));
        },
        () => {
          // The head of the page says that the twin does not answer.
        },
      );
    void read();
    const end = repeat(read, everyMs);
    return () => {
      isOver = true;
      end();
    };
  }, [store, home, person.id, hours]);
  return (
    <section class="day" aria-label={twinTexts.day.heading(person.name ?? person.id)}>
      <fieldset class="day-spans">
        <legend class="visually-hidden">{twinTexts.day.spans}</legend>
        {hoursOf.map((each) => (
          <button key={each} type="button" class="button" aria-pressed={each === hours} onClick={() => choose(each)}>
            {twinTexts.day.hours(each)}
          </button>
        ))}
      </fieldset>
      {day === undefined ? (
        <p class="muted">{twinTexts.people.asking}</p>
      ) : (
        <>
          <DayPicture {...day} alerts={person.alerts} />
          <Watched watchedS={day.coverage.watched_s} spanS={day.coverage.span_s} />
          {day.runs.length === 0 && <p class="muted">{twinTexts.day.nothing(durationText(day.coverage.span_s))}</p>}
        </>
      )}
    </section>
  );
}

/** The shortest span that holds all of the day that there is. */
function hoursFor({ runs, fromUs, toUs }: Day): number {
  const since = ((toUs - fromUs) / 60e6 - (runs[0]?.[0]?.at ?? 0)) / 60;
  return [...hoursOf].reverse().find((hours) => since <= hours) ?? hoursOf[0];
}

/** Whole minutes, so that each row of the twin is one of the picture's. */
async function readDay(home: string, person: string, nowS: number, hours: number): Promise<Day> {
  const toUs = Math.ceil(nowS / 60) * 60e6;
  const fromUs = toUs - hours * 3600e6;
  const at = `/people/${encodeURIComponent(person)}`;
  const span = (from: number) => `from=${from}&to=${toUs}`;
  const [{ minutes }, { rhythms }, coverage] = await Promise.all([
    request<{ minutes: MinuteAtTwin[] }>(ofHome(home, `${at}/minutes?code=hr&${span(fromUs)}`)),
    // A rhythm is told when it changes: what stood at the begin was told before.
    request<{ rhythms: { timeUs: number; label: string }[] }>(ofHome(home, `${at}/rhythms?${span(fromUs - 86_400e6)}`)),
    request<CoverageAtTwin>(ofHome(home, `${at}/coverage?parts=${parts}&${span(fromUs)}`)),
  ]);
  const runs = rateRuns(minutes, fromUs);
  return { fromUs, toUs, runs, rhythms: rhythmStretches(rhythms, runs, fromUs), coverage };
}
