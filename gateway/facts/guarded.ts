/** Runs one part of the analysis so that its fault stays its own (law 5): the fault is told, and the fallback stands for what the part would have given. */

/** `part`: "model/<id>", "stream/<kind>" or "rules/<family>"; nothing of a person is in it. */
export type OnPartFault = (part: string, thrown: unknown) => void;

export type Guard = <T>(part: string, work: () => T, fallback: () => T) => T;

/** `onFault` is told of each throw. What it throws itself goes through: a replay passes over nothing. */
export function createGuard(onFault: OnPartFault): Guard {
  return (part, work, fallback) => {
    try {
      return work();
    } catch (thrown) {
      onFault(part, thrown);
      return fallback();
    }
  };
}
