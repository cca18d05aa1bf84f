/** Whether somebody is watched at this moment: a rule about the person, not about a sensor, could have raised its alert within the last seconds. */

interface WatchedNow {
  /** `watchedS`: seconds watched per rule, sums that grow. */
  note(person: string, watchedS: Readonly<Record<string, number>>): void;
  is(person: string): boolean;
}

const lastsUs = 10_000_000;
const isAboutSensor = (rule: string) => /^(device|signal)\./.test(rule);

export function createWatchedNow(monotonicUs: () => number): WatchedNow {
  const sums = new Map<string, { sumS: number; grewUs: number }>();
  return {
    note(person, watchedS) {
      const sumS = Object.entries(watchedS).reduce((sum, [rule, seconds]) => (isAboutSensor(rule) ? sum : sum + seconds), 0);
      const before = sums.get(person);
      const grewUs = before !== undefined && sumS > before.sumS ? monotonicUs() : (before?.grewUs ?? Number.NEGATIVE_INFINITY);
      sums.set(person, { sumS, grewUs });
    },
    is: (person) => monotonicUs() - (sums.get(person)?.grewUs ?? Number.NEGATIVE_INFINITY) < lastsUs,
  };
}
