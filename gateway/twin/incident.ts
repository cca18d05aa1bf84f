/**
 * Many gateways that fall silent together are one incident of the operator's (a provider, a broker, a release), not thousands of messages. Pure: what is
 * open is the store's, so that one of all workers tells it.
 */

/** Fewer are homes of their own accord, or too small a share of all. */
const leastGateways = 20;
const leastShare = 0.02;
/** Over when fewer than half as many are left, so that it is not told again and again. */
const endShare = 0.5;
const togetherUs = 300_000_000;

/** Most gateways whose last words lie within five minutes. `lastHeardUs` are those of gateways that are silent now. */
export function silentTogether(lastHeardUs: readonly number[]): number {
  const times = [...lastHeardUs].sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  times.forEach((timeUs, last) => {
    while (timeUs - (times[first] ?? timeUs) > togetherUs) first += 1;
    most = Math.max(most, last - first + 1);
  });
  return most;
}

/** @param of how many gateways are enrolled */
export function isIncident(together: number, of: number, isOpen: boolean): boolean {
  const [least, share] = isOpen ? [leastGateways * endShare, leastShare * endShare] : [leastGateways, leastShare];
  return together >= least && together > of * share;
}
