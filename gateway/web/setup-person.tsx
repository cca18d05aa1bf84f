/** One person in the set-up: another name, and what the rules go by for them. */

import { LimitsForm } from "./limits-form.tsx";
import { NameForm, useSending } from "./setup-form.tsx";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";
import type { Person } from "./wire-types.ts";

const words = texts.setup;

export function SetupPerson({ store, person }: { store: Store; person: Person }) {
  const sending = useSending(store);
  return (
    <li data-setup-person={person.id}>
      <b>{person.name}</b>
      <details>
        <summary>{words.rename}</summary>
        <NameForm
          label={words.name}
          button={words.save}
          value={person.name}
          onName={(name) => sending.send(`/people/${encodeURIComponent(person.id)}`, "PATCH", { name })}
          failure={sending.failure}
        />
      </details>
      <LimitsForm store={store} person={person.id} />
    </li>
  );
}
