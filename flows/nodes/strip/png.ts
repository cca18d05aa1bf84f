/** A drawing as PNG (ISO/IEC 15948): lines with soft edges on white, 24 bits a pixel. Pure but for the compression. */

import { crc32, deflateSync } from "node:zlib";
import type { Drawing, Line, Text } from "./drawing.ts";
import { advance, capHeight, strokesOf } from "./letters.ts";

/** 1 mm of paper is 4 pixels: about 100 dpi. */
const pxPerMm = 4;

export function toPng({ widthMm, heightMm, title, shapes }: Drawing): Buffer {
  const bitmap = createBitmap(Math.ceil(widthMm * pxPerMm), Math.ceil(heightMm * pxPerMm));
  for (const shape of shapes) for (const line of shape.kind === "line" ? [shape] : strokes(shape)) bitmap.draw(line);
  const { width, height, rows } = bitmap;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a sample, truecolour, deflate, no filter choice, not interlaced.
  header.set([8, 2, 0, 0, 0], 8);
  const text = Buffer.from(
    `Title\0${title
      .replaceAll("µ", "u")
      .replaceAll(/[^ -~]/g, "?")
      .slice(0, 200)}`,
    "latin1",
  );
  const resolution = Buffer.alloc(9);
  resolution.writeUInt32BE(pxPerMm * 1000, 0);
  resolution.writeUInt32BE(pxPerMm * 1000, 4);
  resolution[8] = 1;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [
    chunk("IHDR", header),
    chunk("pHYs", resolution),
    chunk("tEXt", text),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ];
  return Buffer.concat([signature, ...chunks]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const whole = Buffer.alloc(8 + body.length);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), 4 + body.length);
  return whole;
}

/** A text as lines. */
function strokes({ at: [x, y], anchor, text, heightMm, colour }: Text): Line[] {
  const unit = heightMm / capHeight;
  const letters = Array.from(text);
  const width = Math.max(0, letters.length * advance - (advance - 4)) * unit;
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return letters.flatMap((letter, at) =>
    strokesOf(letter).map((stroke): Line => {
      const points = stroke.map(([px, py]) => [left + (at * advance + px) * unit, y + (py - capHeight) * unit] as const);
      return { kind: "line", points, widthMm: 0.3, colour };
    }),
  );
}

interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** A filter byte (0) and then red, green and blue of each pixel, row by row. */
  readonly rows: Uint8Array;
  draw(line: Line): void;
}

function createBitmap(width: number, height: number): Bitmap {
  const stride = 1 + 3 * width;
  const rows = new Uint8Array(stride * height).fill(255);
  for (let y = 0; y < height; y++) rows[y * stride] = 0;
  const mix = (at: number, fresh: number, alpha: number) => {
    const old = rows[at] ?? 0;
    rows[at] = Math.round(old + (fresh - old) * alpha);
  };
  return {
    ...{ width, height, rows },
    draw({ points, widthMm, colour }) {
      const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
      const half = Math.max(0.5, (widthMm * pxPerMm) / 2);
      const at = (i: number): readonly [number, number] => {
        const [x, y] = points[Math.min(i, points.length - 1)] ?? [0, 0];
        return [x * pxPerMm, y * pxPerMm];
      };
      for (let i = 0; i < Math.max(1, points.length - 1); i++) {
        const [ax, ay] = at(i);
        const [bx, by] = at(i + 1);
        const xEnd = Math.min(width - 1, Math.floor(Math.max(ax, bx) + half + 0.5));
        const yEnd = Math.min(height - 1, Math.floor(Math.max(ay, by) + half + 0.5));
        for (let y = Math.max(0, Math.floor(Math.min(ay, by) - half - 0.5)); y <= yEnd; y++)
          for (let x = Math.max(0, Math.floor(Math.min(ax, bx) - half - 0.5)); x <= xEnd; x++) {
            const alpha = Math.min(1, half + 0.5 - distance(x + 0.5 - ax, y + 0.5 - ay, bx - ax, by - ay));
            if (alpha <= 0) continue;
            const first = y * stride + 1 + 3 * x;
            mix(first, red, alpha);
            mix(first + 1, green, alpha);
            mix(first + 2, blue, alpha);
          }
      }
    },
  };
}

/** From the point (x, y) to the stretch that goes from the origin to (dx, dy). */
function distance(x: number, y: number, dx: number, dy: number): number {
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, (x * dx + y * dy) / length));
  // A picture has some millions of these; Math.hypot takes ten times as long.
  return Math.sqrt((x - along * dx) ** 2 + (y - along * dy) ** 2);
}
