import { expect, test } from "vitest";
import { type Action, covers, isAllowed, isWellFormed, type Principal } from "./acl.ts";

const device: Principal = { user: "strap-1", role: "device", site: "home" };
const integrator: Principal = { user: "lab", role: "integrator", site: "home", devices: ["lab-ppg"] };
const bridge: Principal = {
  user: "ha",
  role: "bridge",
  site: "home",
  publish: ["homeassistant/#"],
  subscribe: ["hearth/v1/home/+/vitals"],
};
const gateway: Principal = { user: "home", role: "gateway", site: "home" };

const decide = (who: Principal, action: Action, topics: readonly string[]) => topics.map((topic) => isAllowed(who, action, topic));

test("a device publishes its streams, status and replies, and nothing else", () => {
  const own = "hearth/v1/home/strap-1";
  const granted = [`${own}/ecg/raw`, `${own}/ecg/meta`, `${own}/status`, `${own}/cmd/meta/reply`];
  const denied = [
    `${own}/vitals`,
    `${own}/alert/a1`,
    `${own}/alert/state`,
    `${own}/event/fall`,
    `${own}/cmd/meta`,
    `${own}/ecg`,
    `${own}/ecg/raw/x`,
  ];
  const foreign = [
    "hearth/v1/home/strap-2/ecg/raw",
    "hearth/v1/other/strap-1/ecg/raw",
    "hearth/v2/home/strap-1/ecg/raw",
    "hearth/v1/home/status",
    "$SYS/x",
    "",
  ];
  const shapes = [
    `${own}/ECG/raw`,
    `${own}/status/raw`,
    `${own}/alert/raw`,
    `${own}/-ecg/raw`,
    `${own}//raw`,
    `/${own}/ecg/raw`,
    `${own}/ecg/raw/`,
  ];
  expect(decide(device, "publish", granted)).toEqual(granted.map(() => true));
  expect(decide(device, "will", granted)).toEqual(granted.map(() => true));
  for (const topics of [denied, foreign, shapes]) expect(decide(device, "publish", topics)).toEqual(topics.map(() => false));
  expect(isAllowed(device, "will", `${own}/vitals`)).toBe(false);
});

test("a device hears its commands, whatever it asks for", () => {
  const own = "hearth/v1/home/strap-1";
  expect(decide(device, "subscribe", [`${own}/cmd/#`, `${own}/cmd/meta`, `${own}/cmd/+/reply`])).toEqual([true, true, true]);
  const denied = [
    "#",
    "+/#",
    "hearth/#",
    `${own}/#`,
    `${own}/+/#`,
    `${own}/ecg/raw`,
    "hearth/v1/home/+/cmd/#",
    "hearth/v1/home/strap-2/cmd/#",
    `$share/g/${own}/cmd/#`,
  ];
  expect(decide(device, "subscribe", denied)).toEqual(denied.map(() => false));
  expect(isAllowed(device, "forward", "hearth/v1/home/strap-2/cmd/meta")).toBe(false);
});

test("an integrator reads its site and publishes only as its own devices", () => {
  expect(decide(integrator, "subscribe", ["hearth/v1/home/#", "hearth/v1/home/strap-1/ecg/raw"])).toEqual([true, true]);
  expect(decide(integrator, "subscribe", ["hearth/v1/#", "hearth/v1/+/#", "#", "hearth/v1/other/#", "$SYS/#"])).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(isAllowed(integrator, "publish", "hearth/v1/home/lab-ppg/ppg/raw")).toBe(true);
  expect(
    decide(integrator, "publish", ["hearth/v1/home/strap-1/ecg/raw", "hearth/v1/home/lab-ppg/vitals", "hearth/v1/home/lab/x/raw"]),
  ).toEqual([false, false, false]);
});

test("a bridge has the filters it was given, and the gateway its site", () => {
  expect(decide(bridge, "publish", ["homeassistant/device/x/config", "hearth/v1/home/strap-1/ecg/raw"])).toEqual([true, false]);
  expect(decide(bridge, "subscribe", ["hearth/v1/home/+/vitals", "hearth/v1/home/a/vitals", "hearth/v1/home/#"])).toEqual([
    true,
    true,
    false,
  ]);
  expect(decide(gateway, "publish", ["hearth/v1/home/strap-1/vitals", "hearth/v1/other/status"])).toEqual([true, false]);
});

test("a filter covers only what it matches", () => {
  expect(covers("a/#", "a/b/c")).toBe(true);
  expect(covers("a/#", "a/+/#")).toBe(true);
  expect(covers("a/+/c", "a/b/c")).toBe(true);
  expect(covers("a/+", "a/#")).toBe(false);
  expect(covers("a/b", "a/+")).toBe(false);
  expect(covers("a/+", "a/b/c")).toBe(false);
});

test("an account's names must be able to stand in topics", () => {
  expect(isWellFormed(device)).toBe(true);
  for (const user of ["up", "Strap", "a/b", "a+", "", "x".repeat(33)]) expect(isWellFormed({ ...device, user })).toBe(false);
  expect(isWellFormed({ ...device, site: "#" })).toBe(false);
  expect(isWellFormed({ ...integrator, devices: ["ok", "+"] })).toBe(false);
});
