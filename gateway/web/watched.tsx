/** What was watched, by which rule and for how long: no alert means nothing for time that nobody watched (law 11). */

import { Expert } from "./expert.tsx";
import { durationText } from "./format.ts";
import { expertName, ruleName, texts } from "./texts.ts";

/** Rules begin to watch when the signal has settled; before that "not watched" would alarm nobody usefully. */
const settledS = 30;

/** Two names for one condition: which of them watches depends on whether the sensor measures skin contact (alerts.md §3). */
const otherName: Readonly<Record<string, string>> = { "rhythm.asystole": "rhythm.no-signal", "rhythm.no-signal": "rhythm.asystole" };

export function Watched({ watchedS, spanS }: { watchedS: Readonly<Record<string, number>>; spanS: number }) {
  const rules = Object.entries(watchedS).sort(([a], [b]) => a.localeCompare(b));
  const stands = (rule: string) => (watchedS[rule] ?? 0) > 0;
  const replacement = (rule: string) => (stands(rule) || !stands(otherName[rule] ?? "") ? undefined : otherName[rule]);
  const wanted = rules.filter(([rule]) => replacement(rule) === undefined);
  const count = wanted.filter(([rule]) => stands(rule)).length;
  const span = durationText(spanS);
  const isEarly = spanS < settledS;
  const watchedWords = (seconds: number, other: string | undefined) => {
    if (seconds > 0) return texts.watched.span(durationText(seconds), span);
    if (other !== undefined) return texts.watched.replaced(ruleName(other));
    return isEarly ? texts.watched.notYet : texts.watched.not;
  };
  return (
    <details class="watched">
      <summary>
        <span class="watched-title">{texts.watched.heading}</span>
        <span class="muted">
          {isEarly ? texts.watched.soon : rules.length === 0 ? texts.watched.none : texts.watched.summary(count, wanted.length, span)}
        </span>
      </summary>
      <p class="muted">{texts.watched.explains}</p>
      <ul class="watched-list">
        {rules.map(([rule, seconds]) => (
          <li key={rule} class={stands(rule) || replacement(rule) !== undefined ? "" : "is-unwatched"}>
            <span>{ruleName(rule)}</span>
            <span class="watched-time">
              <span class="bar" aria-hidden="true">
                <span style={{ width: `${Math.min(100, (100 * seconds) / Math.max(1, spanS))}%` }} />
              </span>
              {watchedWords(seconds, replacement(rule))}
            </span>
          </li>
        ))}
      </ul>
      <Expert>
        <p>{texts.watched.expert}</p>
        <ul class="watched-ids">
          {rules.map(([rule]) => (
            <li key={rule}>
              {ruleName(rule)}: <code>{expertName(rule)}</code>
            </li>
          ))}
        </ul>
      </Expert>
    </details>
  );
}
