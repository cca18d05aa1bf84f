/** Calls for help for a person. A press begins a countdown in which it can be taken back, so that a press by mistake alarms nobody. */

import { useEffect, useRef, useState } from "preact/hooks";
import { RequestFailed, request, storedName } from "./client.ts";
import { type Store, useTick } from "./store.ts";
import { texts } from "./texts.ts";
import type { Help, Person } from "./wire-types.ts";

const says = texts.help;
const countdownS = 10;

export function HelpButton({ person, store }: { person: Person; store: Store }) {
  useTick(500);
  /** What the gateway answered to a press, until /people says the same. */
  const [pressed, setPressed] = useState<Help>();
  const [said, setSaid] = useState("");
  const [failure, setFailure] = useState<string>();
  const place = useRef<HTMLDivElement>(null);
  const help = pressed ?? person.help;
  const { state } = help;
  useEffect(() => setPressed(undefined), [person.help]);
  // The button that was pressed has gone; whoever works with keys stays here.
  useEffect(() => {
    if (pressed !== undefined) place.current?.querySelector("button")?.focus();
  }, [state]);
  const role = store.state.status?.role;
  if (role === undefined || role === "integrator") return null;

  const act = async (method: "POST" | "DELETE") => {
    setFailure(undefined);
    setSaid("");
    const by = storedName();
    try {
      const answer = await request<{ help: Help }>(`/people/${person.id}/help`, { method, json: by === undefined ? {} : { by } });
      setPressed(answer.help);
      if (method === "DELETE") setSaid(says.cancelled);
      store.refresh();
    } catch (error) {
      const detail = error instanceof RequestFailed ? error.message : String(error);
      setFailure(method === "POST" ? says.failed(detail) : texts.failed(detail));
    }
  };

  const leftS = Math.max(0, Math.ceil(Date.parse(help.due_at ?? "") / 1000 - store.nowS())) || 0;
  return (
    <div class={role === "patient" ? "help help-own" : "help"} data-help={state} ref={place}>
      {state === "none" && (
        <>
          <button type="button" class="button help-call" aria-label={says.callFor(person.name)} onClick={() => void act("POST")}>
            {says.call}
          </button>
          {role === "patient" && <small>{says.says(countdownS)}</small>}
        </>
      )}
      {state === "counting" && (
        <div class="help-counting">
          <p class="help-title" role="alert">
            {says.counting}
          </p>
          <p role="timer" aria-live="off">
            {says.left(leftS)}
          </p>
          <button type="button" class="button button-main help-cancel" onClick={() => void act("DELETE")}>
            {says.cancel}
          </button>
        </div>
      )}
      {state === "told" && (
        <div class="help-told" role="alert">
          <p class="help-title">{says.told}</p>
          <p>{says.toldSays}</p>
        </div>
      )}
      <p role="status">{said}</p>
      {failure !== undefined && (
        <p role="alert" class="refused">
          {failure}
        </p>
      )}
    </div>
  );
}
