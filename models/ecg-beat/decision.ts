/** How logits become a label. Written by train/ with the network it belongs to; the test proves it equal to the manifest. */

export const decision = {
  temperature: 1.341,
  thresholds: { V: 0.44, S: 0.2, F: 0.26 },
} as const;
