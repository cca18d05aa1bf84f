/** A body that can be turned with a finger, the mouse and the arrow keys. What it shows is asked for at every picture. */

import { useEffect, useRef, useState } from "preact/hooks";
import { type BodyColours, type Camera, drawBody } from "./body-draw.ts";
import { bonesOf } from "./body-shape.ts";
import { onFrame } from "./frame-loop.ts";
import { bodyTexts } from "./texts-body.ts";

interface BodyPictureProps {
  /** For those who can't see it. */
  readonly words: string;
  /** What to draw at this moment of the page's time. */
  readonly frameAt: (nowMs: number) => { readonly rotations: ArrayLike<number>; readonly state: string } | undefined;
}

const stepDeg = 15;
const degPerPixel = 0.6;
const startCamera: Camera = { turnDeg: 30, tiltDeg: 10 };

export function BodyPicture({ words, frameAt }: BodyPictureProps) {
  const place = useRef<HTMLCanvasElement>(null);
  const [camera, setCamera] = useState(startCamera);
  const latest = useRef({ camera, frameAt });
  latest.current = { camera, frameAt };
  useEffect(() => (place.current === null ? undefined : mountBody(place.current, () => latest.current)), []);

  const turn = (byDeg: number, tiltByDeg = 0) =>
    setCamera(({ turnDeg, tiltDeg }) => ({ turnDeg: wrapped(turnDeg + byDeg), tiltDeg: Math.max(-10, Math.min(60, tiltDeg + tiltByDeg)) }));
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => turn(-stepDeg),
      ArrowRight: () => turn(stepDeg),
      ArrowUp: () => turn(0, stepDeg),
      ArrowDown: () => turn(0, -stepDeg),
      Home: () => setCamera(startCamera),
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  };
  const onPointerMove = (event: PointerEvent) => {
    if (event.buttons !== 0) turn(event.movementX * degPerPixel);
  };
  return (
    <canvas
      ref={place}
      class="body-picture"
      tabIndex={0}
      role="slider"
      aria-label={`${words}. ${bodyTexts.turn}`}
      aria-valuemin={-180}
      aria-valuemax={180}
      aria-valuenow={Math.round(camera.turnDeg)}
      aria-valuetext={bodyTexts.seen(camera.turnDeg)}
      data-body-turn={Math.round(camera.turnDeg)}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
    />
  );
}

const wrapped = (deg: number) => ((((deg + 180) % 360) + 360) % 360) - 180;

function mountBody(canvas: HTMLCanvasElement, latest: () => Pick<BodyPictureProps, "frameAt"> & { readonly camera: Camera }): () => void {
  const context = canvas.getContext("2d");
  if (context === null) return () => {};
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  let colours = coloursOf(canvas);
  const onScheme = () => {
    colours = coloursOf(canvas);
  };
  scheme.addEventListener("change", onScheme);
  let pictures = 0;
  const end = onFrame((nowMs) => {
    const { clientWidth: width, clientHeight: height } = canvas;
    const dots = Math.min(2, devicePixelRatio || 1);
    if (canvas.width !== Math.round(width * dots) || canvas.height !== Math.round(height * dots)) {
      canvas.width = Math.round(width * dots);
      canvas.height = Math.round(height * dots);
    }
    context.setTransform(dots, 0, 0, dots, 0, 0);
    const { frameAt, camera } = latest();
    const frame = frameAt(nowMs);
    drawBody(context, frame === undefined ? [] : bonesOf(frame.rotations, frame.state), { width, height, camera, colours });
    pictures += 1;
    canvas.dataset.bodyPictures = String(pictures);
  });
  return () => {
    end();
    scheme.removeEventListener("change", onScheme);
  };
}

function coloursOf(element: Element): BodyColours {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return { ink: of("--ember"), fill: of("--accent"), back: of("--card"), floor: of("--trace-head") };
}
