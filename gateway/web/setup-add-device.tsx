/** A new sensor over the home's network, and the account that it needs, shown once. */

import { useState } from "preact/hooks";
import { Failure, useSending } from "./setup-form.tsx";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";
import { PersonChoice, PlacementField } from "./wear-fields.tsx";
import type { Account, Person } from "./wire-types.ts";

const words = texts.setup;

export function AddDevice({ store, people }: { store: Store; people: readonly Person[] }) {
  const sending = useSending(store);
  const [title, setTitle] = useState("");
  const [person, setPerson] = useState("");
  const [placement, setPlacement] = useState("");
  const [account, setAccount] = useState<Account>();
  return (
    <form
      class="setup-row"
      data-add-device
      onSubmit={async (event) => {
        event.preventDefault();
        const worn = person === "" ? {} : { person, ...(placement === "" ? {} : { placement }) };
        const answer = await sending.send<{ account?: Account }>("/devices", "POST", { title: title.trim(), ...worn });
        if (answer === undefined) return;
        setAccount(answer.account);
        setTitle("");
      }}
    >
      <label>
        {words.newDevice}
        <input type="text" name="title" maxLength={80} required value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
      </label>
      <PersonChoice people={people} value={person} onPerson={setPerson} />
      <PlacementField value={placement} onPlacement={setPlacement} />
      <button type="submit" class="button">
        {words.addDevice}
      </button>
      <Failure says={sending.failure} />
      {account !== undefined && <AccountCard account={account} />}
      <p class="muted">{words.otherLinks}</p>
    </form>
  );
}

export function AccountCard({ account }: { account: Account }) {
  const { url, networkUrl, user, password, topic } = account;
  const shown = { url, ...(networkUrl === undefined ? {} : { networkUrl }), user, password, topic };
  return (
    <dl class="facts setup-account">
      {Object.entries(shown).map(([name, value]) => (
        <div key={name} class="fact-wide">
          <dt>{words.account[name as keyof Account]}</dt>
          <dd>
            <code>{value}</code>
          </dd>
        </div>
      ))}
      <div class="fact-wide">
        <dt>{words.shownOnce}</dt>
      </div>
    </dl>
  );
}
