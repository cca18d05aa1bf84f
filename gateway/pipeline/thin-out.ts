/** Lists that note where something stood: finely for what is near, coarsely for what has waited long. */

/**
 * Takes every second entry but the newest out of a list that has grown beyond `most`. Of bytes that nobody can read nothing is ever decided, so that what
 * was taken in would be noted for ever; a mark that names an older record than it might is still true.
 */
export function thinOut<T>(list: T[], most = 4096): void {
  if (list.length <= most) return;
  const kept = list.filter((_, at) => (list.length - 1 - at) % 2 === 0);
  list.splice(0, list.length, ...kept);
}
