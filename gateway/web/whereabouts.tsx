/** Whether a person is away or wears no sensor for a while, and the way to say so. */

import { useState } from "preact/hooks";
import { storedName } from "./client.ts";
import { Failure, useSending } from "./setup-form.tsx";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";
import type { Person } from "./wire-types.ts";

const says = texts.presence;
const usualS = 14_400;

export function Whereabouts({ person, store }: { person: Person; store: Store }) {
  const [lengthS, setLengthS] = useState(usualS);
  const { send, failure } = useSending(store);
  const role = store.state.status?.role;
  const { state } = person.presence;
  const say = (next: typeof state, forS?: number) => {
    const by = storedName();
    const until = forS === undefined ? {} : { until: String(Math.round(store.nowS() + forS)) };
    return send(`/people/${person.id}/presence`, "PUT", { state: next, ...until, ...(by === undefined ? {} : { by }) });
  };
  const maySay = role !== undefined && role !== "integrator";
  if (state === "home" && !maySay) return null;
  return (
    <div class="whereabouts" data-presence={state}>
      {state === "home" ? (
        <details>
          <summary>{says.more}</summary>
          <p class="muted">{says.says}</p>
          <div class="actions">
            <label>
              {says.until}{" "}
              <select value={lengthS} onChange={(event) => setLengthS(Number(event.currentTarget.value))}>
                {Object.entries(says.choices).map(([seconds, words]) => (
                  <option key={seconds} value={seconds}>
                    {words}
                  </option>
                ))}
              </select>
            </label>
            <button type="button" class="button" onClick={() => void say("away", lengthS)}>
              {says.away}
            </button>
            <button type="button" class="button" onClick={() => void say("paused")}>
              {says.pause}
            </button>
          </div>
        </details>
      ) : (
        <>
          {wordsOf(person.presence).map((line) => (
            <p key={line}>{line}</p>
          ))}
          {maySay && (
            <button type="button" class="button" onClick={() => void say("home")}>
              {says.home}
            </button>
          )}
        </>
      )}
      <Failure says={failure} />
    </div>
  );
}

function wordsOf({ state, until, by, overdue, seen_again_at: seenAgain }: Person["presence"]): string[] {
  const end = until === null ? "" : dayText(until);
  const who = by ?? "";
  const word = overdue ? says.overdue(end) : state === "away" ? says.isAway(end, who) : says.isPaused(end, who);
  return seenAgain === null ? [word] : [word, says.seenAgain(dayText(seenAgain))];
}

/** "Sat 14:05". */
function dayText(iso: string): string {
  return new Date(iso).toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}
