/**
 * A window as few whole numbers: its coordinates on a learnt basis less those of the nearest of a few shapes seen before in the same stretch.
 * Shapes and coordinates are whole numbers of 1/16 of the quantiser's step, so that writer and reader keep the same ones.
 */

import { codebook } from "./codebook.ts";
import { width } from "./grid.ts";

export const latentCount = codebook.basis.length;
/** Shapes that are remembered beside the flat one, number 0. */
export const shapeCount = 6;
const part = 16;
/** A shape follows its beats by this share at least. */
const slowest = 8;
/** A window so far from its shape becomes a shape of its own, while there is room. */
const farFrom = 12;
export interface Latents {
  readonly shape: number;
  /** Differences to the shape, in steps. */
  readonly steps: Int32Array;
}

/** Coordinates of a window whose numbers carry these weights. */
export function project(window: Float64Array, weights: Float64Array): Float64Array {
  const out = new Float64Array(latentCount);
  for (let k = 0; k < latentCount; k++) {
    const row = codebook.basis[k] ?? nothing;
    let sum = 0;
    for (let j = 0; j < width; j++) sum += (row[j] ?? 0) * (weights[j] ?? 0) * (window[j] ?? 0);
    out[k] = sum / codebook.unit;
  }
  return out;
}

/** The window of these coordinates, whole numbers of 1/16 step. */
export function windowFrom(coordinates: Int32Array, weights: Float64Array, step: number): Float64Array {
  const window = new Float64Array(width);
  for (let k = 0; k < latentCount; k++) {
    const value = coordinates[k] ?? 0;
    if (value === 0) continue;
    const row = codebook.basis[k] ?? nothing;
    for (let j = 0; j < width; j++) window[j] = (window[j] ?? 0) + value * (row[j] ?? 0);
  }
  for (let j = 0; j < width; j++) {
    const weight = weights[j] ?? 0;
    window[j] = weight === 0 ? 0 : ((window[j] ?? 0) * step) / (part * codebook.unit * weight);
  }
  return window;
}

const nothing = new Int8Array(width);

/** A step is read a little nearer to zero, where more of what it stands for lies; in 1/16 step. */
const readAs = (step: number) => step * part - Math.sign(step);

/** What a difference of so many whole steps is read as, in steps. */
export const stepRead = (step: number) => readAs(step) / part;

/** How much of a window's coordinates a reading of it holds: its weight for each, in what one step of it gives, where `reading` weighs the numbers of the window. */
export function readingOf(reading: Float64Array, weights: Float64Array): Float64Array {
  return Float64Array.from({ length: latentCount }, (_, k) => {
    const row = codebook.basis[k] ?? nothing;
    let sum = 0;
    for (let j = 0; j < width; j++) {
      const [own, weight] = [reading[j] ?? 0, weights[j] ?? 0];
      if (own !== 0 && weight !== 0) sum += (own * (row[j] ?? 0)) / weight;
    }
    return sum / codebook.unit;
  });
}

interface Shape {
  readonly at: Int32Array;
  seen: number;
}

interface Shapes {
  /** Of a window's coordinates in steps: the nearest shape, and the differences to it. */
  nearest(coordinates: Float64Array): { readonly shape: number; readonly differences: Float64Array };
  /** What a reader makes of latents, in 1/16 step; the shapes have learnt of it. @throws RangeError for a shape that is not there */
  follow(latents: Latents): Int32Array;
  readonly count: number;
}

export function createShapes(): Shapes {
  const shapes: Shape[] = [{ at: new Int32Array(latentCount), seen: 0 }];
  return {
    get count() {
      return shapes.length;
    },
    nearest(coordinates) {
      let [shape, least] = [0, Number.POSITIVE_INFINITY];
      shapes.forEach(({ at }, i) => {
        let distance = 0;
        for (let k = 0; k < latentCount; k++) distance += ((coordinates[k] ?? 0) - (at[k] ?? 0) / part) ** 2;
        if (distance < least) [shape, least] = [i, distance];
      });
      const at = shapes[shape]?.at ?? new Int32Array(latentCount);
      return { shape, differences: coordinates.map((value, k) => value - (at[k] ?? 0) / part) };
    },
    follow({ shape, steps }) {
      const known = shapes[shape];
      if (known === undefined) throw new RangeError("a shape that was not seen");
      const coordinates = new Int32Array(latentCount);
      let size = 0;
      for (let k = 0; k < latentCount; k++) {
        const step = steps[k] ?? 0;
        size += Math.abs(step);
        coordinates[k] = (known.at[k] ?? 0) + readAs(step);
      }
      if (shape === 0 || (size > farFrom && shapes.length <= shapeCount)) remember(shapes, coordinates);
      else {
        known.seen++;
        const slowness = Math.min(known.seen, slowest);
        for (let k = 0; k < latentCount; k++)
          known.at[k] = (known.at[k] ?? 0) + Math.trunc(((coordinates[k] ?? 0) - (known.at[k] ?? 0)) / slowness);
      }
      return coordinates;
    },
  };
}

/** In the place of the one seen least, where there is no room. */
function remember(shapes: Shape[], at: Int32Array): void {
  if (shapes.length > shapeCount) {
    let rarest = 1;
    for (let i = 2; i < shapes.length; i++) if ((shapes[i]?.seen ?? 0) < (shapes[rarest]?.seen ?? 0)) rarest = i;
    shapes.splice(rarest, 1);
  }
  shapes.push({ at: at.slice(), seen: 1 });
}
