/** What the page keeps in this browser. Where the browser refuses its storage, it is kept until the page is left. */

interface BrowserMemory {
  get(key: string): string | undefined;
  /** undefined forgets it. */
  set(key: string, value: string | undefined): void;
}

/** `place` is asked each time: a browser that refuses throws already when its storage is named. */
export function createBrowserMemory(place: () => Pick<Storage, "getItem" | "setItem" | "removeItem">): BrowserMemory {
  const untilLeft = new Map<string, string>();
  return {
    get(key) {
      try {
        return place().getItem(key) ?? untilLeft.get(key);
      } catch {
        return untilLeft.get(key);
      }
    },
    set(key, value) {
      untilLeft.delete(key);
      try {
        if (value === undefined) place().removeItem(key);
        else place().setItem(key, value);
      } catch {
        if (value !== undefined) untilLeft.set(key, value);
      }
    },
  };
}
