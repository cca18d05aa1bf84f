/** Seconds by rule within [fromUs, toUs) of spans in order of rule and beginning; what overlaps counts once. */
export function watchedSeconds(
  spans: readonly { readonly rule: string; readonly fromUs: number; readonly toUs: number }[],
  fromUs: number,
  toUs: number,
): Record<string, number> {
  const seconds: Record<string, number> = {};
  const reachedUs = new Map<string, number>();
  for (const span of spans) {
    const start = Math.max(span.fromUs, fromUs, reachedUs.get(span.rule) ?? fromUs);
    const end = Math.min(span.toUs, toUs);
    if (end <= start) continue;
    seconds[span.rule] = (seconds[span.rule] ?? 0) + (end - start) / 1e6;
    reachedUs.set(span.rule, end);
  }
  return seconds;
}
