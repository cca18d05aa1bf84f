/** Who lives here, which sensors there are, who wears them, and what the rules go by: for admins, folded away until it is wanted. */

import { AddDevice } from "./setup-add-device.tsx";
import { SetupDevice } from "./setup-device.tsx";
import { NameForm, useSending } from "./setup-form.tsx";
import { SetupPerson } from "./setup-person.tsx";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";

const words = texts.setup;

export function SetupPanel({ store }: { store: Store }) {
  const { people = [], devices } = store.state;
  const sending = useSending(store);
  return (
    <section aria-labelledby="setup-heading">
      <h2 id="setup-heading">{words.heading}</h2>
      <details class="card setup">
        <summary>{words.open}</summary>
        <p class="muted">{words.says}</p>
        <h3>{words.people}</h3>
        {people.length === 0 && <p class="muted">{words.nobody}</p>}
        <ul class="setup-list">
          {people.map((person) => (
            <SetupPerson key={person.id} store={store} person={person} />
          ))}
        </ul>
        <NameForm
          label={words.newPerson}
          button={words.addPerson}
          onName={(name) => sending.send("/people", "POST", { name })}
          failure={sending.failure}
        />
        <h3>{words.devices}</h3>
        <ul class="setup-list">
          {devices.map((device) => (
            <SetupDevice key={device.id} store={store} device={device} people={people} />
          ))}
        </ul>
        <AddDevice store={store} people={people} />
      </details>
    </section>
  );
}
