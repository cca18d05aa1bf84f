/** How far an answer of any store goes. */

/** What a person's state looks back on. */
export const dayUs = 86_400_000_000;
export const maxStrips = 50;
export const maxOpenAlerts = 200;
