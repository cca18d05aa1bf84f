/** The alerts: open ones first and large, earlier ones folded. Who, what, value, limit, since when, signal, and what each button does. */

import { useState } from "preact/hooks";
import { isOpen } from "../../device-drivers/contract/event.ts";
import { AlertActions } from "./alert-actions.tsx";
import { AlertStrip } from "./alert-strip.tsx";
import { Expert } from "./expert.tsx";
import { clockText, durationText, isoClockText, numberText, unitText } from "./format.ts";
import { NormalButton } from "./normal-button.tsx";
import { type Store, useTick } from "./store.ts";
import { ruleName, texts } from "./texts.ts";
import { UnusualPicture } from "./unusual-picture.tsx";
import type { Alert } from "./wire-types.ts";

const order = { high: 0, medium: 1, low: 2, info: 3 };

export function AlertsPanel({ store }: { store: Store }) {
  useTick(1000);
  const { alerts, connection } = store.state;
  const open = (alerts ?? []).filter(isOpen).sort((a, b) => rank(a) - rank(b) || b.t_s - a.t_s);
  const earlier = (alerts ?? []).filter((alert) => !isOpen(alert));
  return (
    <section aria-labelledby="alerts-heading" class="alerts">
      <h2 id="alerts-heading">{texts.alerts.heading}</h2>
      <Announced open={open} />
      <div>
        {open.length === 0 && <p class="card muted">{noneWords(alerts !== undefined, connection.kind === "live")}</p>}
        {open.map((alert) => (
          <AlertCard key={alert.id} alert={alert} store={store} />
        ))}
      </div>
      {earlier.length > 0 && (
        <details class="earlier">
          <summary>
            {texts.alerts.earlier} ({earlier.length})
          </summary>
          {earlier.map((alert) => (
            <AlertCard key={alert.id} alert={alert} store={store} />
          ))}
        </details>
      )}
    </section>
  );
}

/** Nothing to show is "none" only when the gateway has said so and would say otherwise. */
function noneWords(isAnswered: boolean, isLive: boolean): string {
  if (!isLive) return texts.alerts.unknown;
  return isAnswered ? texts.alerts.none : texts.alerts.asking;
}

/** What a screen reader says by itself: only what nobody has taken, and not every second again as the ages beside it grow. */
function Announced({ open }: { open: readonly Alert[] }) {
  const waiting = open.filter((alert) => alert.acknowledged_by === null);
  const words = (alert: Alert | undefined) => (alert === undefined ? "" : `${texts.alerts.priority[alert.priority]}: ${alert.title}`);
  return (
    <div class="visually-hidden">
      <p role="alert">{words(waiting.find(({ priority }) => priority === "high"))}</p>
      <p role="status">{words(waiting.find(({ priority }) => priority !== "high"))}</p>
    </div>
  );
}

/** Alerts that nobody has taken stand before those that somebody has. */
export function rank(alert: Pick<Alert, "priority" | "acknowledged_by">): number {
  return order[alert.priority] + (alert.acknowledged_by === null ? 0 : 10);
}

function AlertCard({ alert, store }: { alert: Alert; store: Store }) {
  const [message, setMessage] = useState<string>();
  const isTaken = alert.acknowledged_by !== null;
  return (
    <article
      class={`card alert alert-${alert.priority}${isTaken ? " is-taken" : ""}`}
      data-alert={alert.id}
      data-rule={alert.rule}
      data-state={alert.state}
      aria-labelledby={`title-${alert.id}`}
      tabIndex={-1}
    >
      <p class="alert-tags">
        <span class="tag tag-priority">{texts.alerts.priority[alert.priority]}</span>
        <span class="tag">{texts.alerts.kind[alert.kind]}</span>
        {alert.mode !== "real" && <span class="tag">{alert.mode.toUpperCase()}</span>}
      </p>
      <h3 id={`title-${alert.id}`}>{alert.title}</h3>
      <p class="alert-body">{alert.body}</p>
      <dl class="facts">
        <Fact name={texts.alerts.who}>{`${alert.person_name} – ${alert.device_title}`}</Fact>
        <Fact name={texts.alerts.what}>{ruleName(alert.rule)}</Fact>
        {alert.value !== null && <Fact name={texts.alerts.value}>{valueLine(alert)}</Fact>}
        <Fact name={texts.alerts.since}>{sinceLine(alert, store.nowS())}</Fact>
        <Fact name={texts.alerts.signal}>{texts.quality[alert.quality] ?? alert.quality}</Fact>
      </dl>
      <p class="alert-state">{stateLines(alert, store.nowS()).join(" ")}</p>
      {alert.about !== null && (isOpen(alert) ? <AlertStrip alert={alert} store={store} /> : <StripOnTap alert={alert} store={store} />)}
      {alert.evidence !== null && <UnusualPicture evidence={alert.evidence} />}
      {message !== undefined && <p role="status">{message}</p>}
      {isOpen(alert) && <AlertActions alert={alert} store={store} onMessage={setMessage} />}
      {alert.evidence !== null && <NormalButton alert={alert} store={store} />}
      <Expert>
        <p>
          {texts.alerts.expert(alert.rule, alert.state, alert.device, alert.limit === null ? "" : valueWithUnit(alert.limit, alert.unit))}
        </p>
      </Expert>
    </article>
  );
}

/** Of an alert that is over the samples are read only when somebody wants to see them. */
function StripOnTap({ alert, store }: { alert: Alert; store: Store }) {
  const [isWanted, setWanted] = useState(false);
  return (
    <details onToggle={(event) => setWanted(event.currentTarget.open)}>
      <summary>{texts.alerts.strip.show}</summary>
      {isWanted && <AlertStrip alert={alert} store={store} />}
    </details>
  );
}

export function Fact({ name, children }: { name: string; children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function valueWithUnit(value: number, unit: string | null): string {
  return `${numberText(value, unit)} ${unitText(unit)}`.trim();
}

/** "168 beats/min (an alert from 150 up)": the side on which the value lies is the one that the limit guards. */
export function valueLine({ value, limit, unit }: Pick<Alert, "value" | "limit" | "unit">): string {
  const said = valueWithUnit(value ?? 0, unit);
  return limit === null ? said : `${said} (${texts.alerts.limit(numberText(limit, unit), (value ?? 0) >= limit)})`;
}

export function sinceLine(alert: Pick<Alert, "onset_s" | "count">, nowS: number): string {
  const age = durationText(nowS - alert.onset_s);
  const times = alert.count > 1 ? `, ${texts.alerts.times(alert.count)}` : "";
  return `${clockText(alert.onset_s)} (${age})${times}`;
}

/** What somebody has done of it and how it ended; only its home knows whether it is stored. */
type AlertCourse = Pick<
  Alert,
  "state" | "acknowledged_by" | "acknowledged_at" | "acknowledged_until" | "close_reason" | "end_s" | "notes" | "snoozes"
> & { readonly stored?: boolean };

export function stateLines(alert: AlertCourse, nowS: number): string[] {
  const words = texts.alerts.state;
  const lines: string[] = [];
  if (alert.state === "closed") lines.push(alert.close_reason === null ? words.closed : `${words.closed} ${alert.close_reason}`);
  if (alert.acknowledged_by !== null)
    lines.push(words.taken(alert.acknowledged_by, alert.acknowledged_at === null ? "" : isoClockText(alert.acknowledged_at)));
  else if (alert.state === "rejected") lines.push(words.rejected);
  else if (alert.state === "expired") lines.push(words.expired);
  else if (isOpen(alert)) lines.push(words.waiting);
  for (const { by, text, at } of alert.notes) lines.push(words.note(by, text, isoClockText(at)));
  if (alert.end_s !== null) lines.push(words.ended(clockText(alert.end_s)));
  if (alert.end_s !== null && alert.acknowledged_by === null && isOpen(alert)) lines.push(words.latched);
  if (alert.end_s === null && alert.acknowledged_until !== null && alert.acknowledged_by !== null)
    lines.push(words.takenUntil(isoClockText(alert.acknowledged_until)));
  if (alert.stored === false) lines.push(words.notStored);
  for (const snooze of alert.snoozes)
    if (Date.parse(snooze.until) / 1000 > nowS) lines.push(words.snoozed(snooze.by, isoClockText(snooze.until)));
  return lines;
}
