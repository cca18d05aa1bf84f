/** The one heart rate on the page: which sensor it is from, and sensors that contradict each other. */

export const heartTexts = {
  rateFrom: (device: string, kind: string) => `from ${device}, ${kind}`,
  rateKinds: { ecg: "by the ECG", ppg: "by the pulse", device: "its own number" } as Readonly<Record<string, string>>,
  disagree: "Sensors do not agree",
  says: (device: string, kind: string, bpm: number) => `${device} ${kind}: ${bpm}`,
} as const;
