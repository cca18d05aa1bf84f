/** The gateways of a token's homes: last word, version, sensors, what is wished of them and in force, and, for those who look after all, incidents. */

import { useEffect, useState } from "preact/hooks";
import { request } from "../client.ts";
import { Expert } from "../expert.tsx";
import { durationText } from "../format.ts";
import { repeat } from "../repeat.ts";
import { useTick } from "../store.ts";
import { texts } from "../texts.ts";
import type { TwinPageStore } from "./store.ts";
import { twinTexts } from "./texts.ts";
import type { GatewayOfTwin, IncidentAtTwin, WishAtTwin } from "./wire.ts";
import { wishLines } from "./wish-text.ts";

const wishEveryMs = 15_000;

export function Gateways({ store }: { store: TwinPageStore }) {
  useTick(1000);
  const { gateways, moreHomes, home } = store.state;
  return (
    <section aria-labelledby="gateways-heading">
      <h2 id="gateways-heading">{twinTexts.gateways.heading}</h2>
      <div class="gateways">
        {(gateways ?? []).map((gateway) => (
          <GatewayCard key={gateway.id} store={store} gateway={gateway} isShown={gateway.id === home} />
        ))}
      </div>
      {moreHomes === true && <p class="muted">{twinTexts.gateways.more}</p>}
    </section>
  );
}

function GatewayCard({ store, gateway, isShown }: { store: TwinPageStore; gateway: GatewayOfTwin; isShown: boolean }) {
  const nowS = store.nowS();
  const ageS = (iso: string | null) => (iso === null ? undefined : nowS - Date.parse(iso) / 1000);
  const wordS = ageS(gateway.last_heartbeat_at);
  const { id, silent, connected, version, outbox_depth: waiting, devices } = gateway;
  const state = silent !== null ? "silent" : connected === true ? "connected" : connected === false ? "away" : "unknown";
  return (
    <article class="card" data-gateway={id} data-gateway-state={state} aria-labelledby={`gateway-${id}`}>
      <h3 id={`gateway-${id}`}>{id}</h3>
      <p class={`state ${state === "connected" ? "state-fine" : "state-care"}`}>
        {silent === null ? twinTexts.gateways.states[state] : twinTexts.gateways.silent(durationText(silent.silent_s))}
      </p>
      <p class="muted">{wordS === undefined ? twinTexts.gateways.never : twinTexts.gateways.lastWord(durationText(wordS))}</p>
      {version !== null && <p class="muted">{twinTexts.gateways.version(version)}</p>}
      {(waiting ?? 0) > 0 && <p class="muted">{twinTexts.gateways.waiting(waiting ?? 0)}</p>}
      {devices.length > 0 && (
        <details>
          <summary>{twinTexts.gateways.devices(devices.length)}</summary>
          <ul class="gateway-devices">
            {devices.map((device) => {
              const sampleS = ageS(device.last_sample_at);
              return (
                <li key={device.id} data-device={device.id}>
                  {device.id}: {texts.devices.states[device.state] ?? device.state}
                  {sampleS !== undefined && `, ${twinTexts.gateways.sample(durationText(sampleS))}`}
                </li>
              );
            })}
          </ul>
        </details>
      )}
      {!isShown && (
        <button type="button" class="button" onClick={() => store.choose(id)}>
          {twinTexts.gateways.show}
        </button>
      )}
      <Modes gateway={id} nameOf={(person) => store.state.people?.find((each) => each.id === person)?.name ?? person} />
      <Expert>
        <p>{twinTexts.gateways.frames(gateway.frames, gateway.opaque_frames)}</p>
      </Expert>
    </article>
  );
}

/** Asked only when somebody wants to see it. */
function Modes({ gateway, nameOf }: { gateway: string; nameOf: (id: string) => string }) {
  const [isOpen, setOpen] = useState(false);
  const [wish, setWish] = useState<WishAtTwin>();
  useEffect(() => {
    if (!isOpen) return undefined;
    const read = () =>
      request<WishAtTwin>(`/gateways/${encodeURIComponent(gateway)}/desired`).then(setWish, () => {
        // The head of the page says that the twin does not answer.
      });
    void read();
    return repeat(read, wishEveryMs);
  }, [gateway, isOpen]);
  const { desired, reported } = wish ?? { desired: null, reported: null };
  const words = twinTexts.modes;
  const lines = (settings: Readonly<Record<string, unknown>> | undefined) => wishLines(settings ?? {}, nameOf);
  const waiting = lines(reported?.waiting);
  const ignored = reported?.ignored ?? [];
  const isLate = (desired?.version ?? 0) > (reported?.version ?? 0);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.heading}</summary>
      {wish !== undefined && (
        <dl class="modes">
          <dt>{words.inForce}</dt>
          <dd>{reported === null ? words.notSaid : <Lines of={lines(reported.settings)} />}</dd>
          <dt>{words.wished}</dt>
          <dd>
            <Lines of={lines(desired?.settings)} />
            {isLate && <p class="state-care">{words.late}</p>}
          </dd>
          {waiting.length > 0 && <dt>{words.waiting}</dt>}
          {waiting.length > 0 && (
            <dd>
              <Lines of={waiting} />
            </dd>
          )}
          {ignored.length > 0 && <dt>{words.ignored}</dt>}
          {ignored.length > 0 && <dd>{ignored.join(", ")}</dd>}
        </dl>
      )}
    </details>
  );
}

function Lines({ of }: { of: readonly string[] }) {
  if (of.length === 0) return <>{twinTexts.modes.nothing}</>;
  return (
    <ul>
      {of.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

const incidentsEveryMs = 30_000;
const maxIncidents = 10;

export function Incidents() {
  const [incidents, setIncidents] = useState<readonly IncidentAtTwin[]>();
  useEffect(() => {
    const read = () =>
      request<{ incidents: IncidentAtTwin[] }>("/incidents").then(
        (answer) => setIncidents(answer.incidents),
        () => {
          // The head of the page says that the twin does not answer.
        },
      );
    void read();
    return repeat(read, incidentsEveryMs);
  }, []);
  if (incidents === undefined) return null;
  return (
    <section aria-labelledby="incidents-heading">
      <h2 id="incidents-heading">{twinTexts.incidents.heading}</h2>
      <div class="card">
        {incidents.length === 0 && <p class="muted">{twinTexts.incidents.none}</p>}
        <ul>
          {incidents.slice(0, maxIncidents).map((incident) => (
            <li key={incident.opened_at} class={incident.ended_at === null ? "state-care" : ""} data-incident={incident.ended_at === null}>
              {twinTexts.incidents.says(incident.gateways, incident.of, when(incident.opened_at))}{" "}
              {incident.ended_at === null ? twinTexts.incidents.open : twinTexts.incidents.ended(when(incident.ended_at))}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

const when = (iso: string): string =>
  new Date(iso).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
