/** What a stretch of signal costs in each mode, and what can be told again from the beats that went. Pure. */

interface Beat {
  readonly timeUs: number;
  readonly label: string;
}

interface Sent {
  readonly fromUs: number;
  readonly toUs: number;
  readonly rateHz: number;
  /** Of the waveform's code as it was sent. */
  readonly codeBytes: number;
}

export interface Meter {
  /** Seconds of signal that the bytes are of. */
  readonly seconds: number;
  readonly raw: number;
  readonly semantic: number;
  readonly event: number;
}

/** Of a sample as sensors send it. */
const sampleBytes = 2;
/** Measured (semantic/README.md): a beat with its time and class, and the fifth part of a signed frame, five stretches of which go as one. */
const beatBytes = 1.87;
const frameBytes = 113;
const calmStretches = 5;

/** Bytes of one stretch of one channel: every sample, beats and waveform in a frame, beats alone. */
export function meterOf({ fromUs, toUs, rateHz, codeBytes }: Sent, beats: readonly Beat[]): Meter {
  const seconds = (toUs - fromUs) / 1e6;
  const own = beats.filter(({ timeUs }) => timeUs >= fromUs && timeUs < toUs).length * beatBytes;
  return {
    seconds,
    raw: Math.round(seconds * rateHz) * sampleBytes,
    semantic: Math.round(codeBytes + own + frameBytes),
    event: Math.round(own + frameBytes / calmStretches),
  };
}

interface RunOfBeats {
  readonly timeUs: number;
  readonly beats: number;
  readonly bpm: number;
}

const leastBeats = 3;
const leastBpm = 100;

/** The newest run of ventricular beats, three or more at 100 a minute or more, as the beats alone tell it. */
export function newestRun(beats: readonly Beat[]): RunOfBeats | undefined {
  const ordered = [...beats].sort((a, b) => a.timeUs - b.timeUs);
  let [run, newest]: [Beat[], RunOfBeats | undefined] = [[], undefined];
  for (const beat of ordered) {
    run = beat.label === "V" ? [...run, beat] : [];
    const [first] = run;
    if (first === undefined || run.length < leastBeats) continue;
    const bpm = (60e6 * (run.length - 1)) / (beat.timeUs - first.timeUs);
    if (bpm >= leastBpm) newest = { timeUs: first.timeUs, beats: run.length, bpm: Math.round(bpm) };
  }
  return newest;
}
