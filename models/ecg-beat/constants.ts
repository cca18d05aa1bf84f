/** Numbers of `ecg-beat` that the manifest states too; written by train/, proven equal by the test. Data only. */

export { before, biquads, qrsFrom, qrsTo, segmentLength, segmentStart } from "../signal/beat-window.ts";
export { windowHz as rateHz } from "../signal/resampling.ts";

export const slopeFrom = 25;
export const slopeTo = 61;
export const maxLag = 5;
export const shapeCount = 5;
export const matchCorrelation = 0.9;
export const weightFade = 0.995;
export const premature = 0.88;
export const defaultRrS = 0.8;
export const flatMv = 0.02;
export const minScaleMv = 0.05;
export const clipAt = 6;
export const contextLength = 27;
