/** Numbers that devices measure themselves or that are read of their light, each with its source and age; what is missing or old is never shown as a value of now. */

import { durationText, numberText, unitText } from "./format.ts";
import { texts } from "./texts.ts";
import type { Device, Person } from "./wire-types.ts";

type Vital = Person["vitals"][number];

export function Vitals({ vitals, devices, nowS }: { vitals: readonly Vital[]; devices: readonly Device[]; nowS: number }) {
  if (vitals.length === 0) return null;
  const titleOf = (id: string) => devices.find((device) => device.id === id)?.title ?? id;
  return (
    <dl class="facts vitals">
      {vitals.map((vital) => (
        <div key={`${vital.device}/${vital.stream}/${vital.code}`} data-vital={vital.code}>
          <dt>{texts.vitals.names[vital.by === null ? vital.code : `${vital.code} ${vital.by}`] ?? vital.code}</dt>
          <dd>
            {valueWords(vital, nowS)}{" "}
            <span class="muted">{texts.vitals.from(titleOf(vital.device), durationText(nowS - Date.parse(vital.at) / 1000))}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function valueWords({ value, unit, without, fresh_until: freshUntil }: Vital, nowS: number): string {
  if (nowS > Date.parse(freshUntil) / 1000) return texts.people.noValue;
  if (value === null) return texts.vitals.without[without ?? ""] ?? texts.people.noValue;
  return `${numberText(value, unit)} ${unitText(unit)}`;
}
