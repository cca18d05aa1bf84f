/** What was refused or failed lately, for whoever connects devices and programs; others are not sent it. */

import { durationText } from "./format.ts";
import { type Store, useTick } from "./store.ts";
import { texts } from "./texts.ts";
import type { Refusal } from "./wire-types.ts";

const tickMs = 10_000;

export function Refusals({ store }: { store: Store }) {
  useTick(tickMs);
  const refusals = store.state.status?.refusals ?? [];
  if (refusals.length === 0) return null;
  const nowS = store.nowS();
  return (
    <details class="refusals" data-refusals={refusals.length}>
      <summary>{texts.refusals.heading(refusals.length)}</summary>
      <ul>
        {refusals.map((refusal) => (
          <li key={JSON.stringify({ ...refusal, count: 0, last_at: "" })}>{wordsOf(refusal, nowS)}</li>
        ))}
      </ul>
    </details>
  );
}

function wordsOf({ where, reason, count, last_at: at, first_at: _first, ...about }: Refusal, nowS: number): string {
  const details = Object.entries(about).flatMap(([name, text]) => (text === null ? [] : [`${name} ${text}`]));
  const age = durationText(nowS - Date.parse(at) / 1000);
  return texts.refusals.line(age, count, [`${where} ${reason}`, ...details].join(", "));
}
