/** A rule with a limit as somebody would add it: this file, and one line in the list of families. */

import Type, { type Static, type TObject } from "typebox";
import { back } from "../../../gateway/rules/alert-words.ts";
import type { Family } from "../../../gateway/rules/family.ts";
import type { Rule } from "../../../gateway/rules/rule.ts";

const limits = {
  heatCel: Type.Number({ minimum: 30, maximum: 60, default: 41, description: "Temperature from which heat.stroke tells, °C" }),
};

const create = ({ heatCel }: Static<TObject<typeof limits>>, saved?: unknown): Rule => {
  const hot = new Set(saved as readonly string[] | undefined);
  return {
    ids: ["heat.stroke"],
    push(input) {
      if (input.kind !== "vital" || input.code !== "temp" || input.value === undefined) return [];
      const { device, stream, timeUs, value, unit } = input;
      if (value < heatCel) return hot.delete(device) ? [{ kind: "end", rule: "heat.stroke", device, endUs: timeUs, timeUs }] : [];
      if (hot.has(device)) return [];
      hot.add(device);
      const told = { device, stream, onsetUs: timeUs, timeUs, value, unit, limit: heatCel, quality: "good" } as const;
      return [{ kind: "begin", rule: "heat.stroke", priority: "high", alertKind: "physiological", ...told }];
    },
    watching: () => [],
    state: () => [...hot],
  };
};

export const heat: Family = {
  create,
  limits,
  rules: {
    "heat.stroke": {
      priority: "high",
      alertKind: "physiological",
      covers: { rules: ["temp.limit-high"], within: "person" },
      worseBy: 1,
      text: {
        title: (w) => `${w.person}: body temperature ${w.value}, limit ${w.limit}`,
        body: (w) => `Measured by ${w.device}.`,
        clear: back("the temperature is below the limit again"),
      },
    },
  },
};
