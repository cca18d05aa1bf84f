import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import Type, { type Static } from "typebox";
import Value from "typebox/value";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import type { Bridge } from "./bridge.ts";
import { homeAssistant } from "./home-assistant.ts";
import { readDiscovery } from "./testdata/home-assistant-schema.ts";
import { alert, openHouse } from "./testdata/house.ts";
import { openSmartHome, type SmartHome, until } from "./testdata/smart-home.ts";

const schema = Type.Object(homeAssistant.options ?? {}, { additionalProperties: false });
type Given = Partial<Static<typeof schema>> & { people?: { id: string; shares?: string }[] };

let smart: SmartHome;
let home: ReturnType<typeof openHouse>;
let bridge: Bridge | undefined;
beforeEach(async () => {
  smart = await openSmartHome();
  home = openHouse();
});
afterEach(async () => {
  await close();
  await smart.stop();
});

const close = async () => {
  await bridge?.close();
  bridge = undefined;
};
/** Opens the bridge with the defaults of hearth.yaml, and waits until it has said that the gateway is there. */
async function open(given: Given = {}): Promise<Bridge> {
  const settings = Value.Default(schema, structuredClone({ url: smart.url, people: [{ id: "person-a", shares: "numbers" }], ...given }));
  expect([...Value.Errors(schema, settings)]).toEqual([]);
  bridge = homeAssistant.open(home.context, settings);
  bridge.alerts?.([], openAlerts);
  await until(() => smart.retained.get("hearth/home-assistant/home/status") === "online", "the gateway is online");
  return bridge;
}
let openAlerts: AlertRecord[] = [];
beforeEach(() => {
  openAlerts = [];
});
const tell = (...open: AlertRecord[]) => {
  openAlerts = open;
  bridge?.alerts?.([], open);
  home.clock.advance(100);
};
const look = () => home.clock.advance(1000);
/** Seconds in which the broker has time to answer. */
const pass = async (seconds: number) => {
  for (let s = 0; s < seconds; s++) {
    look();
    await sleep(1);
  }
};
const configs = () => smart.messages.filter(({ topic }) => topic.endsWith("/config"));
const topicOf = (device: string) =>
  [...smart.retained].find(([topic, text]) => topic.endsWith("/config") && readDiscovery(topic, text)?.device.name === device)?.[0];
const events = () => smart.messages.flatMap(({ topic, payload }) => (topic.endsWith("/alert_event") ? [JSON.parse(payload)] : []));

test("a home, a person who agreed and what they wear are found as devices, each by a message that Home Assistant accepts", async () => {
  await open();
  expect(Object.keys(smart.devices())).toEqual(["Hearth", "Person A", "Chest strap"]);
  expect(smart.entities("Hearth")).toEqual(["Online", "Alert", "Alert waits for somebody", "Alert priority", "Alert text", "Alert event"]);
  expect(smart.entities("Person A")).toEqual([
    ...["Alert", "Alert waits for somebody", "Alert priority", "Alert text", "Alert event", "Watched", "Heart rate"],
  ]);
  expect(smart.entities("Chest strap")).toEqual(["Connected", "Worn", "Signal quality"]);
  expect(smart.state("Hearth", "Online")).toBe("online");
  expect(smart.state("Person A", "Heart rate")).toBe("72");
  expect([smart.state("Chest strap", "Worn"), smart.state("Chest strap", "Signal quality")]).toEqual(["ON", "good"]);
  expect(smart.messages.filter(({ retain, topic }) => !retain && !topic.startsWith("homeassistant/status"))).toEqual([]);
  const ids = Object.values(smart.devices()).flatMap(({ components }) => Object.values(components).map(({ unique_id }) => unique_id));
  expect(new Set(ids).size).toBe(ids.length);
  // The gateway is described first: the others name it as the way to them.
  expect(configs()[0]?.topic).toBe("homeassistant/device/hearth_home/config");
});

test("without consent nothing of a person is told: no name, no number, no wearable", async () => {
  await open({ people: [] });
  tell(alert("a1"));
  look();
  expect(Object.keys(smart.devices())).toEqual(["Hearth"]);
  expect(JSON.stringify(smart.messages)).not.toMatch(/Person|strap|72|182/i);
});

test.each([
  ["alerts", undefined, "Hearth: urgent – open to see"],
  ["numbers", "72", "Hearth: urgent – open to see"],
  ["everything", "72", "Person A: fast rhythm, 182 bpm"],
])("who shares %s shows the heart rate %s and the alert as '%s'", async (shares, heartRate, text) => {
  await open({ people: [{ id: "person-a", shares }] });
  tell(alert("a1"));
  await until(() => smart.state("Person A", "Alert") === "ON" && events().length > 0, "the alert is shown");
  expect(smart.state("Person A", "Heart rate")).toBe(heartRate);
  expect(smart.state("Person A", "Alert text")).toBe(text);
  expect(events()).toEqual([{ event_type: "raised", priority: "high", kind: "physiological", text }]);
});

test("an alert's life is a state that stays and an event each turn", async () => {
  await open();
  tell(alert("a1", { priority: "medium" }));
  await until(() => events().length === 1, "raised");
  tell(alert("a1"));
  await until(() => events().length === 2, "more urgent");
  tell(alert("a1", { state: "acknowledged", acknowledgedBy: "Carer B" }));
  await until(() => events().length === 3, "acknowledged");
  expect([smart.state("Person A", "Alert"), smart.state("Person A", "Alert waits for somebody")]).toEqual(["ON", "OFF"]);
  tell();
  await until(() => events().length === 4 && smart.state("Person A", "Alert") === "OFF", "ended");
  expect(events().map(({ event_type }) => event_type)).toEqual(["raised", "more_urgent", "acknowledged", "ended"]);
  expect(smart.state("Person A", "Alert priority")).toBe("none");
});

test("Home Assistant's birth is answered once, after a random part of ten seconds, with descriptions before states; a retained one is not", async () => {
  await open();
  smart.messages.length = 0;
  await smart.publish("homeassistant/status", "online");
  await smart.publish("homeassistant/status", "online");
  await smart.publish("homeassistant/status", "offline");
  await smart.publish("hearth/home-assistant/home/x/acknowledge/set", "mark");
  await until(() => home.causes.length > 0, "all of it has been read");
  home.clock.advance(4000);
  expect(configs()).toEqual([]);
  home.clock.advance(1000);
  await until(() => smart.messages.some(({ topic }) => topic.endsWith("home/status")), "everything again");
  look();
  const person = Object.keys(smart.devices()).indexOf("Person A");
  const topics = smart.messages.map(({ topic }) => topic);
  expect(configs()).toHaveLength(3);
  expect(topics.findIndex((topic) => topic.endsWith("heart_rate"))).toBeGreaterThan(topics.indexOf(configs()[person]?.topic ?? ""));
});

test("a birth that the broker had kept is no birth: what a connection begins with has answered it", async () => {
  await smart.publish("homeassistant/status", "online", true);
  await open();
  await pass(11);
  await smart.publish("hearth/home-assistant/home/x/acknowledge/set", "mark");
  await until(() => home.causes.length > 0, "all of it has been read");
  await pass(11);
  expect(configs()).toHaveLength(3);
});

test("a birth that is said all the time is answered once in ten seconds", async () => {
  await open();
  smart.messages.length = 0;
  for (let s = 0; s < 60; s++) {
    await smart.publish("homeassistant/status", "online");
    await pass(1);
  }
  const answers = configs().length / 3;
  expect(answers).toBeGreaterThanOrEqual(1);
  expect(answers).toBeLessThanOrEqual(6);
});

test("a number goes out when it changes, not more often than every few seconds, and again before it expires", async () => {
  await open();
  const rates = () => smart.messages.flatMap(({ topic, payload }) => (topic.endsWith("/heart_rate") ? [payload] : []));
  for (let bpm = 73; bpm < 78; bpm++) {
    Object.assign(home.people[0] ?? {}, { heartRateBpm: bpm });
    look();
  }
  await until(() => rates().length === 2, "one more in five seconds");
  expect(rates()).toEqual(["72", "77"]);
  const expires = smart.devices()["Person A"]?.components.heart_rate?.expire_after;
  expect(expires).toBe(120);
  await pass(119);
  await until(() => rates().length >= 4, "it is sent again though it is the same");
  expect(rates()).toEqual(["72", "77", "77", "77"]);
});

test("a value that is no longer the present's is not sent again, and is unknown after the missed-data limit", async () => {
  await open();
  const rates = () => smart.messages.flatMap(({ topic, payload }) => (topic.endsWith("/heart_rate") ? [payload] : []));
  Object.assign(home.people[0] ?? {}, { heartRateAgeS: 60 });
  await pass(100);
  expect(rates()).toEqual(["72"]);
  Object.assign(home.people[0] ?? {}, { heartRateAgeS: 121 });
  look();
  await until(() => rates().length === 2, "it is unknown");
  expect(rates()).toEqual(["72", "None"]);
});

test("of sensors that contradict each other none's own number is taken for the heart rate", async () => {
  const now = home.context.nowUs();
  const own = { code: "hr", device: "strap", unit: "/min", value: 95, timeUs: now, freshUs: now + 60e6 } as const;
  Object.assign(home.people[0] ?? {}, { vitals: [own], heartRateBpm: undefined, heartRateDisagreement: {} });
  await open();
  expect(smart.state("Person A", "Heart rate")).toBe("None");
});

test("a number in another unit than the house measures in is unknown and never converted", async () => {
  const now = home.context.nowUs();
  const oral = { code: "temp", device: "strap", value: 97.9, timeUs: now, freshUs: now + 60e6 } as const;
  Object.assign(home.people[0] ?? {}, { vitals: [{ ...oral, unit: "[degF]" }] });
  await open();
  expect(smart.state("Person A", "Temperature")).toBe("None");
  Object.assign(home.people[0] ?? {}, { vitals: [{ ...oral, unit: "Cel", value: 36.61 }] });
  for (let s = 0; s < 5; s++) look();
  await until(() => smart.state("Person A", "Temperature") === "36.6", "the right unit is shown");
  expect(smart.devices()["Person A"]?.components.temperature).toMatchObject({ unit_of_measurement: "°C", device_class: "temperature" });
});

test("names as odd as people give them stand in texts alone; no topic and no id has them", async () => {
  Object.assign(home.people[0] ?? {}, { name: "Änne + #1/“x”" });
  await open();
  expect(Object.keys(smart.devices())).toContain("Änne + #1/“x”");
  for (const { topic } of smart.messages) expect(topic).toMatch(/^[a-z0-9_/-]+$/);
  expect(smart.messages.map(({ topic }) => topic).join()).not.toContain("person-a");
});

test("another name changes the name alone: topics and unique ids stay, over a restart too", async () => {
  await open();
  const idsOf = () =>
    Object.values(smart.devices()).flatMap(({ components }) => Object.values(components).map(({ unique_id }) => unique_id));
  const before = { ids: idsOf(), topics: [...smart.retained.keys()] };
  Object.assign(home.people[0] ?? {}, { name: "Person A." });
  Object.assign(home.devices[0] ?? {}, { title: "Belt" });
  look();
  await until(() => smart.devices().Belt !== undefined && smart.devices()["Person A."] !== undefined, "the new names");
  await close();
  await open();
  expect(idsOf()).toEqual(before.ids);
  expect([...smart.retained.keys()]).toEqual(before.topics);
});

test("a new strap brings a device of its own, and the person's heart rate stays the same entity", async () => {
  await open();
  const heartRate = () => smart.devices()["Person A"]?.components.heart_rate?.unique_id;
  const before = heartRate();
  Object.assign(home.devices[0] ?? {}, { id: "strap-2", title: "New strap" });
  home.wearings.push({ device: "strap-2", person: "person-a", placement: "chest", fromUs: 5 });
  look();
  await until(
    () => smart.devices()["New strap"] !== undefined && smart.devices()["Chest strap"] === undefined,
    "the new one for the old one",
  );
  expect(heartRate()).toBe(before);
});

test("a wearable that is taken off stays, as not worn; one that somebody else wears or that is removed vanishes with all its topics", async () => {
  await open();
  const of = smart.devices()["Chest strap"]?.components.worn?.state_topic;
  const object = String(of).split("/").at(-2) ?? "";
  Object.assign(home.devices[0] ?? {}, { person: undefined });
  Object.assign(home.streams[0] ?? {}, { contact: "off" });
  look();
  await until(() => smart.state("Chest strap", "Worn") === "OFF", "it lies somewhere");
  home.wearings.push({ device: "strap", person: "person-b", placement: "chest", fromUs: 5 });
  look();
  await until(() => [...smart.retained.keys()].every((topic) => !topic.includes(object)), "nothing of it is left");
  const last = smart.messages.findLast(({ topic }) => topic.endsWith("/config"));
  expect([last?.topic.includes(object), last?.payload, last?.retain]).toEqual([true, "", true]);
});

test("somebody who leaves, and what was taken away while the bridge was off, vanish with the next start", async () => {
  await open();
  const topic = topicOf("Person A");
  await close();
  home.people.splice(0, 1);
  home.devices.splice(0, 1);
  await open();
  await until(() => [...smart.retained.keys()].every((each) => !each.includes("person") && each !== topic), "Person A is gone");
  look();
  await until(
    () => [...smart.retained.keys()].every((each) => /hearth_home\/config$|home\/gateway\/|home\/status$/.test(each)),
    "only the gateway is left",
  );
  expect(JSON.stringify([...home.values.values()].map((bytes) => new TextDecoder().decode(bytes)))).not.toMatch(/person-a|Person A/);
});

test("who shares less than before loses the entity: it is named by its platform alone, as long as the person is shown", async () => {
  await open();
  await close();
  await open({ people: [{ id: "person-a", shares: "alerts" }] });
  await until(() => smart.devices()["Person A"]?.components.heart_rate?.name === undefined, "the heart rate is removed");
  expect(smart.devices()["Person A"]?.components.heart_rate).toEqual({ platform: "sensor" });
  expect([...smart.retained.keys()].filter((topic) => topic.endsWith("heart_rate"))).toEqual([]);
});

test("a number that a wearable once gave keeps its entity over restarts while the wearable is theirs", async () => {
  const now = home.context.nowUs();
  const spo2 = { code: "spo2", device: "clip", unit: "%", value: 97, timeUs: now, freshUs: now + 60e6 } as const;
  home.devices.push({ id: "clip", title: "Clip", driver: "hearth-stream", person: "person-a", state: "online" });
  home.wearings.push({ device: "clip", person: "person-a", placement: "finger", fromUs: 0 });
  Object.assign(home.people[0] ?? {}, { vitals: [spo2] });
  await open();
  expect(smart.state("Person A", "Blood oxygen")).toBe("97");
  await close();
  Object.assign(home.people[0] ?? {}, { vitals: [] });
  await open();
  expect(smart.state("Person A", "Blood oxygen")).toBe("None");
  home.devices.splice(1, 1);
  look();
  await until(() => !smart.entities("Person A").includes("Blood oxygen"), "the clip was removed from the home");
});

test("the charge of a wearable that tells it has an entity, which stays while it says nothing after a restart", async () => {
  Object.assign(home.devices[0] ?? {}, { batteryPct: 81 });
  await open();
  expect(smart.state("Chest strap", "Battery")).toBe("81");
  await close();
  Object.assign(home.devices[0] ?? {}, { batteryPct: undefined });
  await open();
  expect(smart.state("Chest strap", "Battery")).toBe("None");
});

test("availability is the gateway's and the wearable's; the gateway's end and its last will take all of it away", async () => {
  await open();
  Object.assign(home.devices[0] ?? {}, { state: "offline" });
  look();
  await until(() => smart.state("Person A", "Heart rate") === "unavailable", "no wearable is there");
  expect([smart.state("Chest strap", "Connected"), smart.state("Person A", "Alert")]).toEqual(["OFF", "OFF"]);
  const { components } = smart.devices()["Chest strap"] ?? {};
  expect(components?.worn).toMatchObject({ availability_mode: "all", expire_after: 120 });
  await close();
  expect(smart.retained.get("hearth/home-assistant/home/status")).toBe("offline");
  expect(smart.state("Person A", "Alert")).toBe("unavailable");
});

test("while the broker is away nothing is queued: it gets what is true when it is back, everything if it has forgotten", async () => {
  await open();
  await smart.stop();
  for (let i = 0; i < 200; i++) tell(alert(`a${i}`));
  Object.assign(home.people[0] ?? {}, { heartRateBpm: 90 });
  smart.messages.length = 0;
  await smart.start();
  await until(() => {
    home.clock.advance(1000);
    return smart.state("Person A", "Heart rate") === "90" && events().length > 0;
  }, "all is there again");
  expect(smart.state("Person A", "Alert")).toBe("ON");
  expect(events()).toHaveLength(1);
  expect(Object.keys(smart.devices())).toEqual(["Hearth", "Person A", "Chest strap"]);
});

test("a restart tells no alert twice, and of one that ended meanwhile its end", async () => {
  await open();
  tell(alert("a1"), alert("a2"));
  await until(() => events().length === 2, "both are told");
  await close();
  openAlerts = [alert("a2")];
  await open();
  home.clock.advance(100);
  await until(() => events().length === 3, "the end of the first");
  look();
  expect(events().map(({ event_type }) => event_type)).toEqual(["raised", "raised", "ended"]);
});

test("a login that is refused is told with the broker's words, and opens once it is accepted", async () => {
  smart.refuse(true);
  bridge = homeAssistant.open(home.context, Value.Default(schema, { url: smart.url }));
  await until(() => home.causes.length > 0, "the refusal is noted");
  expect(home.causes[0]).toMatchObject({ where: "bridge", account: "home-assistant", reason: "bridge.connection", address: smart.url });
  expect(home.causes[0]?.error).toMatch(/not authorized/i);
  smart.refuse(false);
  await until(() => {
    home.clock.advance(1000);
    return smart.devices().Hearth !== undefined;
  }, "it is in");
});

test("a press acknowledges what the smart home was told, signed by it; without the setting there is no button and a press is refused", async () => {
  await open({ acknowledge: true });
  tell(alert("a1"), alert("a2", { state: "acknowledged" }), alert("b1", { person: "person-b" }));
  await until(() => events().length === 2, "told");
  const command = String(smart.devices()["Person A"]?.components.acknowledge?.command_topic);
  await smart.publish(command, "PRESS");
  await until(() => home.acknowledged.length === 1, "acknowledged");
  expect(home.acknowledged).toEqual(["a1 home assistant"]);
  await smart.publish(command, "press me");
  await until(() => home.causes.length === 1, "another payload");
  await close();
  // One that the broker keeps comes again with each connection.
  await smart.publish(command, "PRESS", true);
  await open({ acknowledge: true });
  await until(() => home.causes.length === 2, "a retained press");
  await close();
  await smart.publish(command, "", true);
  await open();
  expect(smart.entities("Person A")).not.toContain("Acknowledge");
  await smart.publish(command, "PRESS");
  await until(() => home.causes.length === 3, "not allowed");
  expect(home.causes.map(({ reason, error }) => `${reason}: ${error}`)).toEqual([
    "bridge.command_refused: the payload is not PRESS",
    "bridge.command_refused: a retained message is no press of a button",
    "bridge.command_refused: bridges.home-assistant.acknowledge is not switched on",
  ]);
  expect(home.acknowledged).toHaveLength(1);
});

test("where a person is: not told, shown, or said from there too, in the smart home's name and no longer than a program's word holds", async () => {
  await open({ people: [{ id: "person-a", shares: "everything" }] });
  expect(smart.entities("Person A")).not.toContain("Presence");
  await smart.publish("hearth/home-assistant/home/x/presence_choice/set", "away");
  await until(() => home.causes.length === 1, "not switched on");
  await close();

  await open({ presence: "shown" });
  expect(smart.state("Person A", "Presence")).toBe("home");
  Object.assign(home.people[0] ?? {}, { presence: { state: "away", isOverdue: false } });
  look();
  await until(() => smart.state("Person A", "Presence") === "away", "it is shown");
  await close();

  await open({ presence: "said" });
  const { presence, presence_choice: choice } = smart.devices()["Person A"]?.components ?? {};
  expect([presence, choice?.platform, choice?.options]).toEqual([{ platform: "sensor" }, "select", ["home", "away", "paused"]]);
  const say = (payload: string, retain = false) => smart.publish(String(choice?.command_topic), payload, retain);
  for (const payload of ["away", "paused", "home"]) await say(payload);
  await until(() => home.presences.length === 3, "said");
  expect(home.presences).toEqual([
    "person-a away 24 h home assistant",
    "person-a paused 1 h home assistant",
    "person-a home - h home assistant",
  ]);
  for (const payload of ["AWAY", "", "not_home", '{"state":"away"}', "away".repeat(10_000)]) await say(payload);
  await smart.publish("hearth/home-assistant/home/gateway/presence_choice/set", "away");
  await smart.publish("hearth/home-assistant/home/nobody/presence_choice/set", "away");
  await until(() => home.causes.length === 8, "all are refused");
  await close();
  // One that the broker keeps comes again with each connection.
  await say("away", true);
  await open({ presence: "said" });
  await until(() => home.causes.length === 9, "a retained one");
  expect(home.causes.map(({ error }) => error)).toEqual([
    "bridges.home-assistant.presence is not switched on",
    ...new Array(5).fill("the payload is none of home, away, paused"),
    "the house itself is always at home",
    "nobody is shown under this topic",
    "a retained message is no press of a button",
  ]);
  expect(home.presences).toHaveLength(3);
});

test("a house or a disk that throws harms neither the gateway nor what follows", async () => {
  await open();
  const { people } = home.context.house;
  const broken = Object.assign(home.context.house, {
    people: () => {
      throw new Error("no people");
    },
  });
  await smart.publish("hearth/home-assistant/home/x/help/set", "PRESS");
  await until(() => home.causes.length === 1, "switched off is told first");
  await smart.stop();
  await smart.start();
  await until(() => {
    try {
      home.clock.advance(1000);
    } catch {
      // The house's own list of bridges catches what a timer throws.
    }
    return home.causes.some(({ reason }) => reason === "bridge.fault");
  }, "the fault is told");
  Object.assign(broken, { people });
  Object.assign(home.context.store, { putValue: () => Promise.reject(new Error("the disk is full")) });
  home.devices.splice(0, 1);
  look();
  await until(() => {
    look();
    return smart.devices()["Person A"] !== undefined && smart.devices()["Chest strap"] === undefined;
  }, "it goes on, though nothing can be remembered");
});

test("a press calls for help for its person, where that is allowed, and not for the house", async () => {
  await open({ help: true });
  expect([smart.entities("Hearth").includes("Call for help"), smart.entities("Person A").includes("Call for help")]).toEqual([false, true]);
  const command = String(smart.devices()["Person A"]?.components.help?.command_topic);
  await smart.publish(command, "PRESS");
  await until(() => home.calls.length === 1, "called");
  expect(home.calls).toEqual(["person-a home assistant"]);
  await smart.publish("hearth/home-assistant/home/gateway/help/set", "PRESS");
  await smart.publish("hearth/home-assistant/home/gateway/off/set", "PRESS");
  await until(() => home.causes.length === 2, "refused");
  expect(home.causes.map(({ error }) => error)).toEqual(["the house itself calls for nobody", "there is no such button"]);
  await close();
  await open();
  await smart.publish(command, "PRESS");
  await until(() => home.causes.length === 3, "not allowed");
  expect([home.causes[2]?.error, home.calls.length]).toEqual(["bridges.home-assistant.help is not switched on", 1]);
});

test("somebody named in the settings who does not live here is told once; the others are shown", async () => {
  await open({ people: [{ id: "person-a" }, { id: "nobody" }] });
  look();
  look();
  expect(home.causes.map(({ reason, error }) => `${reason} ${error}`)).toEqual([
    `bridge.unknown_person people names "nobody", who does not live here`,
  ]);
  expect(smart.devices()["Person A"]).toBeDefined();
});

test("nobody is shown as watched unless a rule about them has been awake just now", async () => {
  await open();
  expect(smart.state("Person A", "Watched")).toBe("OFF");
  Object.assign(home.people[0] ?? {}, { watchedS: { "rhythm.vt": 11 } });
  look();
  await until(() => smart.state("Person A", "Watched") === "ON", "it is watched");
  Object.assign(home.people[0] ?? {}, { watchedS: { "rhythm.vt": 11, "device.lead-off": 99 } });
  for (let s = 0; s < 11; s++) look();
  await until(() => smart.state("Person A", "Watched") === "OFF", "only the sensor is");
});

test("of more people and wearables than a smart home should list the first hundred are shown, and that is told", async () => {
  for (let i = 0; i < 150; i++) {
    home.devices.push({ id: `d${i}`, title: `Clip ${i}`, driver: "hearth-stream", state: "online" });
    home.wearings.push({ device: `d${i}`, person: "person-a", placement: "", fromUs: 0 });
  }
  await open();
  look();
  expect(Object.keys(smart.devices())).toHaveLength(100);
  expect(home.causes.map(({ reason }) => reason)).toEqual(["bridge.too_many"]);
});

test("a message of another size than a word ends the connection, is told, and the next one stands", async () => {
  await open();
  await smart.publish("homeassistant/status", "x".repeat(70_000));
  await until(() => home.causes.length === 1, "it is told");
  expect(home.causes[0]?.error).toBe("a packet of more than 65536 bytes");
  smart.messages.length = 0;
  await until(() => {
    home.clock.advance(1000);
    return smart.messages.some(({ topic }) => topic === "homeassistant/device/hearth_home/config");
  }, "it is back");
});

test("the page of Home Assistant names every entity, setting and event, and its automations the entities that there are", async () => {
  const page = readFileSync(new URL("../../docs/home-assistant.md", import.meta.url), "utf8");
  const now = home.context.nowUs();
  const vitals = [
    { code: "spo2", unit: "%", value: 97 },
    { code: "temp", unit: "Cel", value: 36.6 },
    { code: "resp", unit: "{breaths}/min", value: 14 },
  ] as const;
  Object.assign(home.people[0] ?? {}, { vitals: vitals.map((vital) => ({ ...vital, device: "strap", timeUs: now, freshUs: now + 60e6 })) });
  Object.assign(home.devices[0] ?? {}, { batteryPct: 81 });
  await open({ acknowledge: true, help: true });
  const shown = Object.values(smart.devices()).flatMap(({ components }) => Object.values(components));
  expect(shown.filter(({ name = "" }) => !page.includes(name)).map(({ name }) => name)).toEqual([]);
  expect(Object.keys(homeAssistant.options ?? {}).filter((key) => !page.includes(key))).toEqual([]);
  expect(shown.find(({ platform }) => platform === "event")?.event_types).toEqual(
    [...(/`raised`, .*?each once/.exec(page)?.[0].matchAll(/`(\w+)`/g) ?? [])].map(([, type]) => type),
  );
  // Home Assistant makes an entity's id of the names of its device and of its own.
  const ids = Object.values(smart.devices()).flatMap(({ device, components }) =>
    Object.values(components).map(({ platform, name }) => `${platform}.${`${device.name} ${name}`.toLowerCase().replaceAll(" ", "_")}`),
  );
  const named = [...page.matchAll(/\b(?:binary_sensor|event|button)\.person_a_\w+/g)].map(([id]) => id);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((id) => !ids.includes(id))).toEqual([]);
});
