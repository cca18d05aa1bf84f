/** The lines that a PDF of Chromium draws, in millimetres of its page. It reads only what Chromium writes: packed streams, and the operators of paths and transforms. */

import { inflateSync } from "node:zlib";

type Point = readonly [x: number, y: number];
type Matrix = readonly [number, number, number, number, number, number];

interface PdfLines {
  readonly pages: number;
  /** Of the first page, mm. */
  readonly size: Point;
  readonly lines: readonly (readonly Point[])[];
}

const mmPerPoint = 25.4 / 72;

export function pdfLines(pdf: Uint8Array): PdfLines {
  const text = Buffer.from(pdf).toString("latin1");
  const [, width = "0", height = "0"] = /\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]/.exec(text) ?? [];
  const lines = [...text.matchAll(/stream\r?\n/g)].flatMap(({ index = 0, 0: head }) => {
    const from = index + head.length;
    try {
      return linesOf(inflateSync(pdf.subarray(from, text.indexOf("endstream", from))).toString("latin1"));
    } catch {
      // A font, or a stream that is not packed.
      return [];
    }
  });
  return {
    pages: [...text.matchAll(/\/Type\s*\/Page\b(?!s)/g)].length,
    size: [Number(width) * mmPerPoint, Number(height) * mmPerPoint],
    lines,
  };
}

function linesOf(content: string): Point[][] {
  const lines: Point[][] = [];
  const stack: Matrix[] = [];
  let matrix: Matrix = [1, 0, 0, 1, 0, 0];
  let numbers: number[] = [];
  for (const word of content.split(/\s+/)) {
    const value = Number(word);
    if (word !== "" && !Number.isNaN(value)) {
      numbers.push(value);
      continue;
    }
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers;
    if (word === "q") stack.push(matrix);
    else if (word === "Q") matrix = stack.pop() ?? matrix;
    else if (word === "cm") matrix = times([a, b, c, d, e, f], matrix);
    else if (word === "m") lines.push([place(a, b, matrix)]);
    else if (word === "l") lines.at(-1)?.push(place(a, b, matrix));
    numbers = [];
  }
  return lines;
}

function times(a: Matrix, b: Matrix): Matrix {
  return [
    a[0] * b[0] + a[1] * b[2],
    a[0] * b[1] + a[1] * b[3],
    a[2] * b[0] + a[3] * b[2],
    a[2] * b[1] + a[3] * b[3],
    a[4] * b[0] + a[5] * b[2] + b[4],
    a[4] * b[1] + a[5] * b[3] + b[5],
  ];
}

function place(x: number, y: number, [a, b, c, d, e, f]: Matrix): Point {
  return [(a * x + c * y + e) * mmPerPoint, (b * x + d * y + f) * mmPerPoint];
}
