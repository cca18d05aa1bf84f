/** Numbers of `ecg-beat` that the manifest states too; written by train/, proven equal by the test. Data only. */

export const rateHz = 120;
export const before = 240;
export const window = 300;
export const segmentStart = 200;
export const segmentLength = 100;
export const qrsFrom = 28;
export const qrsTo = 57;
export const slopeFrom = 25;
export const slopeTo = 61;
export const maxLag = 5;
export const biquads = [
  { b: [0.974416087123, -1.948832174246, 0.974416087123], a: [1, -1.948177530509, 0.949486817984] },
  { b: [0.373977880169, 0.747955760338, 0.373977880169], a: [1, 0.307566359792, 0.188345160884] },
] as const;
export const shapeCount = 5;
export const matchCorrelation = 0.9;
export const weightFade = 0.995;
export const premature = 0.88;
export const defaultRrS = 0.8;
export const flatMv = 0.02;
export const minScaleMv = 0.05;
export const clipAt = 6;
export const contextLength = 27;
