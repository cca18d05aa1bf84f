/** Alerts of a home's people as the twin has them: open ones first and large, earlier ones folded. What a button asks is decided at home. */

import { useEffect, useRef, useState } from "preact/hooks";
import { isOpen } from "../../../device-drivers/contract/event.ts";
import { Fact, rank, sinceLine, stateLines, valueLine } from "../alerts-panel.tsx";
import { Expert } from "../expert.tsx";
import { useTick } from "../store.ts";
import { ruleName, texts } from "../texts.ts";
import { Acknowledge } from "./acknowledge.tsx";
import type { TwinPageStore } from "./store.ts";
import { StripOnTap } from "./strip.tsx";
import { house, twinTexts } from "./texts.ts";
import type { AlertAtTwin, PersonAtTwin } from "./wire.ts";

const maxEarlier = 50;
/** Within that time after an alert its strip is there. */
const stripS = 60;

interface Told {
  readonly alert: AlertAtTwin;
  readonly person: PersonAtTwin;
}

export function AlertsOfHome({ store }: { store: TwinPageStore }) {
  useTick(1000);
  const [answer, setAnswer] = useState<string>();
  // The card that was pressed may have gone to the earlier ones; whoever works with keys or a screen reader stays here.
  const told = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (answer !== undefined && document.activeElement === document.body) told.current?.focus();
  }, [answer, store.state.people]);
  const { people, connection } = store.state;
  const all = (people ?? []).flatMap((person) => person.alerts.map((alert): Told => ({ alert, person })));
  const open = all.filter(({ alert }) => isOpen(alert)).sort((a, b) => rank(a.alert) - rank(b.alert) || b.alert.t_s - a.alert.t_s);
  const earlier = all.filter(({ alert }) => !isOpen(alert)).sort((a, b) => b.alert.t_s - a.alert.t_s);
  const isKnown = people !== undefined && connection.kind === "live";
  return (
    <section aria-labelledby="alerts-heading" class="alerts">
      <h2 id="alerts-heading">{texts.alerts.heading}</h2>
      <Announced open={open} />
      <p ref={told} role="status" class={answer === undefined ? "visually-hidden" : "card act-says"} data-answer tabIndex={-1}>
        {answer}
      </p>
      {open.length === 0 && <p class="card muted">{isKnown ? twinTexts.alerts.none : texts.alerts.unknown}</p>}
      {open.map((each) => (
        <AlertCard key={each.alert.id} store={store} onAnswer={setAnswer} {...each} />
      ))}
      {earlier.length > 0 && (
        <details class="earlier">
          <summary>
            {texts.alerts.earlier} ({earlier.length})
          </summary>
          {earlier.slice(0, maxEarlier).map((each) => (
            <AlertCard key={each.alert.id} store={store} onAnswer={setAnswer} {...each} />
          ))}
        </details>
      )}
    </section>
  );
}

/** What a screen reader says by itself: only what nobody has taken, and not every second again as the ages beside it grow. */
function Announced({ open }: { open: readonly Told[] }) {
  const waiting = open.filter(({ alert }) => alert.acknowledged_by === null);
  const words = (each: Told | undefined) => (each === undefined ? "" : `${texts.alerts.priority[each.alert.priority]}: ${titleOf(each)}`);
  return (
    <div class="visually-hidden">
      <p role="alert">{words(waiting.find(({ alert }) => alert.priority === "high"))}</p>
      <p role="status">{words(waiting.find(({ alert }) => alert.priority !== "high"))}</p>
    </div>
  );
}

const titleOf = ({ alert, person }: Told): string =>
  `${person.name ?? (person.id === house ? twinTexts.house : person.id)}: ${ruleName(alert.rule)}`;

interface AlertCardProps extends Told {
  readonly store: TwinPageStore;
  readonly onAnswer: (says: string | undefined) => void;
}

function AlertCard({ store, alert, person, onAnswer }: AlertCardProps) {
  const nowS = store.nowS();
  const title = titleOf({ alert, person });
  return (
    <article
      class={`card alert alert-${alert.priority}${alert.acknowledged_by === null ? "" : " is-taken"}`}
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
      <h3 id={`title-${alert.id}`}>{title}</h3>
      <dl class="facts">
        <Fact name={twinTexts.alerts.device}>{alert.device}</Fact>
        {alert.value !== null && <Fact name={texts.alerts.value}>{valueLine(alert)}</Fact>}
        <Fact name={texts.alerts.since}>{sinceLine(alert, nowS)}</Fact>
        <Fact name={texts.alerts.signal}>{texts.quality[alert.quality] ?? alert.quality}</Fact>
      </dl>
      <p class="alert-state">{stateLines(alert, nowS).join(" ")}</p>
      {alert.kind === "physiological" && (
        <StripOnTap home={store.state.home ?? ""} person={person.id} alert={alert} isNew={nowS < alert.t_s + stripS} />
      )}
      {isOpen(alert) && (
        <Acknowledge
          store={store}
          alert={alert}
          onAnswer={(says) => onAnswer(says === undefined ? undefined : twinTexts.alerts.answer(title, says))}
        />
      )}
      <Expert>
        <p>{texts.alerts.expert(alert.rule, alert.state, alert.device, "")}</p>
      </Expert>
    </article>
  );
}
