import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { Driver } from "../../device-drivers/contract/driver.ts";
import { type Kinds, shippedKinds } from "../../gateway/config/kinds.ts";
import { parseConfig } from "../../gateway/config/load.ts";
import { startGateway } from "../../gateway/gateway.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { until } from "../crash/home-inside.ts";
import { heard, toyBridge } from "./toy-bridge.ts";
import { shouted, toyChannel } from "./toy-channel.ts";
import { toyDriver } from "./toy-driver.ts";
import { toyLink, tube } from "./toy-link.ts";

/** One line each: what somebody who adds one writes into its list. */
const kinds: Kinds = {
  drivers: { ...shippedKinds.drivers, "toy-clip": async () => toyDriver as Driver },
  links: [...shippedKinds.links, toyLink],
  channels: [...shippedKinds.channels, toyChannel],
  bridges: [...shippedKinds.bridges, toyBridge],
};

const text = `version: 1
people: [{ id: person-a, name: Person A }]
devices:
  - id: clip
    title: Clip
    driver: toy-clip
    link: { kind: tube, name: left }
    options: { name: oxi }
    wornBy: person-a
channels: [{ kind: shout, name: hall, loud: true, minPriority: low }]
bridges: { toy-notes: { word: note } }
`;
const read = (yaml: string, lists: Kinds = kinds) =>
  parseConfig(yaml, { file: "hearth.yaml", env: {}, kinds: lists, drivers: Object.keys(lists.drivers) });

const folder = mkdtempSync(join(tmpdir(), "hearth-toys-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a driver, a link, a channel and a bridge of one file and one line each work from hearth.yaml to people", async () => {
  const clock = virtualClock();
  const log = createLog({ level: "silent" });
  const common = { dataDir: folder, clock, log, mode: "real", version: "0.0.0-test", mqttPort: 0, ports: () => ({}) } as const;
  const gateway = await startGateway({ config: read(text), kinds, ...common });
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1000);
      await sleep(1);
    }
  };
  try {
    await until(async () => tube("left").openCount === 1, "the toy link is opened");
    for (let i = 0; i < 20; i++) {
      tube("left").send(Uint8Array.of(97));
      await pass(1);
    }
    await until(async () => heard.includes("note person-a vital"), "the toy driver's number reaches the toy bridge");
    expect(gateway.view.streams().map(({ device, stream }) => `${device} ${stream}`)).toEqual(["clip oxi"]);
    tube("left").isPresent = false;
    tube("left").unplug();
    await until(async () => {
      await pass(5);
      return shouted.length > 0;
    }, "the toy channel tells that the clip is gone");
    expect(shouted[0]).toMatch(/^DEVICE\.CABLE: /);
    expect(heard.some((line) => /^note .*Clip/.test(line))).toBe(true);
  } finally {
    await gateway.close();
  }
  expect(heard.at(-1)).toBe("note closed");
});

test.each([
  ["kind: tube, name: left", "kind: tube", "devices.0.link needs 'name': a text"],
  ["kind: tube, name: left", "kind: tube, name: a b", "devices.0.link needs a name in one word"],
  ["kind: tube, name: left", "kind: rope", 'devices.0.link is of kind "rope"; accepted: one of mqtt, serial, tcp, tube'],
  ["driver: toy-clip", "driver: toy-clop", 'devices.0.driver is "toy-clop"; accepted: hearth-stream, xsens-mti, toy-clip'],
  ["kind: shout, ", "kind: shout, token: secret, ", "'token' is not a key of channels.0; accepted: kind, name, carer, minPriority, loud"],
  ["kind: shout", "kind: whisper, token: secret", 'channels.0 is of kind "whisper"; accepted: one of webhook, shout'],
  ["kind: shout, ", "", "channels.0 needs 'kind': one of webhook, shout"],
  ["word: note", "words: note", "'words' is not a key of bridges.toy-notes; accepted: word"],
  ["toy-notes", "knots", "'knots' is not a key of bridges; accepted: home-assistant, toy-notes"],
])("%s as %s is refused, and what is known is named", (right, wrong, says) => {
  expect(() => read(text.replace(right, wrong))).toThrow(says);
});

test("a kind that is not in its list is refused by the shipped lists, and a bridge without settings is not opened", () => {
  const toy = "version: 1\ndevices: [{ id: clip, link: { kind: tube, name: left } }]";
  expect(() => read(toy, shippedKinds)).toThrow('devices.0.link is of kind "tube"; accepted: one of mqtt, serial, tcp');
  const bridge = "version: 1\nbridges: { toy-notes: { word: note } }";
  expect(() => read(bridge, shippedKinds)).toThrow("'toy-notes' is not a key of bridges; accepted: home-assistant");
  expect(() => read(bridge, { ...shippedKinds, bridges: [] })).toThrow("'bridges' is not a key of the file");
  expect(read("version: 1").bridges).toBeUndefined();
});

test("the environment reaches the keys of every kind", () => {
  const env = { HEARTH__DEVICES__0__LINK__NAME: "right", HEARTH__CHANNELS__0__LOUD: "false" };
  const config = parseConfig(text, { file: "hearth.yaml", env, kinds });
  expect([config.devices[0]?.link, config.channels[0]]).toMatchObject([
    { kind: "tube", name: "right" },
    { kind: "shout", loud: false },
  ]);
});
