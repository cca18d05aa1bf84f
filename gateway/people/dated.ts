/** Changes with a date that is still to come when they are stored, so that the running house and a restart take them up at the same moment. */

const secondUs = 1_000_000;
/** A change that has been stored takes effect within this. */
const longestWaitUs = 60 * secondUs;

/** Stores a change with its date by `write`, and gives the date: a second or two from now. Rejects with what `write` rejects with. */
export async function writeAhead(nowUs: () => number, write: (fromUs: number) => Promise<void>): Promise<number> {
  for (let marginUs = secondUs; ; marginUs *= 2) {
    const fromUs = Math.ceil((nowUs() + marginUs) / secondUs) * secondUs;
    await write(fromUs);
    // A store that took longer than the margin: nobody has gone by it yet, so it is dated anew.
    if (nowUs() < fromUs) return fromUs;
  }
}

/** Nothing is dated later than `atUs` but what waits for its moment: a clock that was wrong had dated it. */
export function notAfter<Dated extends { readonly fromUs: number }>(history: readonly Dated[], atUs: number): readonly Dated[] {
  return history.map((each) => (each.fromUs > atUs + longestWaitUs ? { ...each, fromUs: atUs } : each));
}
