/** Synthetic ECG, pulse wave and motion of one body from a seed: plausible enough to exercise a gateway, marked synthetic by nothing but its name, never used as evidence. */

import { normalAt, uniformAt } from "./noise.ts";
import { noValue, type SignalSource, type SourceChannel } from "./signal-source.ts";

type Activity = "rest" | "walking";

interface BodyOptions {
  readonly seed: number;
  readonly activity?: Activity;
}

interface Rhythm {
  /** Number of heart beats since the start at a time; its fraction is the place within the beat. */
  beats(timeS: number): number;
  readonly breathHz: number;
}

/** Heart rate swings with breathing (about ±4 %) and slowly (±2 %), as at rest. */
function rhythmOf({ seed, activity = "rest" }: BodyOptions): Rhythm {
  const rateHz = (activity === "walking" ? 95 : 62) / 60 + 0.2 * (uniformAt(seed, 1) - 0.5);
  const breathHz = 0.22 + 0.06 * uniformAt(seed, 2);
  const [breathPhase, slowPhase] = [uniformAt(seed, 3), uniformAt(seed, 4)].map((part) => 2 * Math.PI * part);
  const swing = (share: number, hz: number, phase: number, t: number) =>
    (share * rateHz * Math.sin(2 * Math.PI * hz * t + phase)) / (2 * Math.PI * hz);
  return {
    breathHz,
    beats: (t) => rateHz * t + swing(0.04, breathHz, breathPhase ?? 0, t) + swing(0.02, 0.04, slowPhase ?? 0, t),
  };
}

const bell = (x: number, centre: number, width: number) => Math.exp(-(((x - centre) / width) ** 2) / 2);
const limit = 32767;
const count16 = (value: number) => Math.max(noValue + 1, Math.min(limit, Math.round(value)));

/** Lead II in 5 µV counts: P, QRS and T as bells in the beat's phase, baseline wander with breathing, 10 µV of noise. */
export function ecgSource(options: BodyOptions & { readonly rateHz?: number }): SignalSource {
  const { seed, rateHz = 250 } = options;
  const { beats, breathHz } = rhythmOf(options);
  const mvAt = (t: number) => {
    const phase = beats(t) % 1;
    const waves =
      0.12 * bell(phase, 0.22, 0.025) -
      0.12 * bell(phase, 0.375, 0.009) +
      1.1 * bell(phase, 0.4, 0.011) -
      0.22 * bell(phase, 0.428, 0.01) +
      0.28 * bell(phase, 0.68, 0.045);
    return waves + 0.05 * Math.sin(2 * Math.PI * breathHz * t);
  };
  return {
    stream: "ecg",
    rateHz,
    placement: "chest",
    channels: [{ id: "ecg", kind: "ecg", lead: "II", unit: "mV", scale: 0.005, offset: 0, range: [-5, 5], mdc: 131330 }],
    contact: "measured",
    read: (first, count) => ({
      channels: [
        Int16Array.from({ length: count }, (_, i) => count16((mvAt((first + i) / rateHz) + 0.01 * normalAt(seed + 11, first + i)) / 0.005)),
      ],
    }),
  };
}

/** Infrared pulse wave in counts: a systolic bell, a dicrotic one, 0.2 s behind the R peak, deeper while breathing out. */
export function ppgSource(options: BodyOptions & { readonly rateHz?: number }): SignalSource {
  const { seed, rateHz = 64 } = options;
  const { beats, breathHz } = rhythmOf(options);
  const valueAt = (t: number) => {
    const phase = (beats(t) + 1 - 0.4 - 0.2) % 1;
    const wave = bell(phase, 0.18, 0.075) + 0.35 * bell(phase, 0.45, 0.09);
    return 4000 * wave * (1 + 0.1 * Math.sin(2 * Math.PI * breathHz * t));
  };
  return {
    stream: "ppg",
    rateHz,
    placement: "wrist",
    channels: [{ id: "ir", kind: "ppg", unit: "1", scale: 1, offset: 0, range: [-20_000, 20_000] }],
    contact: "measured",
    read: (first, count) => ({
      channels: [
        Int16Array.from({ length: count }, (_, i) => count16(valueAt((first + i) / rateHz) - 1500 + 40 * normalAt(seed + 12, first + i))),
      ],
    }),
  };
}

const gravityMps2 = 9.80665;

/** Six axes at the waist: breathing and stillness, or steps of about two a second. */
export function imuSource({ seed, activity = "rest", rateHz = 100 }: BodyOptions & { readonly rateHz?: number }): SignalSource {
  const stepHz = 1.8 + 0.3 * uniformAt(seed, 5);
  const breathHz = 0.25;
  const axes = (t: number): readonly number[] => {
    const step = 2 * Math.PI * stepHz * t;
    if (activity === "walking") {
      const vertical = 2.6 * Math.sin(step) + 0.9 * Math.sin(2 * step + 0.6);
      return [
        0.8 * Math.sin(step / 2),
        gravityMps2 + vertical,
        1.2 * Math.sin(step + 1),
        0.5 * Math.sin(step / 2 + 1),
        0.3 * Math.sin(step),
        0.7 * Math.sin(step / 2),
      ];
    }
    const breath = Math.sin(2 * Math.PI * breathHz * t);
    return [0.05 * breath, gravityMps2 + 0.02 * breath, 0.6, 0.01 * breath, 0, 0];
  };
  const accScale = 0.002;
  const gyroScale = 0.001;
  const noise = [0.02, 0.02, 0.02, 0.003, 0.003, 0.003];
  return {
    stream: "imu",
    rateHz,
    placement: "waist",
    channels: [...triad("acc", "m/s2", accScale, 60), ...triad("gyro", "rad/s", gyroScale, 30)],
    contact: "none",
    read(first, count) {
      const channels = noise.map(() => new Int16Array(count));
      for (let i = 0; i < count; i++) {
        axes((first + i) / rateHz).forEach((value, axis) => {
          const noisy = value + (noise[axis] ?? 0) * normalAt(seed + 21 + axis, first + i);
          const channel = channels[axis];
          if (channel !== undefined) channel[i] = count16(noisy / (axis < 3 ? accScale : gyroScale));
        });
      }
      return { channels };
    },
  };
}

function triad(kind: "acc" | "gyro", unit: string, scale: number, limitPhysical: number): SourceChannel[] {
  return ["x", "y", "z"].map((axis) => ({ id: `${kind}-${axis}`, kind, unit, scale, offset: 0, range: [-limitPhysical, limitPhysical] }));
}
