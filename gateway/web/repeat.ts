/** Does something again and again, with a pause between the end of one time and the begin of the next, so that a slow line never has two under way. */

/** The first time comes after one pause; returns its end. `task` must not reject. */
export function repeat(
  task: () => Promise<void>,
  everyMs: number,
  later: (run: () => void, ms: number) => unknown = (run, ms) => setTimeout(run, ms),
): () => void {
  let isOver = false;
  async function once(): Promise<void> {
    if (isOver) return;
    await task();
    later(() => void once(), everyMs);
  }
  later(() => void once(), everyMs);
  return () => {
    isOver = true;
  };
}
