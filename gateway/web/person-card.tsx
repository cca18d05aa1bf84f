/** One person: name, heart rate or the reason why there is none, live traces, and what was watched. */

import { Body } from "./body.tsx";
import { Expert } from "./expert.tsx";
import { HeartRate } from "./heart-rate.tsx";
import { HelpButton } from "./help-button.tsx";
import { LearningLines } from "./learning.tsx";
import { LeavesLine } from "./leaves.tsx";
import { type Store, useTick } from "./store.ts";
import { texts } from "./texts.ts";
import { Trace } from "./trace.tsx";
import { Vitals } from "./vitals.tsx";
import { Watched } from "./watched.tsx";
import { Whereabouts } from "./whereabouts.tsx";
import type { Person, Stream } from "./wire-types.ts";

/** What the live stream carries. */
const traceKinds = ["ecg", "ppg", "acc"];

export function PersonCard({ store, person, uptimeS }: { store: Store; person: Person; uptimeS: number }) {
  useTick(1000);
  const { state } = store;
  const isLive = state.connection.kind === "live";
  const streams = state.streams.filter((stream) => stream.person === person.id);
  const groups = streams.flatMap((stream) => channelGroups(stream).map((channels) => ({ stream, channels })));
  groups.sort((a, b) => traceKinds.indexOf(a.channels[0]?.kind ?? "") - traceKinds.indexOf(b.channels[0]?.kind ?? ""));
  const ecgs = streams.filter((stream) => stream.channels.some(({ kind }) => kind === "ecg"));
  const isUnreadable = state.devices.some((device) => device.person === person.id && device.findings.length > 0);
  const isOff = ecgs.length > 0 && ecgs.every(({ contact }) => contact === "off");
  // The alert says for how long; a quality that is not known for another reason has none.
  const isTrue = (rule: string) =>
    state.alerts?.some((each) => each.person === person.id && each.rule === rule && each.end_s === null) === true;
  const isBeatless = person.quality === "unknown" && isTrue("signal.quality");
  return (
    <article class="card person" data-person={person.id}>
      <header class="person-head">
        <div>
          <h3>{person.name}</h3>
          <p class="muted">{texts.people.openAlerts(person.open_alerts)}</p>
        </div>
        <HeartRate
          person={person}
          devices={state.devices}
          nowS={store.nowS()}
          isLive={isLive}
          isOff={isOff}
          isBeatless={isBeatless}
          ageGrowthS={(performance.now() - state.peopleAtMs) / 1000}
        />
      </header>
      <HelpButton person={person} store={store} />
      <Whereabouts person={person} store={store} />
      {isLive && <Vitals vitals={person.vitals} devices={state.devices} nowS={store.nowS()} />}
      {isLive && <Body store={store} person={person} />}
      <div class={isLive ? "traces" : "traces traces-old"}>
        {streams.length === 0 && <p class="muted">{isUnreadable ? texts.people.unreadable : texts.people.noTraces}</p>}
        {groups.map(({ stream, channels }) => (
          <Trace
            key={`${stream.device}/${stream.stream}/${channels[0]?.id}`}
            traces={store.traces}
            person={person.id}
            stream={stream}
            channels={channels}
          />
        ))}
        {ecgs.length > 0 && <BeatLegend />}
      </div>
      <LearningLines person={person} store={store} />
      <LeavesLine store={store} person={person} />
      <Watched watchedS={person.watched_s} spanS={uptimeS} />
    </article>
  );
}

function BeatLegend() {
  return (
    <div class="legend">
      <span class="muted">{texts.trace.legend}:</span>
      {Object.entries(texts.trace.beats).map(([label, word]) => (
        <span key={label} class={`beat beat-${label.toLowerCase()}`}>
          <b aria-hidden="true">{label === "N" ? "•" : label}</b> {word}
        </span>
      ))}
      <Expert>
        <p>{texts.trace.beatsExpert}</p>
      </Expert>
    </div>
  );
}

/** Channels that share a picture: same kind and unit. */
function channelGroups(stream: Stream): Stream["channels"][] {
  // The body is the picture of a sensor that says how it is turned.
  if (stream.channels.some(({ kind }) => kind === "quaternion")) return [];
  const byKind = new Map<string, Stream["channels"][number][]>();
  for (const channel of stream.channels) {
    if (!traceKinds.includes(channel.kind)) continue;
    const key = `${channel.kind} ${channel.unit}`;
    byKind.set(key, [...(byKind.get(key) ?? []), channel]);
  }
  return [...byKind.values()];
}
