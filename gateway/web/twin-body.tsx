/** The newest stretch of a body as the twin has it, played round and round, with the error that it states. */

import { useEffect, useRef, useState } from "preact/hooks";
import { BodyForms } from "./body.tsx";
import { BodyPicture } from "./body-picture.tsx";
import { limbNames, limbState } from "./body-shape.ts";
import { clockText } from "./format.ts";
import { repeat } from "./repeat.ts";
import { bodyTexts } from "./texts-body.ts";
import { readTwinPoses, type TwinPose } from "./twin-client.ts";

const everyMs = 8000;
const numbers = 60;

export function TwinBodyOf({ person }: { person: string }) {
  const [pose, setPose] = useState<TwinPose>();
  const since = useRef(0);
  useEffect(() => {
    const read = () =>
      readTwinPoses(person).then(
        (stretches) => setPose(stretches.at(-1)),
        () => {
          // The words above say that the twin does not answer.
        },
      );
    void read();
    return repeat(read, everyMs);
  }, [person]);
  useEffect(() => {
    since.current = performance.now();
  }, [pose?.startUs]);
  if (pose === undefined || pose.states.length === 0) return null;
  const frameAt = (nowMs: number) => {
    const at = Math.floor(((nowMs - since.current) * pose.rateHz) / 1000) % pose.states.length;
    return { rotations: pose.rotations.slice(at * numbers, (at + 1) * numbers), state: pose.states[at] ?? "" };
  };
  const words = bodyTexts.twin(clockText(pose.startUs / 1e6), pose.error_deg);
  const newest = pose.states.at(-1) ?? "";
  const completed = limbNames.filter((limb) => limbState(limb, newest) === "completed");
  return (
    <figure
      class="body-figure"
      data-twin-body={person}
      data-twin-body-error={pose.error_deg}
      data-twin-body-completed={completed.join(" ")}
    >
      <figcaption class="muted">{words}</figcaption>
      <BodyPicture words={words} frameAt={frameAt} />
      <BodyForms />
      {completed.map((limb) => (
        <p key={limb} class="body-guess">
          <b>{bodyTexts.limbs[limb]}</b> {bodyTexts.states.completed}
        </p>
      ))}
    </figure>
  );
}
