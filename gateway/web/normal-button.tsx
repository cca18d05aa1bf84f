/** "This is normal for me": a carer adds what an alert was about to what is usual for the person. */

import { useState } from "preact/hooks";
import { storedName, storeName } from "./client.ts";
import { Failure, NameForm, useSending } from "./setup-form.tsx";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";
import type { Alert } from "./wire-types.ts";

const says = texts.learning;

export function NormalButton({ alert, store }: { alert: Alert; store: Store }) {
  const [done, setDone] = useState<number>();
  const [isAsking, setAsking] = useState(false);
  const { send, failure } = useSending(store);
  const { role } = store.state.status ?? {};
  if (role !== "caregiver" && role !== "admin") return null;
  if (done !== undefined) return <p role="status">{says.normalDone(done)}</p>;
  const press = async (by: string) => {
    const answer = await send<{ number: number }>(`/alerts/${encodeURIComponent(alert.id)}/normal`, "POST", { by });
    if (answer !== undefined) setDone(answer.number);
    return answer;
  };
  if (isAsking)
    return (
      <NameForm
        label={texts.alerts.yourName}
        button={says.normal}
        failure={failure}
        onName={(by) => {
          storeName(by);
          return press(by);
        }}
      />
    );
  return (
    <div class="action">
      <button
        type="button"
        class="button"
        onClick={() => {
          const by = storedName();
          if (by === undefined) setAsking(true);
          else void press(by);
        }}
      >
        {says.normal}
      </button>
      <small>{says.normalSays}</small>
      <Failure says={failure} />
    </div>
  );
}
