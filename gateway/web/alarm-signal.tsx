/** Says that an alert is open to whoever does not look at the page: in the tab's title, and with a sound where one press has allowed it. */

import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { isOpen } from "../../device-drivers/contract/event.ts";
import { createAlarmSound, openAudio, soundEveryMs } from "./alarm-sound.ts";
import { homeMemory } from "./client.ts";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";
import type { Alert } from "./wire-types.ts";

const tickMs = 500;

export function AlarmSignal({ store }: { store: Store }) {
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  const [sound] = useState(() => createAlarmSound({ open: openAudio, memory: homeMemory, onChange: () => redraw() }));
  const played = useRef<{ worst: string | undefined; atMs: number }>({ worst: undefined, atMs: 0 });

  useEffect(() => {
    const timer = setInterval(() => {
      document.title = titleOf(store);
      const worst = worstWaiting(store.state.alerts ?? []);
      const before = played.current;
      if (worst === undefined) before.worst = undefined;
      else if (worst !== before.worst || performance.now() - before.atMs >= soundEveryMs[worst]) {
        sound.play(worst);
        played.current = { worst, atMs: performance.now() };
      }
    }, tickMs);
    // The switch's own press is its click: begun here already, the click would take it back.
    const onPress = ({ target }: Event) => {
      if (!(target instanceof Element && target.closest("[data-sound]") !== null)) sound.pressed();
    };
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, onPress, true);
    return () => {
      clearInterval(timer);
      for (const kind of ["pointerdown", "keydown"]) removeEventListener(kind, onPress, true);
      document.title = texts.name;
    };
  }, [store, sound]);

  const words = texts.sound[sound.state];
  return (
    <button
      type="button"
      class={`button sound sound-${sound.state}`}
      aria-pressed={sound.state !== "off"}
      data-sound={sound.state}
      title={words.says}
      onClick={() => void sound.turn(sound.state !== "on")}
    >
      <Bell isMute={sound.state !== "on"} /> {words.label}
    </button>
  );
}

function Bell({ isMute }: { isMute: boolean }) {
  return (
    <svg class="bell" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M8 1.5a4 4 0 0 0-4 4c0 4-1.5 5-1.5 6h11c0-1-1.5-2-1.5-6a4 4 0 0 0-4-4zM6.5 13a1.5 1.5 0 0 0 3 0z" />
      {isMute && <path d="M2 14.5 14 1.5" class="bell-mute" />}
    </svg>
  );
}

/** Of what nobody has taken; low ones wait silently (alerts.md §2). */
function worstWaiting(alerts: readonly Alert[]): "high" | "medium" | undefined {
  const waiting = alerts.filter((alert) => isOpen(alert) && alert.acknowledged_by === null);
  return (["high", "medium"] as const).find((priority) => waiting.some((alert) => alert.priority === priority));
}

/** No name and no condition: a title is read over a shoulder. */
function titleOf({ state }: Store): string {
  if (state.connection.kind === "lost") return texts.title.lost;
  const open = (state.alerts ?? []).filter(isOpen);
  if (open.length === 0) return texts.name;
  const waiting = open.filter(({ acknowledged_by: by }) => by === null);
  if (waiting.length === 0) return texts.title.taken(open.length);
  return waiting.some(({ priority }) => priority === "high") ? texts.title.urgent(open.length) : texts.title.open(open.length);
}
