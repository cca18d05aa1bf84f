import { expect, test } from "vitest";
import { type Action, covers, isAllowed, isWellFormed, type Principal } from "./acl.ts";
import { isDeviceName, isName, parseDeviceTopic } from "./topic.ts";

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

test("what is the broker's own is nobody's, and each role has its own rule for every action", () => {
  const all: Principal = { ...bridge, publish: ["#"], subscribe: ["#"] };
  for (const action of ["publish", "will", "subscribe", "forward"] as const)
    expect([action, isAllowed(all, action, "$SYS/x"), isAllowed(all, action, "a")]).toEqual([action, false, true]);
  const none: Principal = { user: "x", role: "bridge", site: "home" };
  expect(decide(none, "publish", ["a"])).toEqual([false]);
  expect(decide(none, "subscribe", ["a"])).toEqual([false]);
  const bare: Principal = { user: "lab", role: "integrator", site: "home" };
  expect(decide(bare, "publish", ["hearth/v1/home/lab/ppg/raw"])).toEqual([false]);
  expect(decide(gateway, "subscribe", ["hearth/v1/home/x", "hearth/v1/home/", "hearth/v1/homex/y"])).toEqual([true, false, false]);
  expect(decide(gateway, "publish", ["hearth/v1/home/"])).toEqual([false]);
  expect(decide(device, "forward", ["hearth/v1/home/strap-1/cmd/meta", "hearth/v1/home/strap-1/cmd/"])).toEqual([true, false]);
  expect(decide({ ...device, devices: ["strap-2"] }, "publish", ["hearth/v1/home/strap-2/ecg/raw"])).toEqual([false]);
});

test("a topic of a device has six levels for a stream, five for its status, seven for a reply", () => {
  const channel = (rest: string) => parseDeviceTopic(`hearth/v1/home/strap-1/${rest}`)?.channel;
  for (const rest of ["ecg/raw", "ecg/meta", "status", "cmd/set-rate/reply"]) expect(channel(rest)).toBe(rest);
  const bad = [
    "ecg/raw/",
    "status/",
    "status/raw",
    "vitals/raw",
    "alert/meta",
    "event/raw",
    "cmd/raw",
    "ecg/own",
    "state",
    "cmd/x/reply/",
    "cmd/X/reply",
  ];
  for (const rest of [...bad, "cmd/x/say", "say/x/reply", "ECG/raw", ""]) expect([rest, channel(rest)]).toEqual([rest, undefined]);
  expect(parseDeviceTopic("hearth/v1/home/strap-1/ecg/raw")).toEqual({ site: "home", device: "strap-1", channel: "ecg/raw" });
  for (const topic of [
    "heart/v1/home/a/status",
    "hearth/v2/home/a/status",
    "hearth/v1/Home/a/status",
    "hearth/v1/home/up/status",
    "hearth",
  ])
    expect([topic, parseDeviceTopic(topic)]).toEqual([topic, undefined]);
  for (const name of ["up", "ack", "desired", "reported", "status"]) expect([isName(name), isDeviceName(name)]).toEqual([true, false]);
  expect([isName("a".repeat(32)), isName("a".repeat(33)), isName("-a"), isName("0-")]).toEqual([true, false, false, true]);
});

test("a filter covers only what it matches", () => {
  expect(covers("a/b", "a/b")).toBe(true);
  expect(covers("a/b/c", "a/b")).toBe(false);
  expect(covers("+", "a")).toBe(true);
  expect(covers("+", "#")).toBe(false);
  expect(covers("#", "#")).toBe(true);
  expect(covers("a/+/c", "a/b/d")).toBe(false);
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
  expect(isWellFormed({ ...integrator, user: "up" })).toBe(true);
  expect(isWellFormed({ ...integrator, devices: ["up"] })).toBe(false);
  expect(isWellFormed(integrator)).toBe(true);
  expect(isWellFormed({ ...integrator, devices: ["ok", "+"] })).toBe(false);
});
