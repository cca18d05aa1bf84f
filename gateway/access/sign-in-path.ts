/** Where the page takes a one-time code. What follows # is sent to nobody: no log, no proxy and no other page sees it. */

/** Stands behind the page's address. */
export const signInPath = (code: string): string => `/#code=${code}`;
