/** The twin's view beside the home's: its state, beats, alerts and the strip, as the twin itself answers. */

import { useEffect, useState } from "preact/hooks";
import { Expert } from "./expert.tsx";
import { clockText, durationText, numberText, unitText } from "./format.ts";
import { ModeSwitch } from "./mode-switch.tsx";
import { paperLink } from "./paper.tsx";
import { repeat } from "./repeat.ts";
import { type Store, useTick } from "./store.ts";
import { StripPicture } from "./strip-picture.tsx";
import { ruleName, texts } from "./texts.ts";
import { paperTexts } from "./texts-paper.ts";
import { twinTraceTexts } from "./texts-twin-trace.ts";
import { TwinBodyOf } from "./twin-body.tsx";
import { isStripOwed, readTwinPerson, type TwinAlert, type TwinPerson } from "./twin-client.ts";
import { newestRun } from "./twin-meter.ts";
import { TwinTraceOf } from "./twin-trace.tsx";
import type { Person, Status } from "./wire-types.ts";

const everyMs = 4000;
const quietS = 12;

export function TwinPanel({ store }: { store: Store }) {
  useTick(1000);
  const { status, people } = store.state;
  return (
    <section aria-labelledby="twin-heading" class="twin">
      <h2 id="twin-heading">{texts.twin.heading}</h2>
      <div class="card">
        <p class="muted">{texts.twin.says}</p>
        <Expert>
          <p>{texts.twin.expert(status?.uplink.depth ?? 0)}</p>
        </Expert>
        {status !== undefined && <Uplink uplink={status.uplink} nowS={store.nowS()} />}
        {people?.map((person) => (
          <TwinOf key={person.id} store={store} person={person} nowS={store.nowS()} hasBody={store.bodies.minute(person.id).length > 0} />
        ))}
      </div>
    </section>
  );
}

function Uplink({ uplink, nowS }: { uplink: Status["uplink"]; nowS: number }) {
  const ageS = uplink.last_ack_at === null ? undefined : nowS - Date.parse(uplink.last_ack_at) / 1000;
  const age = ageS === undefined ? undefined : durationText(ageS);
  // Rows that wait while nothing is confirmed: the line may be dead before anybody has noticed.
  const isQuiet = uplink.depth > 0 && ageS !== undefined && ageS > quietS;
  return (
    <p>
      <span class={`state ${uplink.connected && !isQuiet ? "state-fine" : "state-care"}`} data-uplink={uplink.connected}>
        {!uplink.connected ? texts.twin.uplinkDown(uplink.depth) : isQuiet ? texts.twin.uplinkQuiet(uplink.depth) : texts.twin.uplinkUp}
      </span>
      {age !== undefined && <span class="muted"> · {texts.twin.confirmed(age)}</span>}
    </p>
  );
}

function TwinOf({ store, person, nowS, hasBody }: { store: Store; person: Person; nowS: number; hasBody: boolean }) {
  const [known, setKnown] = useState<TwinPerson>();
  const [isSilent, setSilent] = useState(false);
  useEffect(() => {
    const read = async () => {
      try {
        setKnown(await readTwinPerson(person.id));
        setSilent(false);
      } catch {
        // Silence is shown, not hidden: the words below say that the twin does not answer.
        setSilent(true);
      }
    };
    void read();
    return repeat(read, everyMs);
  }, [person.id]);

  return (
    <article class="twin-person" data-twin-person={person.id}>
      <h3>{person.name}</h3>
      {isSilent && <p class="state-care">{texts.twin.silent}</p>}
      {known !== undefined && <TwinFacts person={person.id} known={known} nowS={nowS} />}
      <TwinTraceOf person={person.id} />
      {store.state.status?.mode === "demo" && store.state.status.role === "admin" && <ModeSwitch store={store} person={person} />}
      {hasBody && <TwinBodyOf person={person.id} />}
    </article>
  );
}

function alertState(alert: TwinAlert): string {
  const word = texts.twin.states[alert.state] ?? alert.state;
  const state = alert.acknowledged_by === null ? word : `${word}, ${alert.acknowledged_by}`;
  const note = alert.notes?.at(-1);
  return note === undefined ? state : `${state} (${note.by}: “${note.text}”)`;
}

/** The strip says whose it is: the newest alert above may be another. */
function Strip({ person, alert, trace, beats }: NonNullable<TwinPerson["strip"]> & { person: string }) {
  const words = texts.twin.strip(ruleName(alert.rule), clockText(alert.onset_s));
  return (
    <figure class="strip" data-strip-samples={trace.values.length} data-strip-alert={alert.id}>
      <figcaption class="muted">{words}</figcaption>
      <StripPicture trace={trace} beats={beats} title={words} />
      <a href={paperLink({ person, fromS: trace.startUs / 1e6, toS: trace.startUs / 1e6 + trace.values.length / trace.rateHz })}>
        {paperTexts.open}
      </a>
    </figure>
  );
}

function TwinFacts({ person, known, nowS }: { person: string; known: TwinPerson; nowS: number }) {
  const counts = new Map<string, number>();
  for (const beat of known.beats) counts.set(beat.label, (counts.get(beat.label) ?? 0) + 1);
  const [newest] = known.alerts;
  const owed = known.alerts.find(isStripOwed);
  const run = newestRun(known.beats);
  return (
    <>
      <dl class="facts">
        <div>
          <dt>{texts.twin.heartRate}</dt>
          <dd>
            {known.heartRate === undefined ? texts.people.noValue : `${Math.round(known.heartRate.bpm)} ${texts.people.perMinute}`}{" "}
            {known.heartRate !== undefined && (
              <span class="muted">{texts.twin.asOf(durationText(nowS - Date.parse(known.heartRate.at) / 1000))}</span>
            )}
          </dd>
        </div>
        {known.vitals.map(({ code, value, unit, device, at }) => (
          <div key={`${device}/${code}`} data-twin-vital={code}>
            <dt>{texts.vitals.names[code] ?? code}</dt>
            <dd>
              {`${numberText(value, unit)} ${unitText(unit)} `}
              <span class="muted">{`${device}, ${texts.twin.asOf(durationText(nowS - Date.parse(at) / 1000))}`}</span>
            </dd>
          </div>
        ))}
        <div>
          <dt>{texts.twin.beats}</dt>
          <dd class="beat-counts" data-twin-beats={known.beats.length}>
            {[...counts].map(([label, count]) => (
              <span key={label} class={`beat beat-${label.toLowerCase()}`}>
                {count} {texts.twin.beatWords[label] ?? label}
              </span>
            ))}
            {counts.size === 0 && "–"}
            <span class="muted">{texts.twin.inSpan}</span>
          </dd>
        </div>
        <div class="fact-wide">
          <dt>{texts.twin.alerts}</dt>
          <dd data-twin-alerts={known.alerts.length}>
            {newest === undefined ? texts.twin.noAlerts : `${ruleName(newest.rule)}, ${clockText(newest.onset_s)}, ${alertState(newest)}`}
          </dd>
        </div>
      </dl>
      {run !== undefined && <p data-twin-run={run.beats}>{twinTraceTexts.run(clockText(run.timeUs / 1e6), run.beats, run.bpm)}</p>}
      {owed !== undefined && known.strip?.alert.id !== owed.id && <p class="muted">{texts.twin.noStrip(ruleName(owed.rule))}</p>}
      {known.strip !== undefined && <Strip person={person} {...known.strip} />}
    </>
  );
}
