/** What the set-up forms share: one field with a button, and a request whose refusal is said where it was made. */

import { useState } from "preact/hooks";
import { RequestFailed, request } from "./client.ts";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";

interface Sending {
  /** The answer, or undefined where it was refused: `failure` says why. */
  send<T>(path: string, method: string, json?: object): Promise<T | undefined>;
  readonly failure: string | undefined;
  /** The stable code of the refusal. */
  readonly code: string | undefined;
}

export function useSending(store: Store): Sending {
  const [refusal, setRefusal] = useState<{ says: string; code: string | undefined }>();
  return {
    failure: refusal?.says,
    code: refusal?.code,
    async send<T>(path: string, method: string, json?: object) {
      setRefusal(undefined);
      try {
        const answer = await request<T>(path, { method, ...(json === undefined ? {} : { json }) });
        store.refresh();
        return answer;
      } catch (error) {
        const code = error instanceof RequestFailed ? error.code : undefined;
        setRefusal({ says: texts.failed(error instanceof Error ? error.message : String(error)), code });
        return undefined;
      }
    },
  };
}

interface NameFormProps {
  readonly label: string;
  readonly button: string;
  readonly value?: string;
  onName(name: string): Promise<unknown>;
  readonly failure: string | undefined;
}

/** Empties itself once the name was taken, unless it began with one. */
export function NameForm({ label, button, value = "", onName, failure }: NameFormProps) {
  const [name, setName] = useState(value);
  return (
    <form
      class="setup-row"
      onSubmit={async (event) => {
        event.preventDefault();
        if (name.trim() === "") return;
        const answer = await onName(name.trim());
        if (answer !== undefined && value === "") setName("");
      }}
    >
      <label>
        {label}
        <input type="text" maxLength={80} required value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="submit" class="button">
        {button}
      </button>
      <Failure says={failure} />
    </form>
  );
}

export function Failure({ says }: { says: string | undefined }) {
  if (says === undefined) return null;
  return (
    <p role="alert" class="refused">
      {says}
    </p>
  );
}
