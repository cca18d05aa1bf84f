import { describe, expect, test } from "vitest";
import { homeFolder, parseConfig } from "./load.ts";
import { sampleConfig } from "./sample.ts";

const read = (text: string, env: Record<string, string> = {}, secret?: (name: string) => string | undefined) =>
  parseConfig(text, { file: "hearth.yaml", env, ...(secret === undefined ? {} : { secret }) });

const home = `version: 1
people:
  - id: person-a
    name: Person A
devices:
  - id: chest-strap
    wornBy: person-a
  - id: imu
    driver: xsens-mti
    link: { kind: serial, id: usb-Xsens-0 }
`;

describe("hearth.yaml", () => {
  test("the shortest file is complete with defaults", () => {
    const config = read("version: 1");
    expect(config.ports).toEqual({ http: 8099, mqtt: 1883, mqttTls: 8883, twin: 8098, twinMqtt: 8097 });
    expect(config.alerts.limits).toEqual({ hrHighBpm: 150, hrLowBpm: 40, asystoleS: 4, pauseS: 3, anomalyScore: 0.99, anomalyLearnS: 300 });
    expect([config.gateway.id, config.http.host, config.twin, config.log.level]).toEqual([
      "home",
      "127.0.0.1",
      {
        ...{ embedded: true, flushS: 60, keep: { detailDays: 400, minuteYears: 10 } },
        ...{ reach: { host: "127.0.0.1" }, silentAfterS: 900, streamReplicas: 1 },
      },
      "info",
    ]);
  });

  test.each([
    ["twin:\n  embedded: false\n  url: mqtt://twin.example.org:1883\n", 4, "twin.url", "twin.example.org"],
    ["channels:\n  - { kind: webhook, name: nas, url: http://NAS.lan/hook }\n", 3, "channels.0.url", "nas.lan"],
    ["channels:\n  - { kind: webhook, name: nas, url: 'http://[fd00::5]/hook' }\n", 3, "channels.0.url", "fd00::5"],
    ["channels:\n  - { kind: webhook, name: nas, url: http://127.evil.example/ }\n", 3, "channels.0.url", "127.evil.example"],
  ])("what would leave this machine in plain text is refused unless its host is named: %s", (text, line, key, host) => {
    const whole = `version: 1\n${text}`;
    expect(() => read(whole)).toThrow(
      expect.objectContaining({
        code: "config.invalid",
        fields: expect.objectContaining({ line, key }),
        message: expect.stringMatching(
          `${key} would speak to "${host.replaceAll(".", "\\.")}" without encryption.*named under network\\.plainTextHosts`,
        ),
      }),
    );
    expect(read(`${whole}network:\n  plainTextHosts: ["${host}"]\n`).network.plainTextHosts).toEqual([host]);
    expect(() => read(`${whole}network:\n  plainTextHosts: [other.example]\n`)).toThrow(/without encryption/);
  });

  test("what stays on this machine or is encrypted needs no naming", () => {
    const twin = (url: string) => read(`version: 1\ntwin: { embedded: false, url: "${url}" }\n`).twin.url;
    for (const url of ["mqtt://127.0.0.1:1883", "mqtt://127.8.0.1", "mqtt://localhost", "mqtt://[::1]:1883", "mqtts://twin.example.org"])
      expect(twin(url)).toBe(url);
  });

  test("people and devices get their defaults too", () => {
    const config = read(home);
    expect(config.devices[0]).toEqual({
      id: "chest-strap",
      driver: "hearth-stream",
      link: { kind: "mqtt" },
      options: {},
      wornBy: "person-a",
    });
    expect(config.people[0]?.profile).toEqual({});
  });

  test("the result is frozen down to its leaves", () => {
    const config = read(home);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.devices[0]?.link)).toBe(true);
    expect(() => Object.assign(config.ports, { http: 1 })).toThrow(TypeError);
  });

  test.each([
    ["people", 64, (i: number) => `{ id: p${i}, name: Person ${i} }`],
    ["devices", 256, (i: number) => `{ id: d${i} }`],
  ])("as many %s as a home has room for, and not one more", (key, most, entry) => {
    const list = (count: number) => `version: 1\n${key}:\n${Array.from({ length: count }, (_, i) => `  - ${entry(i)}\n`).join("")}`;
    expect(() => read(list(most))).not.toThrow();
    expect(() => read(list(most + 1))).toThrow(`${key} names ${most + 1}; accepted: at most ${most}`);
  });

  test.each([
    ["version: 1\nports:\n  http: web\n", 3, /ports\.http is "web"; accepted: a whole number from 0 to 65535/],
    ["version: 1\nports:\n  htp: 1\n", 3, /'htp' is not a key of ports; accepted: http, mqtt, mqttTls, twin, twinMqtt/],
    ["version: 1\nport: 1\n", 2, /'port' is not a key of the file; accepted: version, gateway, ports/],
    ["version: 1\npeople:\n  - { id: unassigned, name: Person A }\n", 3, /people\.0\.id is "unassigned", a word of the house itself/],
    ["version: 1\npeople:\n  - { id: gateway, name: Person A }\n", 3, /people\.0\.id is "gateway".*accepted: any other id/],
    ["version: 1\ndevices:\n  - id: gateway\n", 3, /devices\.0\.id is "gateway", a word of the house itself/],
    [
      "version: 1\nchannels:\n  - { kind: webhook, name: page, url: http://home }\n",
      3,
      /channels\.0\.name is "page", a word of the house itself; accepted: any other name than console, page/,
    ],
    [
      "version: 1\nchannels:\n  - { kind: webhook, name: a, url: http://home }\n  - { kind: webhook, name: a, url: http://home }\n",
      4,
      /channels\.1\.name is "a", which is taken/,
    ],
    ["version: 2\n", 1, /version is 2; accepted: 1/],
    ["ports:\n  http: 1\n", 1, /the file needs 'version': 1/],
    ["version: 1\nlog:\n  level: loud\n", 3, /log\.level is "loud"; accepted: one of error, warn, info, debug, trace/],
    [
      "version: 1\ndevices:\n  - id: a\n    link: { kind: bluetooth }\n",
      4,
      /devices\.0\.link is .*bluetooth.*accepted: one of mqtt, serial, tcp/,
    ],
    [
      "version: 1\ndevices:\n  - id: a\n    link:\n      kind: tcp\n      host: x\n      port: 99999\n",
      7,
      /devices\.0\.link\.port is 99999; accepted: a whole number from 1 to 65535/,
    ],
    ["version: 1\ndevices:\n  - id: a\n    link: { kind: serial }\n", 4, /needs either id or path/],
    ["version: 1\npeople:\n  - id: Person_A\n    name: x\n", 3, /people\.0\.id is "Person_A"; accepted: a name of a–z/],
    ["version: 1\npeople:\n  - id: a\n    name: x\n  - id: a\n    name: y\n", 5, /people\.1\.id is "a", which is taken/],
    [
      "version: 1\ndevices:\n  - id: a\n    wornBy: nobody\n",
      4,
      /devices\.0\.wornBy is "nobody"; accepted: nobody, because people is empty/,
    ],
    ["version: 1\nports: 3\n", 2, /ports is 3; accepted: the keys http/],
    ["version: 1\npeople: {}\n", 2, /people is \{\}; accepted: a list/],
    ["version: 1\ntwin:\n  embedded: false\n", 2, /embedded is false; accepted: true, or url/],
    ["version: 1\nversion: 1\n", 2, /cannot be read/],
    ["version: 1\nports:\n\thttp: 1\n", 3, /cannot be read/],
    ["- a\n", 1, /keys and values/],
  ])("%j is refused with its line", (text, line, message) => {
    let thrown: unknown;
    try {
      read(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "config.invalid", kind: "operator", message: expect.stringMatching(message), fields: { line } });
    expect((thrown as Error).message).toContain(`hearth.yaml line ${line}: `);
  });

  test("a secret is taken by name, and a missing one is named", () => {
    const text = "version: 1\nchannels:\n  - kind: webhook\n    name: w\n    url: https://example.org\n    token: !secret my-key\n";
    expect(read(text, {}, (name) => (name === "my-key" ? "s3" : undefined)).channels[0]).toMatchObject({ token: "s3" });
    expect(() => read(text)).toThrow(/line 6.*my-key/);
  });
});

describe("the environment", () => {
  test("goes over the file, with words joined by underscores", () => {
    const config = read(home, {
      HEARTH__PORTS__HTTP: "0",
      HEARTH__PORTS__TWIN_MQTT: "5",
      HEARTH__ALERTS__LIMITS__HR_HIGH_BPM: "140",
      HEARTH__LOG__LEVEL: "warn",
      HEARTH__PEOPLE__0__NAME: "Person B",
    });
    expect([config.ports.http, config.ports.twinMqtt, config.alerts.limits.hrHighBpm, config.log.level, config.people[0]?.name]).toEqual([
      0,
      5,
      140,
      "warn",
      "Person B",
    ]);
  });

  test("a wrong value or name is blamed on the variable", () => {
    expect(() => read("version: 1", { HEARTH__PORTS__HTTP: "web" })).toThrow(/^HEARTH__PORTS__HTTP: ports\.http is "web"; accepted/);
    const bridge = read("version: 1", {
      HEARTH__BRIDGES__HOME_ASSISTANT__URL: "mqtts://home.lan",
      HEARTH__BRIDGES__HOME_ASSISTANT__EVERY_S: "9",
    });
    expect(bridge.bridges).toMatchObject({ "home-assistant": { url: "mqtts://home.lan", everyS: 9, people: [], acknowledge: false } });
    expect(() => read("version: 1", { HEARTH__BRIDGES__HUB: "1" })).toThrow(/accepted here: HOME_ASSISTANT/);
    expect(() => read("version: 1", { HEARTH__PORTS__WEB: "1" })).toThrow(
      /^HEARTH__PORTS__WEB: names no setting; accepted here: HTTP, MQTT, MQTT_TLS, TWIN, TWIN_MQTT/,
    );
  });

  test("HEARTH_HOME is the data folder, else ~/.hearth", () => {
    expect(homeFolder({ HEARTH_HOME: "/data/h" })).toBe("/data/h");
    expect(homeFolder({})).toMatch(/\.hearth$/);
  });

  test("a user without a home folder is told to name the data folder", () => {
    const nowhere = () => {
      throw new Error("uv_os_homedir returned ENOENT");
    };
    expect(() => homeFolder({}, nowhere)).toThrow(
      expect.objectContaining({ code: "home.unknown", message: expect.stringContaining("set HEARTH_HOME") }),
    );
    expect(homeFolder({ HEARTH_HOME: "/data/h" }, nowhere)).toBe("/data/h");
  });
});

describe("the sample", () => {
  test("says every default and is accepted as it stands", () => {
    const text = sampleConfig();
    expect(read(text)).toEqual(read("version: 1"));
    for (const word of [
      "# Page, REST and metrics; 0 asks for a free one – a whole number from 0 to 65535",
      "hrHighBpm: 150",
      "# for example:",
      "# url:",
    ])
      expect(text).toContain(word);
  });

  test("takes this home's people and devices, which are read back as given", () => {
    const { people, devices } = read(home);
    const again = read(sampleConfig({ people, devices }));
    expect([again.people, again.devices]).toEqual([people, devices]);
  });
});
