/**
 * The sound of an alert that nobody has taken. A browser plays none before its reader has pressed something on the page: what was allowed is remembered, and until
 * the next press the page says that it is still mute. A tab is a display and no alarm to rely on; channels are.
 */

/** "blocked": it is wanted, and the browser lets nothing out yet. */
type SoundState = "off" | "on" | "blocked";

/** The part of an AudioContext that is used. */
export interface AudioOutput {
  readonly state: string;
  readonly currentTime: number;
  resume(): Promise<void>;
  beep(hz: number, atS: number, lengthS: number): void;
}

interface AlarmSoundParts {
  /** Throws, or gives none, where the browser has no sound. */
  readonly open: () => AudioOutput | undefined;
  readonly memory: { get(key: string): string | undefined; set(key: string, value: string | undefined): void };
  readonly onChange: () => void;
}

interface AlarmSound {
  readonly state: SoundState;
  /** Called within a press, the only place where a browser lets sound begin. */
  turn(isOn: boolean): Promise<void>;
  /** Any press on the page lets out what was allowed before. */
  pressed(): void;
  /** One pattern; nothing while it is off or blocked. */
  play(priority: "high" | "medium"): void;
}

const key = "hearth.sound";
/** Bursts of five and of three pulses, faster and higher for high priority, as alarm systems sound them (IEC 60601-1-8). */
const patterns = {
  high: { hz: 880, lengthS: 0.15, startsS: [0, 0.25, 0.5, 0.9, 1.15] },
  medium: { hz: 587, lengthS: 0.2, startsS: [0, 0.4, 0.8] },
} as const;
/** Pauses between patterns while nobody has taken it. */
export const soundEveryMs = { high: 5000, medium: 30_000 } as const;

export function createAlarmSound({ open, memory, onChange }: AlarmSoundParts): AlarmSound {
  let output: AudioOutput | undefined;
  const isWanted = () => memory.get(key) === "on";
  const isLetOut = () => output?.state === "running";

  const begin = async (): Promise<void> => {
    try {
      output ??= open();
      await output?.resume();
    } catch {
      // Refused: the state says so, and the next press tries again.
    }
    onChange();
  };

  return {
    get state() {
      if (!isWanted()) return "off";
      return isLetOut() ? "on" : "blocked";
    },
    async turn(isOn) {
      memory.set(key, isOn ? "on" : undefined);
      if (isOn) await begin();
      if (isOn) this.play("medium");
      onChange();
    },
    pressed() {
      if (isWanted() && !isLetOut()) void begin();
    },
    play(priority) {
      if (output === undefined || !isWanted() || !isLetOut()) return;
      const { hz, lengthS, startsS } = patterns[priority];
      for (const startS of startsS) output.beep(hz, output.currentTime + startS, lengthS);
    },
  };
}

/** The browser's own output. */
export function openAudio(): AudioOutput | undefined {
  if (typeof AudioContext === "undefined") return undefined;
  const context = new AudioContext();
  return {
    get state() {
      return context.state;
    },
    get currentTime() {
      return context.currentTime;
    },
    resume: () => context.resume(),
    beep(hz, atS, lengthS) {
      const tone = context.createOscillator();
      const loudness = context.createGain();
      tone.frequency.value = hz;
      // Without a rise and a fall it clicks.
      loudness.gain.setValueAtTime(0, atS);
      loudness.gain.linearRampToValueAtTime(0.4, atS + 0.02);
      loudness.gain.setValueAtTime(0.4, atS + lengthS - 0.03);
      loudness.gain.linearRampToValueAtTime(0, atS + lengthS);
      tone.connect(loudness).connect(context.destination);
      tone.start(atS);
      tone.stop(atS + lengthS);
    },
  };
}
