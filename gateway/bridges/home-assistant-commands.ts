/** What is pressed and chosen in the smart home, done in its name. Whoever may publish on its broker can do so, so each kind is off until hearth.yaml switches it on. */

import { presenceLimits, presenceStates } from "../alert/presence-port.ts";
import type { BridgeContext } from "./bridge.ts";
import { commandTopic } from "./home-assistant-discovery.ts";
import { presenceChoice, type presenceLevels, press, type Thing } from "./home-assistant-things.ts";

interface CommandParts {
  readonly context: Pick<BridgeContext, "site" | "nowUs" | "acknowledge" | "callForHelp" | "sayPresence">;
  readonly settings: { readonly acknowledge: boolean; readonly help: boolean; readonly presence: (typeof presenceLevels)[number] };
  readonly things: () => readonly Thing[];
  /** Whether the smart home has heard of this alert. */
  readonly isTold: (alert: string) => boolean;
  readonly refuse: (topic: string, why: string) => void;
}

/** Who acts by it. */
const signedBy = "home assistant";
const keys = ["acknowledge", "help", presenceChoice] as const;

export function createCommands({ context, settings, things, isTold, refuse: tell }: CommandParts) {
  const isOn = { acknowledge: settings.acknowledge, help: settings.help, [presenceChoice]: settings.presence === "said" };
  const named = { acknowledge: "acknowledge", help: "help", [presenceChoice]: "presence" };
  /** Alerts whose acknowledgement is on its way. */
  const pressed = new Set<string>();

  return (topic: string, payload: string, isRetained: boolean) => {
    const refuse = (why: string) => tell(topic, why);
    const failed = (error: unknown) => refuse(error instanceof Error ? error.message : String(error));
    const key = keys.find((each) => topic.endsWith(`/${each}/set`));
    if (key === undefined) return refuse("there is no such button");
    if (!isOn[key]) return refuse(`bridges.home-assistant.${named[key]} is not switched on`);
    // A message that the broker keeps would press anew at every connection.
    if (isRetained) return refuse("a retained message is no press of a button");
    const state = key === presenceChoice ? presenceStates.find((each) => each === payload) : undefined;
    if (key === presenceChoice && state === undefined) return refuse(`the payload is none of ${presenceStates.join(", ")}`);
    if (key !== presenceChoice && payload !== press) return refuse(`the payload is not ${press}`);
    const thing = things().find(({ object }) => commandTopic(context.site, object, key) === topic);
    if (thing === undefined) return refuse("nobody is shown under this topic");
    if (key !== "acknowledge") {
      if (thing.person === undefined)
        return refuse(state === undefined ? "the house itself calls for nobody" : "the house itself is always at home");
      if (state === undefined) context.callForHelp(thing.person, signedBy).catch(failed);
      // As long as a program's word holds: said again, it holds for as long again.
      else context.sayPresence(thing.person, state, untilOf(state, context.nowUs()), signedBy).catch(failed);
      return;
    }
    for (const { id, state: stands } of thing.alerts) {
      if (stands === "acknowledged" || !isTold(id) || pressed.has(id)) continue;
      pressed.add(id);
      context
        .acknowledge(id, signedBy)
        .catch(failed)
        .finally(() => pressed.delete(id));
    }
  };
}

function untilOf(state: (typeof presenceStates)[number], nowUs: number): number | undefined {
  return state === "home" ? undefined : nowUs + presenceLimits[state].mostOfPrograms * 1e6;
}
