/** Words of the strip on paper. */

export const paperTexts = {
  open: "On paper (25 mm/s)",
  print: "Print",
  back: "Back",
  scale: "25 mm/s · 10 mm/mV",
  lead: (lead: string) => `Lead ${lead}`,
  band: (highestHz: number) => `Band 0–${Math.round(highestHz)} Hz, no filter`,
  rate: (rateHz: number) => `${Math.round(rateHz * 10) / 10} samples/s`,
  models: (models: string) => `Beats by ${models}`,
  noModels: "No model has read it",
  decoders: (decoders: string) => `Decoded by ${decoders}`,
  error: (errorUv: number) => `decoded parts are off by ${errorUv} µV (root mean square)`,
  exact: "nothing was lost on the way",
  cut: "The signal goes beyond the paper.",
  none: "The copy has no voltage of this time.",
  gone: "The copy outside does not answer.",
  sources: { measured: "measured", decoded: "decoded", imputed: "filled in", missing: "missing" },
  seconds: (seconds: number) => `${Math.round(seconds * 10) / 10} s`,
} as const;
