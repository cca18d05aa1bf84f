/** What somebody feels of a rule while nothing is wrong with them: how long nothing was, how often they were told all the same, how often that may be. */

export interface FineTime {
  readonly seconds: number;
  readonly alerts: number;
}

interface Judged {
  /** Times of beats that were judged, rising. */
  readonly beatsS: readonly number[];
  /** Times of beats that the reference calls abnormal, rising. */
  readonly abnormalS: readonly number[];
  /** First and newest beat that it was told of, and when it could have been told again. */
  readonly alerts: readonly { readonly fromS: number; readonly newestS: number; readonly againS: number }[];
}

/** Beats that the rule goes by. */
const rowBeats = 5;
/** A reference's mark and ours are of one beat within this (models.md §1.1). */
const besideS = 0.15;
/** Longer nothing was judged in between. */
const longestBeatS = 2;

/**
 * Time in which the newest five beats had nothing abnormal among them by the reference and no alert was open, so that one could have begun, and the alerts
 * that began on such beats.
 */
export function fineTimeOf({ beatsS, abnormalS, alerts }: Judged): FineTime {
  const isFine = (fromS: number, toS: number) => {
    const next = abnormalS[firstFrom(abnormalS, fromS - besideS)];
    return next === undefined || next > toS + besideS;
  };
  let seconds = 0;
  for (let i = 1; i < beatsS.length; i++) {
    const [fromS, atS] = [beatsS[Math.max(0, i - rowBeats + 1)] as number, beatsS[i] as number];
    const sinceS = atS - (beatsS[i - 1] as number);
    const isOpen = alerts.some((alert) => atS > alert.newestS && atS < alert.againS);
    if (sinceS <= longestBeatS && !isOpen && isFine(fromS, atS)) seconds += sinceS;
  }
  return { seconds, alerts: alerts.filter(({ fromS, newestS }) => isFine(fromS, newestS)).length };
}

/** Alerts a day, and the most that it is with 95 % where they come by chance (Poisson; the rule of three where there was none); null without time. */
export function alertsPerDay(times: readonly FineTime[]): { readonly mean: number | null; readonly most: number | null } {
  const days = times.reduce((sum, { seconds }) => sum + seconds, 0) / 86_400;
  const alerts = times.reduce((sum, each) => sum + each.alerts, 0);
  return days === 0 ? { mean: null, most: null } : { mean: alerts / days, most: mostExpected(alerts) / days };
}

/** The mean at which so few or fewer come in 1 of 20 trials. */
export function mostExpected(count: number): number {
  let [low, high] = [count, 2 * count + 10];
  for (let step = 0; step < 60; step++) {
    const mean = (low + high) / 2;
    let term = Math.exp(-mean);
    let atMost = term;
    for (let k = 1; k <= count; k++) {
      term *= mean / k;
      atMost += term;
    }
    if (atMost > 0.05) low = mean;
    else high = mean;
  }
  return low;
}

/** Index of the first that is not below `value`. */
function firstFrom(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
