/** Who wears a sensor, and where on the body. */

import { texts } from "./texts.ts";
import type { Person } from "./wire-types.ts";

const words = texts.setup;

export function PersonChoice({ people, value, onPerson }: { people: readonly Person[]; value: string; onPerson: (id: string) => void }) {
  return (
    <label>
      {words.wornBy}
      <select value={value} name="person" onChange={(event) => onPerson(event.currentTarget.value)}>
        <option value="">{words.wornByNobody}</option>
        {people.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

export function PlacementField({ value, onPlacement }: { value: string; onPlacement: (where: string) => void }) {
  return (
    <label>
      {words.placement}
      <input type="text" name="placement" maxLength={40} value={value} onInput={(event) => onPlacement(event.currentTarget.value)} />
    </label>
  );
}
