/** How far an answer of any store goes. */

/** What a person's state looks back on. */
export const dayUs = 86_400_000_000;
/** Earlier times are those of a clock that was never set: they are no part of any month. */
export const firstKeptUs = Date.UTC(2000, 0) * 1000;
export const maxStrips = 50;
export const maxOpenAlerts = 200;
/** Of a gateway; what a person presses at its twin in the minutes of an outage. */
export const maxWaitingActs = 64;
/** Of all gateways in one look. */
export const maxActsSent = 1000;
