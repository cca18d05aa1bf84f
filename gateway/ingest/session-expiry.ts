/** Forgets what the broker keeps for clients that stayed away: aedes keeps subscriptions of persistent sessions for ever (moscajs/aedes#599). Pure. */

/** A device that was away so long subscribes anew when it comes back. */
const EXPIRY_US = 7 * 24 * 3600 * 1e6;

interface SessionExpiry {
  left(clientId: string, nowUs: number): void;
  returned(clientId: string): void;
  /** Ids whose time is over, each named once. */
  expired(nowUs: number): string[];
}

export function createSessionExpiry(): SessionExpiry {
  const leftUs = new Map<string, number>();
  return {
    left: (clientId, nowUs) => void leftUs.set(clientId, nowUs),
    returned: (clientId) => void leftUs.delete(clientId),
    expired(nowUs) {
      const ids = [...leftUs].filter(([, atUs]) => nowUs - atUs >= EXPIRY_US).map(([clientId]) => clientId);
      for (const clientId of ids) leftUs.delete(clientId);
      return ids;
    },
  };
}
