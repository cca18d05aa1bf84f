import { expect, test } from "vitest";
import type { StreamDescriptor } from "../../device-drivers/contract/sample-block.ts";
import { loadWalk } from "../../firmware-sim/excerpts/body-clip.ts";
import { bodyImuSource } from "../../firmware-sim/signal/body-imu.ts";
import { type MotionPlacement, placements } from "../../models/signal/body.ts";
import type { Fact } from "../facts/fact.ts";
import { createAcrossDevices } from "../stream/across-devices.ts";
import type { PlacedBlock } from "../stream/reorder.ts";
import { devicePlacement } from "./device-placement.ts";

const walk = await loadWalk();

type Worn = Partial<Record<MotionPlacement, MotionPlacement>>;

/** What rules hear of a walk; `worn` says where sensors really are. */
function walked(worn: Worn = {}, seconds = 30, which: readonly MotionPlacement[] = placements): Fact[] {
  const across = createAcrossDevices([], (_part, work) => work());
  const sources = which.map((placement, seed) =>
    bodyImuSource(walk, { placement, wornOn: worn[placement] ?? placement, seed, mountDeg: 7 }),
  );
  const facts: Fact[] = [];
  for (let s = 0; s < seconds; s++) {
    for (const source of sources) {
      const descriptor = { ...source, device: `d-${source.placement}`, sentinels: [] } as unknown as StreamDescriptor;
      const { channels } = source.read(s * 60, 60) as { channels: Int16Array[] };
      const block: PlacedBlock = { kind: "samples", bootId: "b", firstIndex: s * 60, count: 60, startUs: s * 1e6, arrivalUs: 0, channels };
      across.push(descriptor, block);
    }
    facts.push(...across.step((s + 1) * 1e6).filter((item) => item.kind !== "window"));
  }
  return facts;
}

function told(facts: readonly Fact[], rule = devicePlacement.create({})) {
  return facts.flatMap((fact) =>
    rule
      .push(fact)
      .map((each) =>
        each.kind === "begin" ? `begin ${each.device} ${each.cause?.code}` : `${each.kind} ${"device" in each ? each.device : ""}`,
      ),
  );
}

test("a walk with every sensor in its place raises nothing, and the rule was watching", () => {
  const rule = devicePlacement.create({});
  const facts = walked();
  expect(told(facts, rule)).toEqual([]);
  expect(rule.watching(30e6)).toEqual(["device.placement"]);
});

test("left and right shank that are swapped are told within half a minute of walking", () => {
  expect(told(walked({ "left-shank": "right-shank", "right-shank": "left-shank" }))).toEqual(["begin d-left-shank placement.legs"]);
});

test("swapped forearms are told, each of them, and one that is alone on the wrong arm", () => {
  expect(told(walked({ "left-forearm": "right-forearm", "right-forearm": "left-forearm" }, 40))).toEqual([
    "begin d-left-forearm placement.arm",
    "begin d-right-forearm placement.arm",
  ]);
  const alone = walked({ "left-forearm": "right-forearm" }, 40, ["left-forearm", "left-shank"]);
  expect(told(alone)).toEqual(["begin d-left-forearm placement.arm"]);
});

test("a sensor of the leg that is strapped to an arm does not fit, and nothing is said of who does not walk", () => {
  expect(told(walked({ "right-shank": "right-forearm" }))).toContain("begin d-right-shank placement.limb");
  const facts = walked({ "left-forearm": "right-forearm" }).map((fact) => {
    if (fact.kind !== "movement") return fact;
    const { cadencePerMin: _, ...standing } = fact;
    return standing;
  });
  expect(told(facts)).toEqual([]);
});

test("it is over once it fits again, and a restart in between changes nothing", () => {
  const wrong = walked({ "left-shank": "right-shank", "right-shank": "left-shank" }, 25);
  const right = walked({}, 25).map((fact) => ({ ...fact, timeUs: fact.timeUs + 25e6 }));
  const all = ["begin d-left-shank placement.legs", "end d-left-shank"];
  expect(told([...wrong, ...right])).toEqual(all);
  const first = devicePlacement.create({});
  const before = told(wrong, first);
  expect([...before, ...told(right, devicePlacement.create({}, structuredClone(first.state())))]).toEqual(all);
});
