/** One line per person: what leaves the house, how much of it today, and since when; behind it the ways to change that. */

import { useEffect, useState } from "preact/hooks";
import { request, storedName } from "./client.ts";
import { bytesText, dayText } from "./format.ts";
import { listText, modeText, whatLeaves } from "./leaves-text.ts";
import { repeat } from "./repeat.ts";
import { Failure, useSending } from "./setup-form.tsx";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";
import type { Consent, Person } from "./wire-types.ts";

const says = texts.consent;
const everyMs = 60_000;
const modes = Object.keys(says.modes);

export function LeavesLine({ store, person }: { store: Store; person: Person }) {
  const [consent, setConsent] = useState<Consent>();
  const sending = useSending(store);
  const path = `/people/${encodeURIComponent(person.id)}/consent`;
  useEffect(() => {
    // While the gateway does not answer the page says so at its top, and the line stays as it was.
    const read = () => request<Consent>(path).then(setConsent, () => {});
    void read();
    return repeat(read, everyMs);
  }, [path]);
  if (consent === undefined) return null;
  const put = async (change: object) => {
    const by = storedName();
    const answer = await sending.send<Consent>(path, "PUT", { ...change, ...(by === undefined ? {} : { by }) });
    if (answer !== undefined) setConsent(answer);
  };
  const asked = Object.entries(consent.waiting);
  return (
    <div class="leaves" data-leaves={person.id}>
      <p class="muted">{leavesText(consent)}</p>
      {consent.held_by !== null && <p class="muted">{says.held[consent.held_by] ?? consent.held_by}</p>}
      {asked.length > 0 && (
        <p class="state-care" role="status">
          {says.asks(listText(asked.map(([stream, mode]) => modeText(stream, mode))))}{" "}
          {consent.may === "give" && (
            <button type="button" class="link" onClick={() => void put({ streams: consent.waiting })}>
              {says.allow}
            </button>
          )}
        </p>
      )}
      {consent.may !== "look" && (
        <details>
          <summary>{says.change}</summary>
          <ConsentForm key={consent.since} consent={consent} streams={streamsOf(store, person, consent)} onSave={put} />
        </details>
      )}
      <Failure says={sending.failure} />
    </div>
  );
}

interface ConsentFormProps {
  readonly consent: Consent;
  readonly streams: readonly string[];
  onSave(change: object): Promise<void>;
}

function ConsentForm({ consent, streams, onSave }: ConsentFormProps) {
  const [typed, setTyped] = useState({ alerts: consent.alerts, strips: consent.strips, streams: {} as Readonly<Record<string, string>> });
  const mayGive = consent.may === "give";
  const allowed = (stream: string) => consent.streams[stream] ?? consent.streams["*"] ?? "none";
  const box = (name: "alerts" | "strips", label: string) => (
    <label class="leaves-box">
      <input
        type="checkbox"
        name={name}
        checked={typed[name]}
        disabled={!mayGive && !consent[name]}
        onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.checked })}
      />{" "}
      {label}
    </label>
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void onSave(typed);
      }}
    >
      <p class="muted">{says.says}</p>
      {!mayGive && <p class="muted">{says.onlyLess}</p>}
      {box("alerts", says.alertsLabel)}
      {box("strips", says.stripsLabel)}
      {streams.map((stream) => (
        <label key={stream}>
          {says.streamLabel(stream)}
          <select
            name={stream}
            value={typed.streams[stream] ?? allowed(stream)}
            onChange={(event) => setTyped({ ...typed, streams: { ...typed.streams, [stream]: event.currentTarget.value } })}
          >
            {modes.map((mode) => (
              <option key={mode} value={mode} disabled={!mayGive && modes.indexOf(mode) > modes.indexOf(allowed(stream))}>
                {says.modes[mode]}
              </option>
            ))}
          </select>
        </label>
      ))}
      <button type="submit" class="button">
        {says.save}
      </button>
    </form>
  );
}

/** Those that the person wears now or has a word of their own for, and every other. */
function streamsOf(store: Store, person: Person, consent: Consent): string[] {
  const worn = store.state.streams.flatMap((each) => (each.person === person.id ? [each.stream] : []));
  const named = Object.keys(consent.streams).filter((stream) => stream !== "*");
  return [...[...new Set([...worn, ...named])].sort(), "*"];
}

function leavesText(consent: Consent): string {
  const what = whatLeaves(consent);
  const { today_bytes, since } = consent;
  return what.length === 0 ? says.nothing(dayText(since)) : says.line(listText(what), bytesText(today_bytes), dayText(since));
}
