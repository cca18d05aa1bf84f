/** How far intervals are drawn in so that they hold nine rates of ten, and from which width on none is told. Written by train/ with the network. */

export const decision = { scale: 0.366, widest: 0.25 } as const;
