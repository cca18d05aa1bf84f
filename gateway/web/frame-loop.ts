/** One animation loop for all traces: about 30 pictures a second, 2 where the system asks for less motion, none while the page is hidden. */

const drawers = new Set<(nowMs: number) => void>();
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let lastMs = 0;
let isRunning = false;

/** Calls `draw` for every picture until the returned end. */
export function onFrame(draw: (nowMs: number) => void): () => void {
  drawers.add(draw);
  if (!isRunning) {
    isRunning = true;
    requestAnimationFrame(frame);
  }
  return () => void drawers.delete(draw);
}

function frame(nowMs: number): void {
  if (drawers.size === 0) {
    isRunning = false;
    return;
  }
  if (nowMs - lastMs >= (calm.matches ? 500 : 30)) {
    lastMs = nowMs;
    for (const draw of drawers) draw(nowMs);
  }
  requestAnimationFrame(frame);
}
