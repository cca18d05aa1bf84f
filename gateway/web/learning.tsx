/** How far it is learnt what is usual for a person, what people have called normal, and the ways back. */

import { useState } from "preact/hooks";
import { storedName } from "./client.ts";
import { durationText, isoClockText } from "./format.ts";
import { Failure, useSending } from "./setup-form.tsx";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";
import type { Learning, Person } from "./wire-types.ts";

const says = texts.learning;

export function LearningLines({ person, store }: { person: Person; store: Store }) {
  if (person.learning.length === 0) return null;
  return (
    <div class="learning">
      {person.learning.map((each) => (
        <LearningLine key={`${each.model}/${each.placement}`} person={person} learning={each} store={store} />
      ))}
    </div>
  );
}

function LearningLine({ person, learning, store }: { person: Person; learning: Learning; store: Store }) {
  const [isAsking, setAsking] = useState(false);
  const { send, failure } = useSending(store);
  const { role } = store.state.status ?? {};
  const maySay = role === "caregiver" || role === "admin";
  const by = storedName();
  const act = (body: object) => send(`/people/${person.id}/learning`, "POST", { ...body, ...(by === undefined ? {} : { by }) });
  return (
    <div data-learning={learning.state}>
      <p class="muted">{wordsOf(learning)}</p>
      {learning.state === "learning" && <progress max={learning.needed_s} value={learning.learnt_s} aria-label={wordsOf(learning)} />}
      {learning.state !== "learning" && (learning.normals.length > 0 || maySay) && (
        <details>
          <summary>{says.more}</summary>
          {learning.from_record && <p class="muted">{says.fromRecord}</p>}
          {learning.normals.map(({ number, at, by: who }) => (
            <p key={number}>
              {says.normalBy(who, isoClockText(at))}{" "}
              {maySay && (
                <button type="button" class="link" onClick={() => void act({ act: "undo", number })}>
                  {says.undo}
                </button>
              )}
            </p>
          ))}
          {maySay && (
            <p>
              <button
                type="button"
                class="link"
                onClick={() => {
                  if (isAsking) void act({ act: "again", placement: learning.placement });
                  setAsking(!isAsking);
                }}
              >
                {isAsking ? says.reallyAgain : says.again}
              </button>{" "}
              <small>{says.againSays}</small>
            </p>
          )}
          <Failure says={failure} />
        </details>
      )}
    </div>
  );
}

function wordsOf({ state, placement, learnt_s, needed_s, since, finished_at, changed_since }: Learning): string {
  if (state === "learning") return says.learning(progressText(learnt_s, needed_s), placement);
  if (state === "changed") return says.changed(isoClockText(changed_since ?? since), placement);
  return says.known(isoClockText(finished_at ?? since), placement);
}

/** "3 of 5 min". */
function progressText(doneS: number, neededS: number): string {
  if (neededS < 120) return `${Math.floor(doneS)} of ${neededS} s`;
  return `${Math.floor(doneS / 60)} of ${durationText(neededS)}`;
}
