/** The buttons of an alert: acknowledge, signed with a name that is asked for once, and, where they change something, snooze and close. */

import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { RequestFailed, request, storedName, storeName } from "./client.ts";
import { isoClockText } from "./format.ts";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";
import type { Alert } from "./wire-types.ts";

type Verb = "acknowledge" | "snooze" | "close";

export const acknowledgeMinutes = 30;
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
  // A snooze quiets the channel of whoever signs; without one of their own it would change nothing.
  const canSnooze = role !== "patient" && name !== undefined && store.state.status?.carers.includes(name) === true;

  async function act(verb: Verb, by: string, reason?: string): Promise<void> {
    setAsking(undefined);
    setBusy(true);
    onMessage(undefined);
    try {
      const answer = await sendVerb(alert, verb, by, reason);
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
    if (by === undefined || verb === "close") setAsking(verb);
    else void act(verb, by);
  };
  if (asking !== undefined) {
    return (
      <SignForm
        verb={asking}
        name={name}
        onCancel={() => setAsking(undefined)}
        onSigned={(by, reason) => {
          storeName(by);
          void act(asking, by, reason);
        }}
      />
    );
  }
  return (
    <div class="actions" ref={place}>
      {alert.acknowledged_by === null && (
        <Action
          verb="acknowledge"
          says={alert.end_s === null ? texts.alerts.acknowledgeSays(acknowledgeMinutes) : texts.alerts.acknowledgeEndedSays}
          isBusy={isBusy}
          onPress={press}
        />
      )}
      {canSnooze && alert.end_s === null && <Action verb="snooze" says={texts.alerts.snoozeSays} isBusy={isBusy} onPress={press} />}
      {role !== "patient" && isSensorGone(alert, store) && (
        <Action verb="close" says={texts.alerts.closeSays} isBusy={isBusy} onPress={press} />
      )}
      {name !== undefined && <SignedAs name={name} onForget={redraw} />}
    </div>
  );
}

function sendVerb({ id }: Alert, verb: Verb, by: string, reason?: string): Promise<{ alert: Alert; already: boolean }> {
  const how = verb === "close" ? { reason } : { minutes: verb === "acknowledge" ? acknowledgeMinutes : snoozeMinutes };
  return request(`/alerts/${encodeURIComponent(id)}/${verb}`, { method: "POST", json: { by, ...how } });
}

interface ActionProps {
  verb: Verb;
  says: string;
  isBusy: boolean;
  onPress: (verb: Verb) => void;
}

export function Action({ verb, says, isBusy, onPress }: ActionProps) {
  return (
    <div class="action">
      <button
        type="button"
        class={verb === "acknowledge" ? "button button-main" : "button"}
        disabled={isBusy}
        onClick={() => onPress(verb)}
      >
        {texts.alerts[verb]}
      </button>
      <small>{says}</small>
    </div>
  );
}

/** Whose name the buttons sign with, and the way to another. */
export function SignedAs({ name, onForget }: { name: string; onForget: () => void }) {
  return (
    <p class="signed muted">
      {texts.alerts.signedAs(name)}{" "}
      <button
        type="button"
        class="link"
        onClick={() => {
          storeName(undefined);
          onForget();
        }}
      >
        {texts.alerts.changeName}
      </button>
    </p>
  );
}

/** The pressed button may have gone; whoever works with keys or a screen reader stays at the alert. */
export function stayAt(place: HTMLElement | null): void {
  if (document.activeElement === document.body) place?.closest<HTMLElement>("[data-alert]")?.focus();
}

/** Nobody, or somebody else, wears the sensor that the alert is from: no sample will end it. */
function isSensorGone({ device, person }: Alert, store: Store): boolean {
  const { devices, status } = store.state;
  if (device === "gateway" || status === undefined || store.state.devices.length !== status.devices) return false;
  return !devices.some((each) => each.id === device && each.person === person);
}

interface SignFormProps {
  verb: Verb;
  name: string | undefined;
  onSigned: (by: string, reason: string | undefined) => void;
  onCancel: () => void;
}

/** Asks for what is still missing: the name of whoever acts, and for a close the reason. */
export function SignForm({ verb, name, onSigned, onCancel }: SignFormProps) {
  const [given, setGiven] = useState(name ?? "");
  const [reason, setReason] = useState("");
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const isWhole = given.trim() !== "" && (verb !== "close" || reason.trim() !== "");
  return (
    <form
      class="name-form"
      ref={form}
      onKeyDown={(event) => {
        if (event.key === "Escape") onCancel();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) onSigned(given.trim(), verb === "close" ? reason.trim() : undefined);
      }}
    >
      {verb === "close" && (
        <Field name="reason" label={texts.alerts.reason} says={texts.alerts.reasonSays} value={reason} onValue={setReason} />
      )}
      {name === undefined && (
        <Field name="by" label={texts.alerts.yourName} says={texts.alerts.yourNameSays} value={given} onValue={setGiven} />
      )}
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

interface FieldProps {
  name: "by" | "reason";
  label: string;
  says: string;
  value: string;
  onValue: (value: string) => void;
}

function Field({ name, label, says, value, onValue }: FieldProps) {
  return (
    <>
      <label>
        {label}
        <input
          name={name}
          autocomplete={name === "by" ? "name" : "off"}
          maxLength={name === "by" ? 80 : 200}
          required
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      </label>
      <small>{says}</small>
    </>
  );
}
