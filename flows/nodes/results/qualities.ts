/** What was last said of each stream's signal. Pure. */

export interface LiveQuality {
  readonly device: string;
  readonly stream: string;
  readonly level: string;
}

/** More streams than a home has; beyond it the one that was told of longest ago is forgotten. */
const maxStreams = 1024;

export function createQualities() {
  const levels = new Map<string, string>();
  return {
    note({ device, stream, level }: LiveQuality): void {
      const key = `${device}/${stream}`;
      levels.delete(key);
      levels.set(key, level);
      const [oldest] = levels.keys();
      if (levels.size > maxStreams && oldest !== undefined) levels.delete(oldest);
    },
    of: (device: string, stream: string) => levels.get(`${device}/${stream}`) ?? "unknown",
  };
}
