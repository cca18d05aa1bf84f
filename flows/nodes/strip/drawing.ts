/** A picture as lines and texts, in millimetres from its upper left corner. What draws it, SVG or pixels, knows nothing of what it shows. */

export type Point = readonly [xMm: number, yMm: number];

export interface Line {
  readonly kind: "line";
  readonly points: readonly Point[];
  readonly widthMm: number;
  /** #rrggbb */
  readonly colour: string;
}

export interface Text {
  readonly kind: "text";
  /** Left, middle or right end of its base line. */
  readonly at: Point;
  readonly anchor: "start" | "middle" | "end";
  readonly text: string;
  /** Height of a capital letter. */
  readonly heightMm: number;
  readonly colour: string;
}

export interface Drawing {
  readonly widthMm: number;
  readonly heightMm: number;
  /** What it shows, for whoever can't see it. */
  readonly title: string;
  readonly shapes: readonly (Line | Text)[];
}
