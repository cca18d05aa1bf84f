/** The twin's page: what homes have sent of themselves. Alerts first, then people, then the homes' gateways. */

import { render } from "preact";
import { takeFromAddress } from "../client.ts";
import { durationText } from "../format.ts";
import { Login } from "../login.tsx";
import { useStore, useTick } from "../store.ts";
import { texts } from "../texts.ts";
import { AlertsOfHome } from "./alerts.tsx";
import { Gateways, Incidents } from "./gateways.tsx";
import { PersonAtTwinCard } from "./person.tsx";
import { createTwinStore, type TwinPageStore } from "./store.ts";
import { house, twinTexts } from "./texts.ts";

function Page({ store }: { store: TwinPageStore }) {
  const { isSignedIn, refused, status } = useStore(store);
  if (!isSignedIn) return <Login words={twinTexts.login} refused={refused} onEnter={(token) => store.signIn(token)} />;
  return (
    <>
      <Header store={store} />
      <main>
        <Banner store={store} />
        <div class="columns">
          <div class="column column-side">
            <AlertsOfHome store={store} />
          </div>
          <div class="column column-main">
            <People store={store} />
          </div>
        </div>
        <Gateways store={store} />
        {status?.homes.some(({ role }) => role === "admin" || role === "integrator") && <Incidents />}
      </main>
      <footer>
        <p>{texts.notMedical}</p>
        <p class="muted">
          {twinTexts.name} {status?.version} ·{" "}
          <button type="button" class="link" onClick={() => store.signOut()}>
            {texts.login.leave}
          </button>
        </p>
      </footer>
    </>
  );
}

function Header({ store }: { store: TwinPageStore }) {
  const { connection, status, home } = store.state;
  const { live, lostTitle, connecting } = twinTexts.connection;
  const homes = status?.homes ?? [];
  return (
    <header class="top">
      <h1>
        <span class="flame" aria-hidden="true" /> {twinTexts.name}
      </h1>
      {homes.length === 1 && <span class="tag">{twinTexts.homes.only(homes[0]?.id ?? "")}</span>}
      {homes.length > 1 && (
        <label class="home-choice">
          {twinTexts.homes.label}
          <select value={home} onChange={(event) => store.choose(event.currentTarget.value)}>
            {homes.map(({ id }) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
      )}
      <span class={`line line-${connection.kind}`} role="status" data-connection={connection.kind}>
        {connection.kind === "live" ? live : connection.kind === "lost" ? lostTitle : connecting}
      </span>
    </header>
  );
}

/** After a break the page says so in large type, with the age of what it shows. */
function Banner({ store }: { store: TwinPageStore }) {
  useTick(1000);
  const { connection } = store.state;
  if (connection.kind !== "lost") return null;
  return (
    <div class="banner">
      <p class="banner-title" role="alert">
        {twinTexts.connection.lostTitle}
      </p>
      <p>{twinTexts.connection.lostSays(durationText((Date.now() - connection.sinceMs) / 1000))}</p>
    </div>
  );
}

function People({ store }: { store: TwinPageStore }) {
  useTick(1000);
  const { home } = store.state;
  const people = store.state.people?.filter(({ id }) => id !== house);
  return (
    <section aria-labelledby="people-heading" class="people">
      <h2 id="people-heading">{twinTexts.people.heading}</h2>
      {people === undefined && <p class="card muted">{twinTexts.people.asking}</p>}
      {people?.length === 0 && <p class="card muted">{twinTexts.people.none}</p>}
      {people?.map((person) => (
        <PersonAtTwinCard key={`${home}/${person.id}`} store={store} person={person} />
      ))}
    </section>
  );
}

takeFromAddress();
const place = document.getElementById("app");
if (place !== null) {
  const store = createTwinStore();
  render(<Page store={store} />, place);
  store.start();
}
