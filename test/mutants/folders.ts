/** Which folders are judged – all but those at the end – and which tests of the whole house are asked about a fault that no unit test has noticed. */

/** Shares of planted faults that must, and that should be noticed. */
export const floor = 0.75;
export const goal = 0.9;

export interface Folder {
  /** Its own files and those of the folders in it that have no line here. A folder without a line is judged as well, by its unit tests alone. */
  readonly folder: string;
  /** The quickest that see it at work, under test/. */
  readonly system: readonly string[];
}

export const folders: readonly Folder[] = [
  { folder: "gateway/pipeline", system: ["river/live-run", "river/containment", "crash/recovery", "crash/offline"] },
  { folder: "gateway/rules", system: ["river/vitals", "river/replay", "river/signs-of-life"] },
  { folder: "gateway/alert", system: ["crash/offline", "bad-input/gone-sensors", "river/vitals"] },
  { folder: "gateway/stream", system: ["river/total-order", "river/timing-faults", "river/late-past"] },
  { folder: "gateway/journal", system: ["crash/recovery", "river/live-run"] },
  { folder: "gateway/store", system: ["crash/offline", "crash/recovery"] },
  { folder: "gateway/sync", system: ["crash/offline", "river/vitals"] },
  { folder: "gateway/semantic", system: ["river/replay", "river/vitals"] },
  { folder: "gateway/twin", system: ["crash/offline", "river/vitals"] },
  { folder: "gateway/ingest", system: ["bad-input/wearables", "bad-input/gone-sensors"] },
  { folder: "gateway/inference", system: ["bad-input/models"] },
  { folder: "gateway/api", system: ["bad-input/gone-sensors"] },
  { folder: "gateway/recordings", system: ["river/replay"] },
  { folder: "gateway/replay", system: ["river/replay"] },
  { folder: "gateway/evaluation", system: [] },
  { folder: "gateway/leave", system: ["leave/leave"] },
  { folder: "gateway/people", system: ["setup/on-the-run"] },
  { folder: "gateway/setup", system: ["setup/on-the-run"] },
  { folder: "gateway/lan", system: ["home-network"] },
  { folder: "models", system: ["conformance/models", "river/replay"] },
  { folder: "device-drivers", system: ["bad-input/unreadable"] },
];

/** Judged only where they are named: what they do is seen by minutes of a whole house, or by people. */
export const leftOut = ["gateway/bench", "gateway/cli", "gateway/demo", "gateway/doctor", "gateway/web", "firmware-sim"];

export const isJudged = (file: string) => !leftOut.some((folder) => file.startsWith(`${folder}/`));

/** The folder that a file counts for: the longest that holds it, else its own. */
export function folderOf(file: string): string {
  const own = file.slice(0, file.lastIndexOf("/"));
  const fits = folders.filter(({ folder }) => own === folder || own.startsWith(`${folder}/`));
  return fits.sort((a, b) => b.folder.length - a.folder.length)[0]?.folder ?? own;
}
