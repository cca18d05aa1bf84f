/** The sensors: who wears them, how they are, when they last spoke, and their counters. */

import { durationText } from "./format.ts";
import { type Store, useTick } from "./store.ts";
import { texts } from "./texts.ts";
import type { Device, Stream } from "./wire-types.ts";

export function DevicesPanel({ store }: { store: Store }) {
  useTick(1000);
  const { devices, people, streams } = store.state;
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
            streams={streams.filter((stream) => stream.device === device.id)}
            wearer={device.person === null ? undefined : nameOf(device.person)}
          />
        ))}
      </div>
    </section>
  );
}

/** Bytes that arrive are no samples, and samples without a value are of no use: each is said as what it is. */
function sampleWords({ last_usable_at: usable, last_bytes_at: bytes, person }: Device, nowS: number): string {
  const age = (at: string) => durationText(nowS - Date.parse(at) / 1000);
  if (usable !== null) return texts.devices.lastUsable(age(usable));
  if (bytes === null) return texts.devices.never;
  return person === null ? texts.devices.lastBytes(age(bytes)) : texts.devices.onlyBytes(age(bytes));
}

interface CardProps {
  readonly device: Device;
  readonly streams: readonly Stream[];
  readonly nowS: number;
  readonly wearer: string | undefined;
}

function DeviceCard({ device, streams, nowS, wearer }: CardProps) {
  const isFine = device.state === "online";
  return (
    <article class="card device" data-device={device.id}>
      <h3>{device.title}</h3>
      <p>
        <span class={`state ${isFine ? "state-fine" : "state-care"}`}>{texts.devices.states[device.state] ?? device.state}</span>
        <span class="muted"> · {sampleWords(device, nowS)}</span>
      </p>
      <p class="muted">
        {wearer === undefined ? texts.devices.unassigned : texts.devices.wornBy(wearer, device.placement)}
        {device.battery_pct !== null && ` · ${texts.devices.battery(device.battery_pct)}`}
      </p>
      {device.findings.length > 0 && (
        <ul class="findings">
          {device.findings.map(({ code, stream, text, help }, at) => (
            <li key={`${code} ${stream} ${text}`} data-finding={code}>
              {text}
              {help !== undefined && help !== device.findings[at + 1]?.help && <p class="way-out">{help}</p>}
            </li>
          ))}
        </ul>
      )}
      {streams.length > 0 && <Uses streams={streams} />}
      <Timings streams={streams} />
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

/** Open by itself while times are uncertain. */
function Timings({ streams }: { streams: readonly Stream[] }) {
  const timed = streams.flatMap(({ stream, timing }) => (timing === null ? [] : [{ stream, timing }]));
  if (timed.length === 0) return null;
  const isUncertain = timed.some(({ timing }) => timing.uncertain);
  return (
    <details class="timings" open={isUncertain}>
      <summary>{isUncertain ? texts.devices.timing.uncertain : texts.devices.timing.heading}</summary>
      <dl class="facts">
        {timed.map(({ stream, timing }) => (
          <div key={stream} class="fact-wide" data-timing={stream}>
            <dt>{stream}</dt>
            <dd>{texts.devices.timing.says(timing)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Uses({ streams }: { streams: readonly Stream[] }) {
  return (
    <details class="uses">
      <summary>{texts.devices.uses}</summary>
      <dl class="facts">
        {streams.flatMap(({ stream, uses }) =>
          [...new Set(uses.map(({ text }) => text))].map((text) => (
            <div key={`${stream}/${text}`} class="fact-wide">
              <dt>{`${stream}: ${uses.flatMap((use) => (use.text === text ? [use.channel] : [])).join(", ")}`}</dt>
              <dd>{text}</dd>
            </div>
          )),
        )}
      </dl>
    </details>
  );
}
