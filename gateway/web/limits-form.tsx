/** A person's limits, asked for when they are opened: each with unit, range and what holds without it. What quiets the highest alerts is confirmed first. */

import { useState } from "preact/hooks";
import { isoClockText } from "./format.ts";
import { Failure, useSending } from "./setup-form.tsx";
import type { Store } from "./store.ts";
import { ruleName, texts } from "./texts.ts";
import type { Limit } from "./wire-types.ts";

const words = texts.setup.limits;

export function LimitsForm({ store, person }: { store: Store; person: string }) {
  const [limits, setLimits] = useState<readonly Limit[]>();
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [from, setFrom] = useState<string>();
  const sending = useSending(store);
  const path = `/people/${encodeURIComponent(person)}/limits`;
  const read = async () => {
    const answer = await sending.send<{ limits: Limit[] }>(path, "GET");
    if (answer === undefined) return;
    setLimits(answer.limits);
    setTyped(Object.fromEntries(answer.limits.map(({ name, own }) => [name, own === undefined ? "" : String(own)])));
  };
  const save = async (confirm: boolean) => {
    const changed = (limits ?? []).filter(({ name, own }) => typed[name] !== (own === undefined ? "" : String(own)));
    const values = Object.fromEntries(changed.map(({ name }) => [name, typed[name] === "" ? null : Number(typed[name])]));
    const answer = await sending.send<{ from: string }>(path, "PUT", { limits: values, ...(confirm ? { confirm } : {}) });
    if (answer === undefined) return;
    await read();
    setFrom(answer.from);
  };
  const mustConfirm = sending.code === "limits.confirm";
  return (
    <details onToggle={(event) => event.currentTarget.open && void read()}>
      <summary>{words.heading}</summary>
      <form
        class="setup-limits"
        onSubmit={(event) => {
          event.preventDefault();
          void save(mustConfirm);
        }}
      >
        <p class="muted">{words.says}</p>
        {limits?.map((limit) => (
          <LimitField
            key={limit.name}
            limit={limit}
            value={typed[limit.name] ?? ""}
            onValue={(value) => setTyped({ ...typed, [limit.name]: value })}
          />
        ))}
        <Failure says={mustConfirm ? words.confirmSays : sending.failure} />
        {from !== undefined && sending.failure === undefined && <p role="status">{words.from(isoClockText(from))}</p>}
        <button type="submit" class={mustConfirm ? "button button-main" : "button"} disabled={limits === undefined}>
          {mustConfirm ? words.confirm : texts.setup.save}
        </button>
      </form>
    </details>
  );
}

function LimitField({ limit, value, onValue }: { limit: Limit; value: string; onValue: (value: string) => void }) {
  const { name, describes, unit = "", minimum, maximum, everybodys, rules } = limit;
  return (
    <label title={describes}>
      {words.names[name] ?? rules.map(ruleName).join(", ")}
      <span class="setup-value">
        <input
          type="number"
          name={name}
          step="any"
          min={minimum}
          max={maximum}
          value={value}
          placeholder={everybodys === undefined ? words.off : String(everybodys)}
          onInput={(event) => onValue(event.currentTarget.value)}
        />{" "}
        {unit}
      </span>
      <small>{words.range(minimum, maximum, everybodys)}</small>
    </label>
  );
}
