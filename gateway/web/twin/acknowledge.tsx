/** Acknowledging from afar: the home is asked, and until it has answered the page says that it waits. */

import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { Action, acknowledgeMinutes, SignedAs, SignForm, stayAt } from "../alert-actions.tsx";
import { RequestFailed, request, storedName, storeName } from "../client.ts";
import { texts } from "../texts.ts";
import { ofHome, type TwinPageStore } from "./store.ts";
import { twinTexts } from "./texts.ts";
import type { AlertAtTwin } from "./wire.ts";

interface Answer {
  readonly act: { readonly id: string; readonly state: string };
}

const pollMs = 2000;
/** So long the twin asks the home again. */
const patienceMs = 600_000;

interface AcknowledgeProps {
  readonly store: TwinPageStore;
  readonly alert: AlertAtTwin;
  /** Told what came of it: an alert that has ended leaves its place with the answer. */
  readonly onAnswer: (says: string | undefined) => void;
}

export function Acknowledge({ store, alert, onAnswer }: AcknowledgeProps) {
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  const [isSigning, setSigning] = useState(false);
  const { home = "", status } = store.state;
  const { phase, ask } = useAsking({ home, store, alert, onAnswer });
  const place = useRef<HTMLDivElement>(null);
  const hasActed = useRef(false);
  useEffect(() => {
    if (hasActed.current && !isSigning) stayAt(place.current);
  }, [isSigning, phase]);
  if (status?.homes.find(({ id }) => id === home)?.role === "integrator") return null;

  if (isSigning)
    return (
      <SignForm
        verb="acknowledge"
        name={storedName()}
        onCancel={() => setSigning(false)}
        onSigned={(by) => {
          storeName(by);
          setSigning(false);
          void ask(by);
        }}
      />
    );
  const name = storedName();
  return (
    <div class="actions" ref={place}>
      {phase !== undefined && (
        <p role="status" class="act-says" data-act={phase}>
          {twinTexts.act[phase]}
        </p>
      )}
      {alert.acknowledged_by === null && (
        <Action
          verb="acknowledge"
          says={twinTexts.act.says(acknowledgeMinutes, alert.end_s !== null)}
          isBusy={phase !== undefined}
          onPress={() => {
            hasActed.current = true;
            const by = storedName();
            if (by === undefined) setSigning(true);
            else void ask(by);
          }}
        />
      )}
      {alert.acknowledged_by === null && name !== undefined && <SignedAs name={name} onForget={redraw} />}
    </div>
  );
}

interface Asking {
  readonly home: string;
  readonly store: TwinPageStore;
  readonly alert: AlertAtTwin;
  readonly onAnswer: AcknowledgeProps["onAnswer"];
}

/** Asks the home by a name, and says how far that is; undefined while nothing is asked. */
function useAsking({ home, store, alert, onAnswer }: Asking) {
  const [phase, setPhase] = useState<"asked" | "waiting">();

  async function ask(by: string): Promise<void> {
    onAnswer(undefined);
    setPhase("asked");
    try {
      const path = `/alerts/${encodeURIComponent(alert.id)}/acknowledge`;
      const { act } = await request<Answer>(ofHome(home, path), { method: "POST", json: { by, minutes: acknowledgeMinutes } });
      onAnswer(answerWords(await answered(act)));
    } catch (error) {
      onAnswer(texts.failed(wordsOf(error)));
    } finally {
      setPhase(undefined);
      store.refresh();
    }
  }

  /** The home's word, or `waiting` where none has come in time. */
  async function answered(act: Answer["act"]): Promise<string> {
    const endMs = performance.now() + patienceMs;
    let { state } = act;
    while (state === "waiting" && performance.now() < endMs && store.state.isSignedIn) {
      setPhase("waiting");
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      // A line that is away for a moment is asked again.
      state = await request<Answer>(ofHome(home, `/acts/${act.id}`)).then(
        (answer) => answer.act.state,
        () => state,
      );
    }
    return state;
  }

  return { phase, ask };
}

function answerWords(state: string): string {
  const words = twinTexts.act.answers;
  return Object.hasOwn(words, state) ? words[state as keyof typeof words] : words.other;
}

/** What the twin says of a home's refusal is told as it is. */
function wordsOf(error: unknown): string {
  if (error instanceof RequestFailed) return error.status === 0 ? twinTexts.connection.noAnswer : error.message;
  return String(error);
}
