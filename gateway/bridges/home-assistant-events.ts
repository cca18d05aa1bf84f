/** One message a turn of an alert's life, for automations: what an alert was told as is compared with what it is. What came and went while nobody could be told is told by nobody. */

import type { AlertRecord, Priority } from "../../device-drivers/contract/event.ts";
import { entityTopic } from "./home-assistant-discovery.ts";
import type { Memory } from "./home-assistant-memory.ts";
import { type eventTypes, isMoreUrgent, type Thing } from "./home-assistant-things.ts";

interface AlertEventsParts {
  readonly site: string;
  readonly memory: Pick<Memory, "now" | "change">;
  /** Resolves when the broker has it. */
  readonly send: (topic: string, payload: string) => Promise<void>;
}

interface AlertEvents {
  /** `things` have every alert that is open. */
  tell(things: readonly Thing[]): void;
  /** Whether the smart home has heard of this alert. */
  isTold(alert: string): boolean;
}

/** Messages that wait for their acknowledgement at once; the rest follows. */
const maxBusy = 16;

type EventType = (typeof eventTypes)[number];

export function createAlertEvents({ site, memory, send }: AlertEventsParts): AlertEvents {
  const busy = new Set<string>();
  let newest: readonly Thing[] = [];

  const keep = (id: string, stage: string | undefined) => {
    const { [id]: _, ...rest } = memory.now.told;
    memory.change({ told: stage === undefined ? rest : { ...rest, [id]: stage } }).catch(() => {});
  };

  const say = (id: string, object: string, event: object, stage: string | undefined) => {
    if (busy.size >= maxBusy || busy.has(id)) return;
    busy.add(id);
    send(entityTopic(site, object, "alert_event"), JSON.stringify(event)).then(
      () => {
        busy.delete(id);
        keep(id, stage);
        // What has turned meanwhile, or had to wait.
        events.tell(newest);
      },
      // What the broker did not take is told with the next look.
      () => busy.delete(id),
    );
  };

  const events: AlertEvents = {
    tell(things) {
      newest = things;
      const open = new Set<string>();
      for (const { object, alerts, textOf } of things)
        for (const alert of alerts) {
          open.add(alert.id);
          const told = memory.now.told[alert.id];
          const event_type = turnOf(told, alert);
          if (event_type === undefined) continue;
          say(alert.id, object, { event_type, priority: alert.priority, kind: alert.kind, text: textOf(alert) }, stageOf(object, alert));
        }
      for (const [id, told] of Object.entries(memory.now.told)) {
        if (open.has(id)) continue;
        const { object, priority } = readStage(told);
        // Of somebody who is shown no more nothing is told.
        if (things.some((thing) => thing.object === object))
          say(id, object, { event_type: "ended" satisfies EventType, priority }, undefined);
        else if (!busy.has(id)) keep(id, undefined);
      }
    },
    isTold: (alert) => alert in memory.now.told,
  };
  return events;
}

function turnOf(told: string | undefined, { priority, state }: AlertRecord): EventType | undefined {
  if (told === undefined) return "raised";
  const before = readStage(told);
  const isTaken = state === "acknowledged";
  if (isMoreUrgent(priority, before.priority)) return "more_urgent";
  if (isTaken === before.isTaken) return undefined;
  return isTaken ? "acknowledged" : "waits_again";
}

function stageOf(object: string, { priority, state }: AlertRecord): string {
  return `${object} ${priority} ${state === "acknowledged" ? "taken" : "waits"}`;
}

function readStage(stage: string): { object: string; priority: Priority; isTaken: boolean } {
  const [object = "", priority = "info", isTaken] = stage.split(" ");
  return { object, priority: priority as Priority, isTaken: isTaken === "taken" };
}
