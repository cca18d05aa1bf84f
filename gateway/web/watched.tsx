/** What was watched, by which rule and for how long: no alert means nothing for time that nobody watched (law 11). */

import { durationText } from "./format.ts";
import { ruleNames, texts } from "./texts.ts";

/** Rules begin to watch when the signal has settled; before that "not watched" would alarm nobody usefully. */
const settledS = 30;

export function Watched({ watchedS, spanS }: { watchedS: Readonly<Record<string, number>>; spanS: number }) {
  const rules = Object.entries(watchedS).sort(([a], [b]) => a.localeCompare(b));
  const count = rules.filter(([, seconds]) => seconds > 0).length;
  const span = durationText(spanS);
  const isEarly = spanS < settledS;
  return (
    <details class="watched">
      <summary>
        <span class="watched-title">{texts.watched.heading}</span>
        <span class="muted">
          {isEarly ? texts.watched.soon : rules.length === 0 ? texts.watched.none : texts.watched.summary(count, rules.length, span)}
        </span>
      </summary>
      <p class="muted">{texts.watched.explains}</p>
      <ul class="watched-list">
        {rules.map(([rule, seconds]) => (
          <li key={rule} class={seconds > 0 ? "" : "is-unwatched"}>
            <span>
              {ruleNames[rule] ?? rule} <code>{rule}</code>
            </span>
            <span class="watched-time">
              <span class="bar" aria-hidden="true">
                <span style={{ width: `${Math.min(100, (100 * seconds) / Math.max(1, spanS))}%` }} />
              </span>
              {seconds > 0 ? texts.watched.span(durationText(seconds), span) : isEarly ? texts.watched.notYet : texts.watched.not}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
