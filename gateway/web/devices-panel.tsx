/** The sensors: who wears them, how they are, when they last spoke, and their counters. */

import { durationText } from "./format.ts";
import { type Store, useTick } from "./store.ts";
import { texts } from "./texts.ts";
import type { Device } from "./wire-types.ts";

export function DevicesPanel({ store }: { store: Store }) {
  useTick(1000);
  const { devices, people } = store.state;
  const nameOf = (id: string) => people?.find((person) => person.id === id)?.name ?? id;
  return (
    <section aria-labelledby="devices-heading">
      <h2 id="devices-heading">{texts.devices.heading}</h2>
      {devices.length === 0 && <p class="card muted">{texts.devices.none}</p>}
      <div class="devices">
        {devices.map((device) => (
          <DeviceCard
            key={device.id}
            device={device}
            nowS={store.nowS()}
            wearer={device.person === null ? undefined : nameOf(device.person)}
          />
        ))}
      </div>
    </section>
  );
}

/** What nobody wears is kept sealed and not looked at, so that nothing is known of its samples. */
function sampleWords(age: string | undefined, isWorn: boolean): string {
  if (age !== undefined) return texts.devices.lastSample(age);
  return isWorn ? texts.devices.never : texts.devices.unread;
}

function DeviceCard({ device, nowS, wearer }: { device: Device; nowS: number; wearer: string | undefined }) {
  const isFine = device.state === "online";
  const age = device.last_sample_at === null ? undefined : durationText(nowS - Date.parse(device.last_sample_at) / 1000);
  return (
    <article class="card device" data-device={device.id}>
      <h3>{device.title}</h3>
      <p>
        <span class={`state ${isFine ? "state-fine" : "state-care"}`}>{texts.devices.states[device.state] ?? device.state}</span>
        <span class="muted"> · {sampleWords(age, device.person !== null)}</span>
      </p>
      <p class="muted">{wearer === undefined ? texts.devices.unassigned : texts.devices.wornBy(wearer, device.placement)}</p>
      <details>
        <summary>
          {texts.devices.counters} <span class="muted">{`${device.driver}, ${device.link}`}</span>
        </summary>
        <dl class="facts">
          {Object.entries(device.counters).map(([name, count]) => (
            <div key={name}>
              <dt>{texts.devices.counterNames[name] ?? name}</dt>
              <dd>{count.toLocaleString()}</dd>
            </div>
          ))}
        </dl>
      </details>
    </article>
  );
}
