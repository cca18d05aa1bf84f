/** The buttons of an alert: acknowledge, signed with a name that is asked for once, and snooze. */

import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { RequestFailed, request, storedName, storeName } from "./client.ts";
import { isoClockText } from "./format.ts";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";
import type { Alert } from "./wire-types.ts";

type Verb = "acknowledge" | "snooze";

const acknowledgeMinutes = 30;
const snoozeMinutes = 15;

export function AlertActions({
  alert,
  store,
  onMessage,
}: {
  alert: Alert;
  store: Store;
  onMessage: (message: string | undefined) => void;
}) {
  // Read at each drawing, because another alert's button may have asked for it.
  const name = storedName();
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  const [asking, setAsking] = useState<Verb>();
  const [isBusy, setBusy] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const hasActed = useRef(false);
  useEffect(() => {
    if (hasActed.current && asking === undefined && !isBusy) stayAt(place.current);
  }, [asking, isBusy]);
  const role = store.state.status?.role;
  if (role === "integrator") return null;

  async function act(verb: Verb, by: string): Promise<void> {
    setAsking(undefined);
    setBusy(true);
    onMessage(undefined);
    try {
      const minutes = verb === "acknowledge" ? acknowledgeMinutes : snoozeMinutes;
      const answer = await request<{ alert: Alert; already: boolean }>(`/alerts/${encodeURIComponent(alert.id)}/${verb}`, {
        method: "POST",
        json: { by, minutes },
      });
      store.putAlert(answer.alert);
      const { acknowledged_by: who, acknowledged_at: when } = answer.alert;
      if (answer.already && who !== null && when !== null) onMessage(texts.alerts.already(who, isoClockText(when)));
    } catch (error) {
      onMessage(texts.failed(error instanceof RequestFailed ? error.message : String(error)));
    } finally {
      setBusy(false);
    }
  }

  const press = (verb: Verb) => {
    hasActed.current = true;
    const by = storedName();
    if (by === undefined) setAsking(verb);
    else void act(verb, by);
  };
  if (asking !== undefined) {
    return (
      <NameForm
        verb={asking}
        onCancel={() => setAsking(undefined)}
        onName={(given) => {
          storeName(given);
          void act(asking, given);
        }}
      />
    );
  }
  return (
    <div class="actions" ref={place}>
      {alert.acknowledged_by === null && (
        <div class="action">
          <button type="button" class="button button-main" disabled={isBusy} onClick={() => press("acknowledge")}>
            {texts.alerts.acknowledge}
          </button>
          <small>{texts.alerts.acknowledgeSays(acknowledgeMinutes)}</small>
        </div>
      )}
      {role !== "patient" && alert.end_s === null && (
        <div class="action">
          <button type="button" class="button" disabled={isBusy} onClick={() => press("snooze")}>
            {texts.alerts.snooze}
          </button>
          <small>{texts.alerts.snoozeSays}</small>
        </div>
      )}
      {name !== undefined && (
        <p class="signed muted">
          {texts.alerts.signedAs(name)}{" "}
          <button
            type="button"
            class="link"
            onClick={() => {
              storeName(undefined);
              redraw();
            }}
          >
            {texts.alerts.changeName}
          </button>
        </p>
      )}
    </div>
  );
}

/** The pressed button may have gone; whoever works with keys or a screen reader stays at the alert. */
function stayAt(place: HTMLElement | null): void {
  if (document.activeElement === document.body) place?.closest<HTMLElement>("[data-alert]")?.focus();
}

function NameForm({ verb, onName, onCancel }: { verb: Verb; onName: (name: string) => void; onCancel: () => void }) {
  const [given, setGiven] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <form
      class="name-form"
      onKeyDown={(event) => {
        if (event.key === "Escape") onCancel();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (given.trim() !== "") onName(given.trim());
      }}
    >
      <label>
        {texts.alerts.yourName}
        <input
          ref={input}
          name="by"
          autocomplete="name"
          maxLength={80}
          required
          value={given}
          onInput={(event) => setGiven(event.currentTarget.value)}
        />
      </label>
      <small>{texts.alerts.yourNameSays}</small>
      <div class="actions">
        <button type="submit" class="button button-main">
          {texts.alerts.save[verb]}
        </button>
        <button type="button" class="button" onClick={onCancel}>
          {texts.alerts.cancel}
        </button>
      </div>
    </form>
  );
}
