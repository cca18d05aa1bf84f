/** A toy bridge: writes down what it hears, each line after the word of its settings. */

import Type from "typebox";
import { defineBridge } from "../../gateway/bridges/bridge.ts";

export const heard: string[] = [];

export const toyBridge = defineBridge({
  name: "toy-notes",
  options: { word: Type.String({ minLength: 1 }) },
  open: ({ title }, { word }) => ({
    events: (person, events) => void heard.push(...events.map(({ kind }) => `${word} ${person} ${kind}`)),
    alerts: (changed) => void heard.push(...changed.map((alert) => `${word} ${title(alert)}`)),
    async close() {
      heard.push(`${word} closed`);
    },
  }),
});
