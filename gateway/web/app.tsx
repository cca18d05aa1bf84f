/** The page: alerts first, then people with live traces, the twin beside them, the demo and the sensors. */

import { render } from "preact";
import { AccessPanel } from "./access-panel.tsx";
import { AlarmSignal } from "./alarm-signal.tsx";
import { AlertsPanel } from "./alerts-panel.tsx";
import { takeFromAddress } from "./client.ts";
import { DemoPanel } from "./demo-panel.tsx";
import { DevicesPanel } from "./devices-panel.tsx";
import { durationText } from "./format.ts";
import { Login } from "./login.tsx";
import { PaperPage, usePaperAsked } from "./paper.tsx";
import { PersonCard } from "./person-card.tsx";
import { ReachPanel } from "./reach-panel.tsx";
import { Refusals } from "./refusals.tsx";
import { SetupPanel } from "./setup-panel.tsx";
import { createStore, type Store, useStore, useTick } from "./store.ts";
import { partName, texts } from "./texts.ts";
import { TwinPanel } from "./twin-panel.tsx";

function Page({ store }: { store: Store }) {
  const state = useStore(store);
  const asked = usePaperAsked();
  if (!state.isSignedIn) return <Login refused={state.refused} onEnter={(codeOrToken) => store.signIn(codeOrToken)} />;
  const { status, people } = state;
  if (asked !== undefined) return <PaperPage {...asked} name={people?.find(({ id }) => id === asked.person)?.name ?? asked.person} />;
  return (
    <>
      <Header store={store} />
      <main>
        <Banner store={store} />
        <div class="columns">
          <div class="column column-side">
            <AlertsPanel store={store} />
            {state.hasTwin && <TwinPanel store={store} />}
          </div>
          <div class="column column-main">
            <section aria-labelledby="people-heading" class="people">
              <h2 id="people-heading">{texts.people.heading}</h2>
              {people?.length === 0 && <p class="card muted">{texts.people.none}</p>}
              {people?.map((person) => (
                <PersonCard key={person.id} store={store} person={person} uptimeS={status?.uptime_s ?? 0} />
              ))}
            </section>
            {(state.actions.length > 0 || status !== undefined) && <DemoPanel store={store} />}
          </div>
        </div>
        <DevicesPanel store={store} />
        {status?.role === "admin" && <SetupPanel store={store} />}
        <ReachPanel />
        {status?.role !== undefined && <AccessPanel isAdmin={status.role === "admin"} people={people ?? []} />}
        <Refusals store={store} />
      </main>
      <footer>
        {status?.notice != null && (
          <p data-notice>
            <b>{texts.source}:</b> {status.notice}
          </p>
        )}
        {(status?.repairs ?? []).map((repair) => (
          <p key={repair} data-repair>
            <b>{texts.repaired}:</b> {repair}
          </p>
        ))}
        <p>{texts.notMedical}</p>
        <p class="muted">
          {texts.name} {status?.version} ·{" "}
          <button type="button" class="link" onClick={() => store.signOut()}>
            {texts.login.leave}
          </button>
        </p>
      </footer>
    </>
  );
}

function Header({ store }: { store: Store }) {
  const { status, connection } = store.state;
  const failing = status?.health.filter((part) => !part.ok) ?? [];
  const words =
    connection.kind === "live"
      ? texts.connection.live
      : connection.kind === "lost"
        ? texts.connection.lostTitle
        : texts.connection.connecting;
  return (
    <header class="top">
      <h1>
        <span class="flame" aria-hidden="true" /> {texts.name}
      </h1>
      {status !== undefined && (
        <span class={status.mode === "demo" ? "tag tag-demo" : "tag"} title={status.mode === "demo" ? texts.demoSays : undefined}>
          {status.mode === "demo" ? texts.demo : texts.real}
        </span>
      )}
      <span class={`line line-${connection.kind}`} role="status" data-connection={connection.kind}>
        {words}
      </span>
      <AlarmSignal store={store} />
      {failing.length > 0 && (
        <span class="health" role="status">
          {texts.health.failing([...new Set(failing.map(({ part }) => partName(part)))].join(", "))}
        </span>
      )}
    </header>
  );
}

/** After a break the page says so in large type, with the age of what it shows. */
function Banner({ store }: { store: Store }) {
  useTick(1000);
  const { connection } = store.state;
  if (connection.kind !== "lost") return null;
  return (
    <div class="banner">
      <p class="banner-title" role="alert">
        {texts.connection.lostTitle}
      </p>
      <p>{texts.connection.lostSays(durationText((Date.now() - connection.sinceMs) / 1000))}</p>
    </div>
  );
}

const code = takeFromAddress();
const place = document.getElementById("app");
if (place !== null) {
  const store = createStore();
  render(<Page store={store} />, place);
  store.start(code);
}
