/** The models that ship with the gateway: one line each, loaded when asked for. Adding one is its folder and its line. */

import type { ModelSpec } from "./model-spec.ts";

export interface RegisteredModel {
  load(): Promise<ModelSpec>;
  /** Of the exact bytes of the folder's manifest.json; a package that differs is refused. */
  readonly manifestSha256: string;
}

export const modelRegistry: Readonly<Record<string, RegisteredModel>> = {
  "ecg-anomaly": {
    load: async () => (await import("./ecg-anomaly/spec.ts")).ecgAnomaly as ModelSpec,
    manifestSha256: "61a576a522cf030d2cde85cf221d251ab6d9e1dedcd012555d516c59aa34dc21",
  },
  "ecg-beat": {
    load: async () => (await import("./ecg-beat/spec.ts")).ecgBeat as ModelSpec,
    manifestSha256: "4787cb4ff0b991971de30e25a1d0bcf6e389934185086a6787dc61cfcb0b85f1",
  },
  "ecg-quality": {
    load: async () => (await import("./ecg-quality/spec.ts")).ecgQuality as ModelSpec,
    manifestSha256: "93b377a62390a8867813ffec70f03f8920ac339ce3c41a3d3bd882f84cdd737c",
  },
  "motion-complete": {
    load: async () => (await import("./motion-complete/spec.ts")).motionComplete as ModelSpec,
    manifestSha256: "9d2b7d57e859dd4aaae18be274a1119cce45aaf1eb7c989fdfd88c4841d9abaa",
  },
  "ppg-pulse": {
    load: async () => (await import("./ppg-pulse/spec.ts")).ppgPulse as ModelSpec,
    manifestSha256: "b22e9593064e025a6c65e458ebd733ceab969fb861585d6fc06ee78b09fd76d1",
  },
};
