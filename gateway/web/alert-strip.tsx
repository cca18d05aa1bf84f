/** The signal that an alert was read from, on its card: the very channel, 15 s on either side, as the gateway's record has it. */

import { useEffect, useState } from "preact/hooks";
import { RequestFailed, request } from "./client.ts";
import { clockText, numberText, unitText } from "./format.ts";
import { repeat } from "./repeat.ts";
import { type Store, useTick } from "./store.ts";
import { StripPicture } from "./strip-picture.tsx";
import { texts } from "./texts.ts";
import type { Alert, Strip, Trace } from "./wire-types.ts";

/** Until the seconds after the alert are there. */
const everyMs = 5000;
/** A sensor that lost its line sends what it kept; later than this nothing is waited for. */
const patienceS = 60;

export function AlertStrip({ alert, store }: { alert: Alert; store: Store }) {
  const [strip, setStrip] = useState<Strip>();
  const [isGone, setGone] = useState(false);
  useTick(everyMs);
  const isSettled = store.nowS() > alert.t_s + patienceS;
  useEffect(() => {
    const read = async () => {
      try {
        setStrip(await request<Strip>(`/alerts/${encodeURIComponent(alert.id)}/strip`));
      } catch (error) {
        // A gateway that does not answer now is asked again; one that says no will not say yes.
        if (error instanceof RequestFailed && error.status >= 400) setGone(true);
      }
    };
    void read();
    return isSettled ? undefined : repeat(read, everyMs);
  }, [alert.id, isSettled]);

  const [trace] = strip?.traces ?? [];
  if (trace === undefined || !trace.values.some((value) => value !== null)) {
    const words = strip === undefined ? texts.alerts.strip.asking : isSettled ? texts.alerts.strip.none : texts.alerts.strip.coming;
    // Equipment often fails by showing nothing; that needs no words of its own.
    return isGone || alert.kind === "technical" ? null : <p class="muted">{words}</p>;
  }
  const beats = (strip?.events ?? []).flatMap(({ kind, timeUs, label }) =>
    kind === "beat" && timeUs !== undefined && label !== undefined ? [{ timeUs, label }] : [],
  );
  const words = wordsOf(trace, store);
  return (
    <figure class="strip" data-alert-strip={`${trace.device}/${trace.stream}/${trace.channel}`}>
      <figcaption class="muted">{words}</figcaption>
      <StripPicture trace={trace} beats={beats} title={words} />
    </figure>
  );
}

/** "Oxygen, 88 to 97 %, from 14:02:11, 10 s a row". */
function wordsOf(trace: Trace, store: Store): string {
  const stream = store.state.streams.find(({ device, stream: id }) => device === trace.device && id === trace.stream);
  const kind = stream?.channels.find(({ id }) => id === trace.channel)?.kind ?? "other";
  const values = trace.values.filter((value): value is number => value !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => numberText(value, trace.unit));
  const name = `${texts.trace.kinds[kind] ?? texts.trace.kinds.other}${trace.lead === undefined ? "" : ` ${trace.lead}`}`;
  return texts.alerts.strip.says(name, `${low} … ${high} ${unitText(trace.unit)}`.trim(), clockText(trace.startUs / 1e6));
}
