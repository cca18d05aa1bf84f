/** A person's body as it moves, with words beside it; drawn where motion sensors are worn that say how they are turned. */

import { useState } from "preact/hooks";
import type { BodyFrame } from "./bodies.ts";
import { frameAgain } from "./body-again.ts";
import { BodyPicture } from "./body-picture.tsx";
import { type LimbState, limbNames, limbState } from "./body-shape.ts";
import { CalibrationPart } from "./calibration.tsx";
import { MovementLine } from "./movement.tsx";
import { type Store, useTick } from "./store.ts";
import { bodyTexts } from "./texts-body.ts";
import type { Person } from "./wire-types.ts";

export function Body({ store, person: of }: { store: Store; person: Person }) {
  const person = of.id;
  useTick(500);
  const { bodies } = store;
  const [again, setAgain] = useState<{ readonly frames: readonly BodyFrame[]; readonly sinceMs: number }>();
  if (bodies.minute(person).length === 0) return null;
  const now = bodies.now(person, performance.now());
  const model = bodies.model(person) ?? undefined;
  const states = limbNames.map((limb) => [limb, now === undefined ? "unknown" : limbState(limb, now.state)] as const);
  const words =
    now === undefined ? bodyTexts.silent : states.map(([limb, state]) => `${bodyTexts.limbs[limb]}: ${bodyTexts.states[state]}`).join(". ");
  const newestUs = bodies.minute(person).at(-1)?.timeUs ?? 0;
  return (
    <section class="body" aria-label={bodyTexts.heading} data-body={person} data-body-model={model ?? ""}>
      <figure class="body-figure">
        <figcaption>
          <span>{bodyTexts.heading}</span> <span class="muted">{bodyTexts.help}</span>
        </figcaption>
        <BodyPicture words={words} frameAt={(nowMs) => bodies.now(person, nowMs)} />
        <BodyForms />
      </figure>
      {again !== undefined && <Again {...again} nowUs={newestUs} />}
      <div class="body-words">
        {now === undefined && <p class="state-care">{bodyTexts.silent}</p>}
        <ul role="status">
          {states.map(([limb, state]) => (
            <li
              key={limb}
              data-limb={limb}
              data-limb-state={state}
              class={state === "completed" ? "body-guess" : state === "measured" ? "" : "muted"}
            >
              <b>{bodyTexts.limbs[limb]}</b> {bodyTexts.states[state]}
            </li>
          ))}
        </ul>
        <MovementLine movement={of.movement} />
        <p class="muted">{model === undefined ? bodyTexts.placeless : bodyTexts.by(model)}</p>
        <button
          type="button"
          onClick={() => setAgain(again === undefined ? { frames: [...bodies.minute(person)], sinceMs: performance.now() } : undefined)}
        >
          {again === undefined ? bodyTexts.again : bodyTexts.stop}
        </button>
        <CalibrationPart store={store} person={of} />
      </div>
    </section>
  );
}

/** Beside the body as it is now. */
function Again({ frames, sinceMs, nowUs }: { frames: readonly BodyFrame[]; sinceMs: number; nowUs: number }) {
  const frameAt = (nowMs: number) => frameAgain(frames, nowMs - sinceMs);
  const shown = frameAt(performance.now());
  const words = bodyTexts.playing(Math.round((nowUs - (shown?.timeUs ?? nowUs)) / 1e6));
  return (
    <figure class="body-figure" data-body-again>
      <figcaption class="muted">{words}</figcaption>
      <BodyPicture words={words} frameAt={frameAt} />
    </figure>
  );
}

/** How the two kinds look, whatever the colours. */
export function BodyForms() {
  return (
    <p class="legend body-forms">
      {(["measured", "completed"] satisfies LimbState[]).map((form) => (
        <span key={form}>
          <svg viewBox="0 0 44 14" width="44" height="14" aria-hidden="true">
            <rect x="2" y="2" width="40" height="10" rx="5" class={`body-form-${form}`} />
          </svg>{" "}
          {form === "measured" ? bodyTexts.measuredForm : bodyTexts.completedForm}
        </span>
      ))}
    </p>
  );
}
