/** One sensor in the set-up: who wears it and where, another title, a new password, and out of the home. */

import { useState } from "preact/hooks";
import { AccountCard } from "./setup-add-device.tsx";
import { Failure, NameForm, useSending } from "./setup-form.tsx";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";
import { PersonChoice, PlacementField } from "./wear-fields.tsx";
import type { Account, Device, Person } from "./wire-types.ts";

const words = texts.setup;

export function SetupDevice({ store, device, people }: { store: Store; device: Device; people: readonly Person[] }) {
  const sending = useSending(store);
  const [account, setAccount] = useState<Account>();
  const [isLeaving, setLeaving] = useState(false);
  const path = `/devices/${encodeURIComponent(device.id)}`;
  return (
    <li data-setup-device={device.id}>
      <b>{device.title}</b>
      <WearForm device={device} people={people} onWear={(body) => sending.send(`${path}/wearing`, "PUT", body)} />
      <details>
        <summary>{words.more}</summary>
        <NameForm
          label={words.title}
          button={words.save}
          value={device.title}
          onName={(title) => sending.send(path, "PATCH", { title })}
          failure={undefined}
        />
        <div class="setup-row">
          {device.link === "mqtt" && (
            <button
              type="button"
              class="button"
              onClick={async () => setAccount((await sending.send<{ account: Account }>(`${path}/password`, "POST"))?.account)}
            >
              {words.newPassword}
            </button>
          )}
          <button type="button" class="button" onClick={() => (isLeaving ? void sending.send(path, "DELETE") : setLeaving(true))}>
            {isLeaving ? words.removeConfirm : words.remove}
          </button>
        </div>
        <p class="muted">{isLeaving ? words.removeSays : ""}</p>
      </details>
      {account !== undefined && <AccountCard account={account} />}
      <Failure says={sending.failure} />
    </li>
  );
}

interface WearFormProps {
  readonly device: Device;
  readonly people: readonly Person[];
  onWear(body: { person: string | null; placement: string }): Promise<unknown>;
}

function WearForm({ device, people, onWear }: WearFormProps) {
  const [person, setPerson] = useState(device.person ?? "");
  const [placement, setPlacement] = useState(device.placement ?? "");
  const isSame = person === (device.person ?? "") && placement === (device.placement ?? "");
  return (
    <form
      class="setup-row"
      onSubmit={(event) => {
        event.preventDefault();
        void onWear({ person: person === "" ? null : person, placement });
      }}
    >
      <PersonChoice people={people} value={person} onPerson={setPerson} />
      <PlacementField value={placement} onPlacement={setPlacement} />
      <button type="submit" class="button" disabled={isSame}>
        {words.fromNow}
      </button>
    </form>
  );
}
