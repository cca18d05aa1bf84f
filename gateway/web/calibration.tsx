/** A pose that is held, led by words and a count-down, by which it is known how motion sensors sit; and its way back. */

import { useEffect, useState } from "preact/hooks";
import { request, storedName } from "./client.ts";
import { Failure, useSending } from "./setup-form.tsx";
import { type Store, useTick } from "./store.ts";
import { calibrationTexts as says } from "./texts-movement.ts";
import type { Calibration, CalibrationRun, Person } from "./wire-types.ts";

/** While one runs it is looked at so often. */
const lookMs = 500;

export function CalibrationPart({ store, person }: { store: Store; person: Person }) {
  const [known, setKnown] = useState<Calibration>();
  const [isUndone, setUndone] = useState(false);
  const { send, failure } = useSending(store);
  const { role } = store.state.status ?? {};
  const path = `/people/${person.id}/calibration`;
  const look = () => request<Calibration>(path).then(setKnown, () => {});
  const isRunning = known?.run?.state === "running";
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => void look(), lookMs);
    return () => clearInterval(timer);
  }, [isRunning]);
  if (role !== "caregiver" && role !== "admin") return null;
  const act = async (body: object, undone: boolean) => {
    const by = storedName();
    const answer = await send(path, "POST", { ...body, ...(by === undefined ? {} : { by }) });
    if (answer !== undefined) setUndone(undone);
    await look();
  };
  const start =
    (pose: CalibrationRun["pose"], without: readonly string[] = []) =>
    () =>
      void act({ act: "start", pose, without }, false);
  const silent = silentOf(known?.run ?? undefined);
  const undone = new Set(known?.acts.map(({ undoes }) => undoes));
  const canUndo = known?.acts.some(({ act: kind, number }) => kind === "pose" && !undone.has(number)) === true;
  return (
    <details data-calibration={known?.run?.state ?? "none"} onToggle={(event) => event.currentTarget.open && void look()}>
      <summary>{says.more}</summary>
      <p class="muted">{says.says}</p>
      {known !== undefined && <SensorLines sensors={known.sensors} />}
      {known?.run && (isRunning ? <Lead run={known.run} store={store} /> : !isUndone && <Outcome run={known.run} />)}
      {isUndone && <p role="status">{says.undone}</p>}
      <div class="actions">
        <button type="button" class="button" disabled={isRunning} onClick={start("arms-out")}>
          {says.armsOut}
        </button>
        <button type="button" class="button" disabled={isRunning} onClick={start("arms-down")} title={says.armsDownSays}>
          {says.armsDown}
        </button>
        {silent.length > 0 && (
          <button type="button" class="button" onClick={start(known?.run?.pose ?? "arms-out", silent)}>
            {says.without(silent.map((place) => place.replace("-", " ")).join(", "))}
          </button>
        )}
        {canUndo && !isRunning && (
          <button type="button" class="link" onClick={() => void act({ act: "undo" }, true)}>
            {says.undo}
          </button>
        )}
      </div>
      <Failure says={failure} />
    </details>
  );
}

function SensorLines({ sensors }: Pick<Calibration, "sensors">) {
  const places = (isKnown: boolean) =>
    sensors
      .filter(({ calibrated_at }) => (calibrated_at !== null) === isKnown)
      .map(({ placement }) => placement.replace("-", " "))
      .join(", ");
  const [known, unknown] = [places(true), places(false)];
  return (
    <>
      {known !== "" && <p>{says.known(known)}</p>}
      {unknown !== "" && <p>{says.unknown(unknown)}</p>}
    </>
  );
}

/** The words of this moment, told to who can't see them as well. */
function Lead({ run, store }: { run: CalibrationRun; store: Store }) {
  useTick(100);
  return (
    <p role="status" aria-live="assertive" class="calibration-lead">
      {leadWords(run, store.nowS())}
    </p>
  );
}

/** @param nowS the gateway's time. */
export function leadWords({ pose, ready, hold_from, hold_to }: CalibrationRun, nowS: number): string {
  const s = (iso: string) => Date.parse(iso) / 1000;
  if (nowS < s(ready)) return says.hang;
  if (nowS < s(hold_from)) return pose === "arms-out" ? says.raise : says.hang;
  return nowS < s(hold_to) ? says.hold(Math.ceil(s(hold_to) - nowS)) : says.wait;
}

function Outcome({ run: { state, faults } }: { run: CalibrationRun }) {
  if (state === "done") return <p role="status">{says.done}</p>;
  return (
    <div role="alert">
      <p class="state-care">{says.refused}</p>
      <ul>
        {faults.map(({ text }) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </div>
  );
}

/** Where sensors were silent in a pose that was refused; those of before are left out still. */
export function silentOf(run: CalibrationRun | undefined): readonly string[] {
  if (run?.state !== "refused") return [];
  const silent = run.faults.flatMap(({ code, placement }) => (code === "missing" && placement !== null ? [placement] : []));
  return silent.length === 0 ? [] : [...run.without, ...silent];
}
