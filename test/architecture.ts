/** The arrows of the house as data, and the checker that reads imports itself. It looks at text only; a test proves on planted trees that it sees. */

import { posix } from "node:path";

export interface Arrow {
  /** Folder (or file) that the rule is for; the longest that fits counts. `*` stands for one folder name. */
  readonly from: string;
  /** Folders and files it may import besides its own. `**` = everything. */
  readonly to: readonly string[];
  /** No files, no network, no timers. */
  readonly isPure?: boolean;
}

const contract = "device-drivers/contract";
const ports = ["gateway/store/store-port.ts", "gateway/journal/journal-port.ts"];
const runtime = "gateway/runtime";
const facts = "gateway/facts";
const settings = "gateway/config/schema.ts";
/** What the river is made of; replay composes the very same. */
const river = [
  "gateway/pipeline",
  "gateway/stream",
  "gateway/personal",
  "gateway/rules",
  "gateway/alert",
  "gateway/semantic",
  "gateway/strips",
];
/** Every part that a gateway is made of. */
const gatewayParts = [
  ...[contract, runtime, settings, "gateway/config/kinds.ts", ...river],
  ...["ingest", "journal", "inference", "lan", "people", "setup", "consent", "disk", "sync", "bridges", "view", "store"].map(
    (folder) => `gateway/${folder}`,
  ),
];

export const arrows: readonly Arrow[] = [
  { from: contract, to: [] },
  { from: "device-drivers/framing", to: [contract], isPure: true },
  { from: "device-drivers/link", to: [contract] },
  { from: "device-drivers/*", to: [contract, "device-drivers/framing", "device-drivers/link"], isPure: true },
  { from: "device-drivers/index.ts", to: ["device-drivers"] },
  { from: "models/signal", to: [contract], isPure: true },
  { from: "models/*", to: [contract, "models/signal", "models/model-spec.ts", "models/personal-spec.ts"], isPure: true },
  { from: "models/model-spec.ts", to: [contract, "models/signal", "models/personal-spec.ts"], isPure: true },
  { from: "models/personal-spec.ts", to: [], isPure: true },
  { from: "models/toolkit", to: [contract, "models"] },
  { from: "models/index.ts", to: [contract, "models"] },
  { from: "models/onnx-runtime.ts", to: ["models/onnx-quiet.ts"] },
  { from: "models/onnx-quiet.ts", to: [] },
  { from: "firmware-sim", to: [contract, "device-drivers/framing", "device-drivers/*/frame.ts", "models/signal", "gateway/recordings"] },

  // What every process needs, and what the operator wants.
  { from: runtime, to: [contract] },
  {
    from: "gateway/config",
    to: [
      contract,
      runtime,
      "device-drivers/index.ts",
      "device-drivers/link",
      "gateway/alert/channels/channel.ts",
      "gateway/alert/channels/index.ts",
      "gateway/bridges",
      "gateway/rules/described.ts",
    ],
  },
  {
    from: "gateway/people",
    to: [contract, facts, "gateway/runtime/left-people.ts", "gateway/rules/rule.ts", "gateway/rules/described.ts", ...ports],
  },

  // The river, in the order in which bytes become meaning.
  {
    from: "gateway/ingest",
    to: [
      contract,
      "device-drivers/framing",
      "device-drivers/link",
      "device-drivers/index.ts",
      runtime,
      settings,
      "gateway/pipeline/pipeline.ts",
      "gateway/strips/kept-descriptors.ts",
      ...ports,
    ],
  },
  // How the home network reaches the broker.
  { from: "gateway/lan", to: [contract, runtime, settings, "gateway/ingest/broker-port.ts"] },
  { from: "gateway/journal", to: [contract, runtime] },
  { from: facts, to: [contract, "models/personal-spec.ts"], isPure: true },
  {
    from: "gateway/stream",
    to: [contract, "models/model-spec.ts", "models/signal", facts],
    isPure: true,
  },
  { from: "gateway/inference", to: [contract, "models", runtime, "gateway/stream/windows/index.ts"] },
  { from: "gateway/rules", to: [contract, facts, "models/model-spec.ts", "models/personal-spec.ts", "models/signal"], isPure: true },
  // What of a person's signal is usual for them.
  {
    from: "gateway/personal",
    to: [
      contract,
      "models/model-spec.ts",
      "models/personal-spec.ts",
      "models/signal",
      facts,
      "gateway/rules/rule.ts",
      "gateway/rules/stream-gate.ts",
    ],
    isPure: true,
  },
  {
    from: "gateway/pipeline",
    to: [
      contract,
      "models/model-spec.ts",
      "gateway/runtime/fan-out.ts",
      "gateway/runtime/log.ts",
      facts,
      "gateway/stream",
      "gateway/personal",
      "gateway/rules",
      "gateway/alert",
      "gateway/semantic",
      "gateway/inference/inference-port.ts",
      ...ports,
    ],
    isPure: true,
  },
  {
    from: "gateway/alert",
    to: [contract, ...["rule.ts", "described.ts", "alert-words.ts"].map((file) => `gateway/rules/${file}`), ...ports],
    isPure: true,
  },
  { from: "gateway/alert/channels", to: [contract, "device-drivers/framing", "gateway/alert", ...ports] },
  ...["service.ts", "write-then-tell.ts", "notifier.ts", "outside.ts", "help.ts", "presence.ts"].map((file) => ({
    from: `gateway/alert/${file}`,
    to: [contract, runtime, "gateway/alert", "gateway/people", "gateway/rules/rule.ts", "gateway/semantic", ...ports],
  })),
  { from: "gateway/store", to: [contract, runtime] },
  {
    from: "gateway/disk",
    to: [
      contract,
      runtime,
      "gateway/alert/technical.ts",
      "gateway/journal/journal.ts",
      "gateway/journal/day-budget.ts",
      "gateway/store/store.ts",
      ...ports,
    ],
  },
  { from: "gateway/strips", to: [contract, "gateway/semantic", "gateway/stream", ...ports], isPure: true },
  {
    from: "gateway/semantic",
    to: [contract, "device-drivers/framing", "models/model-spec.ts", "models/signal", "models/ecg-codec"],
    isPure: true,
  },
  // How much of a person leaves the house, and who may say so.
  { from: "gateway/consent", to: [contract, "gateway/semantic", "gateway/people/dated.ts", ...ports] },
  { from: "gateway/sync", to: [contract, "device-drivers/framing", runtime, "gateway/semantic", ...ports] },
  {
    from: "gateway/bridges",
    to: [contract, runtime, "gateway/sync/connection.ts", "gateway/sync/link-port.ts", "gateway/alert/presence-port.ts", ...ports],
  },

  // What is shown of it.
  {
    from: "gateway/view",
    to: [
      contract,
      runtime,
      settings,
      "gateway/alert",
      "gateway/consent/consent-desk.ts",
      "gateway/disk",
      facts,
      "gateway/inference",
      "gateway/ingest",
      "gateway/lan/reach.ts",
      "gateway/people",
      "gateway/pipeline",
      "gateway/rules",
      "gateway/semantic",
      "gateway/setup/setup-port.ts",
      "gateway/setup/calibration-port.ts",
      "gateway/stream",
      "gateway/strips",
      "gateway/sync",
      ...ports,
    ],
  },
  { from: "gateway/access", to: [contract, runtime, "gateway/view/view-port.ts"] },
  {
    from: "gateway/setup",
    to: [
      contract,
      runtime,
      settings,
      "gateway/config/kinds.ts",
      "gateway/config/load.ts",
      "gateway/alert/service.ts",
      "gateway/consent/consents.ts",
      "gateway/consent/pseudonyms.ts",
      facts,
      "gateway/ingest",
      "gateway/lan/reach.ts",
      "gateway/people",
      "gateway/pipeline/pipeline.ts",
      ...["rule.ts", "described.ts", "family.ts"].map((file) => `gateway/rules/${file}`),
      // A pose that is held, and what it says of sensors.
      ...["gateway/stream/body/held-pose.ts", "gateway/stream/body/pose-watch.ts", "gateway/stream/reorder.ts", "models/signal"],
      ...ports,
    ],
  },
  { from: "gateway/setup/setup-port.ts", to: ["gateway/facts/learning.ts", "gateway/setup/calibration-port.ts"] },
  { from: "gateway/setup/calibration-port.ts", to: ["gateway/facts/mount.ts"] },
  {
    from: "gateway/api",
    to: [
      contract,
      "device-drivers/framing",
      runtime,
      "gateway/access",
      "gateway/alert/verbs.ts",
      "gateway/alert/outside-port.ts",
      "gateway/alert/presence-port.ts",
      "gateway/facts/learning.ts",
      "gateway/facts/mount.ts",
      "gateway/view/view-port.ts",
      "gateway/view/streams-in-port.ts",
      "gateway/view/view-of-persons.ts",
      "gateway/setup/setup-port.ts",
      "gateway/setup/calibration-port.ts",
      ...ports,
    ],
  },
  // What the contract computes without a gateway is the same in the browser.
  { from: "gateway/web", to: [contract] },
  { from: "gateway/web/body-shape.ts", to: [contract, "models/signal"] },

  // The far side. It knows the home by its wire formats alone.
  {
    from: "gateway/twin",
    to: [
      ...[contract, "device-drivers/framing", runtime, "gateway/semantic", "gateway/api", "gateway/view/view-port.ts"],
      "gateway/web/bundle.ts",
    ],
  },
  {
    from: "gateway/twin/ingest/jetstream.ts",
    to: [contract, runtime, ...["nats-accounts.ts", "outside-broker.ts", "port.ts"].map((file) => `gateway/twin/ingest/${file}`)],
  },
  // It listens to a broker elsewhere through the same kind of line as the home.
  {
    from: "gateway/twin/ingest/outside-broker.ts",
    to: [contract, runtime, "gateway/semantic", "gateway/sync/connection.ts", "gateway/sync/link-port.ts", "gateway/twin/ingest/port.ts"],
  },

  // Recordings through the very river on a virtual clock: no sockets, pages or real store.
  { from: "gateway/recordings", to: [contract, "models/signal", "gateway/runtime/read-bounded.ts"] },
  {
    from: "gateway/replay",
    to: [
      contract,
      "gateway/recordings",
      "models",
      facts,
      ...river,
      "gateway/inference/inference-port.ts",
      "gateway/twin/decode.ts",
      ...ports,
    ],
  },
  {
    from: "gateway/evaluation",
    to: [
      ...[contract, "gateway/recordings", "models", "gateway/replay", "gateway/inference/load-models.ts"],
      // What the twin has is judged as the twin reads it.
      ...["gateway/semantic", "gateway/twin/decode.ts", "gateway/stream/ecg", "gateway/rules/pulse-window.ts"],
      ...["gateway/pipeline/waveforms.ts", "gateway/stream/index.ts", "gateway/stream/motion/gravity.ts"],
      // Sensors on a body go the way of any person's, without a home round them.
      ...["windows/aligned.ts", "model-inputs.ts", "reorder.ts", "body/movement.ts"].map((file) => `gateway/stream/${file}`),
      ...["gateway/facts/guarded.ts", "gateway/inference/inference-port.ts"],
    ],
  },

  // Node-RED beside the home; what is loaded inside it stands alone.
  { from: "gateway/flows", to: [contract, runtime, "gateway/config/home-folder.ts"] },
  ...["closed-settings.ts", "door.ts", "sign-in.ts"].map((file) => ({ from: `gateway/flows/${file}`, to: ["gateway/flows"] })),

  // Erases a person from what a home keeps, while nothing of it is open.
  {
    from: "gateway/leave",
    to: [
      contract,
      runtime,
      "gateway/access/access-file.ts",
      "gateway/config",
      "gateway/journal/journal-core.ts",
      "gateway/semantic",
      "gateway/store",
      ...ports,
    ],
  },

  // Who composes: what runs at home, the demo in it, the verbs, the measurements.
  { from: "gateway/gateway.ts", to: ["gateway/compose", ...gatewayParts] },
  { from: "gateway/compose", to: gatewayParts },
  {
    from: "gateway/app.ts",
    to: [
      contract,
      runtime,
      "gateway/access",
      "gateway/compose/parts.ts",
      "gateway/config",
      "gateway/gateway.ts",
      "gateway/leave",
      "gateway/api",
      "gateway/sync/start-sync.ts",
      "gateway/twin",
      "gateway/web",
    ],
  },
  {
    from: "gateway/demo",
    to: [
      contract,
      "firmware-sim",
      runtime,
      "gateway/access",
      "gateway/app.ts",
      "gateway/config",
      "gateway/recordings",
      "gateway/replay",
      "gateway/stream",
      "gateway/view/gateway-view.ts",
      "gateway/view/view-port.ts",
    ],
  },
  {
    from: "gateway/doctor",
    to: [
      contract,
      "device-drivers",
      "firmware-sim/link",
      "models",
      runtime,
      "gateway/config",
      "gateway/store/database.ts",
      "gateway/store/verify-audit.ts",
      "gateway/web/bundle.ts",
    ],
  },
  {
    from: "gateway/bench",
    to: [
      ...[contract, "firmware-sim", runtime],
      ...["config", "ingest", "journal", "semantic", "store", "sync"].map((folder) => `gateway/${folder}`),
    ],
  },
  {
    from: "gateway/cli",
    to: [
      contract,
      "firmware-sim",
      "device-drivers/index.ts",
      runtime,
      "gateway/config",
      "gateway/access",
      "gateway/app.ts",
      "gateway/leave",
      "gateway/semantic/mode.ts",
      "gateway/store/verify-audit.ts",
      "gateway/setup/setup-port.ts",
      "gateway/api/consent-wire.ts",
      "gateway/api/learning-wire.ts",
      "gateway/api/calibration-wire.ts",
      "gateway/api/wire.ts",
      "gateway/api/probe-wire.ts",
      "gateway/ingest/credentials.ts",
      "gateway/ingest/load-drivers.ts",
      "gateway/inference/load-models.ts",
      "gateway/lan",
      "gateway/flows",
      ...["bench", "demo", "doctor", "evaluation", "journal", "recordings", "replay", "twin"].map((folder) => `gateway/${folder}`),
    ],
  },
  { from: "gateway/main.ts", to: [contract, "gateway/cli", "gateway/config/load.ts", "gateway/runtime/version.ts"] },
  { from: "flows", to: [] },
  // A strip is written as the house writes records.
  {
    from: "flows/nodes/strip",
    to: ["flows", ...["encode-record.ts", "signal-formats.ts"].map((file) => `gateway/recordings/${file}`), "gateway/runtime/iso-time.ts"],
  },
  // A device of a flow is checked, refused and packed in the words and bytes of the profile itself.
  {
    from: "flows/nodes/stream-out",
    to: [
      "flows",
      ...["meta.ts", "frame.ts"].map((file) => `device-drivers/hearth-stream/${file}`),
      ...["device-help.ts", "device-words.ts"].map((file) => `gateway/alert/${file}`),
      ...["gateway/ingest/topic.ts", "gateway/runtime/iso-time.ts"],
    ],
  },
];

/** Heavy packages have one home each; types alone weigh nothing and may be named elsewhere. `bench` runs a bare broker beside ours. */
export const homes: Readonly<Record<string, readonly string[]>> = {
  "better-sqlite3": ["gateway/store/database.ts", "gateway/twin/store/sqlite/database.ts"],
  pg: ["gateway/twin/store/postgres"],
  "@nats-io/transport-node": ["gateway/twin/ingest/jetstream.ts", "gateway/twin/ingest/nats-accounts.ts"],
  "@nats-io/nkeys": ["gateway/twin/ingest/nats-accounts.ts"],
  "@nats-io/jetstream": ["gateway/twin/ingest/jetstream.ts"],
  "onnxruntime-node": ["models/onnx-runtime.ts"],
  serialport: ["device-drivers/link/serial.ts"],
  aedes: ["gateway/ingest/broker.ts", "gateway/twin/ingest/embedded-broker.ts", "gateway/bench/bench-ingest.ts"],
  mqtt: ["gateway/sync/connection.ts", "gateway/bridges", "firmware-sim/link/mqtt.ts", "flows/nodes/stream-out/mqtt-line.ts"],
  "multicast-dns": ["gateway/lan/announce.ts"],
  "@peculiar/x509": ["gateway/lan/certificate.ts"],
  "mqtt-packet": ["gateway/runtime/packet-lengths.ts"],
  "@lydell/node-pty": ["firmware-sim/link/pty.ts"],
};

/** What a pure part may not load: files, sockets, processes, threads, timers. */
const impureModules = /^node:(fs|net|http|https|tls|dgram|dns|child_process|worker_threads|timers|readline|cluster)(\/|$)/;
const timers = /(?<![\w.])(setTimeout|setInterval|setImmediate)\s*\(/;

export interface Violation {
  readonly file: string;
  readonly says: string;
}

/** Checks a tree of path → source. Test files and declarations are free to import what they like. */
export function checkTree(tree: ReadonlyMap<string, string>): Violation[] {
  return [...tree].filter(([file]) => !isFree(file)).flatMap(([file, source]) => checkFile(file, source));
}

function isFree(file: string): boolean {
  return file.startsWith("test/") || file.includes("/testdata/") || /\.test\.tsx?$|\.d\.m?ts$/.test(file);
}

function checkFile(file: string, source: string): Violation[] {
  const arrow = arrowOf(file);
  if (arrow === undefined) return [{ file, says: "stands in a folder that the table does not know" }];
  const code = withoutComments(source);
  const found: Violation[] = [];
  for (const { target, isType } of importsOf(code)) {
    if (target.startsWith(".")) {
      const path = posix.normalize(posix.join(posix.dirname(file), target));
      if (!mayImport(arrow, file, path)) found.push({ file, says: `imports ${path}` });
      continue;
    }
    if (!isType && arrow.isPure && impureModules.test(target)) found.push({ file, says: `is pure and imports ${target}` });
    const home = homes[packageOf(target)];
    if (!isType && home !== undefined && !home.some((place) => isUnder(file, place)))
      found.push({ file, says: `imports ${target}, whose home is ${home.join(", ")}` });
    if (file.startsWith(`${contract}/`) && target !== "typebox") found.push({ file, says: `is the contract and imports ${target}` });
  }
  if ((arrow.isPure || (file.startsWith(`${contract}/`) && !file.endsWith("/clock.ts"))) && timers.test(code))
    found.push({ file, says: "is pure and owns a timer" });
  if (
    /\bprocess\.env\b/.test(code) &&
    file !== "gateway/config/load.ts" &&
    file !== "gateway/cli/launcher.mjs" &&
    file !== "models/onnx-quiet.ts" &&
    !isUnder(file, "models/toolkit")
  )
    found.push({ file, says: "reads process.env" });
  return found;
}

/**
 * Circles of imports, types included: among files, and among the folders of the house (the root's files count as folders of their own). Each circle is
 * the list of its members, in order of their names.
 */
export function circlesOf(tree: ReadonlyMap<string, string>): string[][] {
  const byFile = new Map<string, Set<string>>();
  const byFolder = new Map<string, Set<string>>();
  const note = (graph: Map<string, Set<string>>, from: string, to: string) => {
    if (from !== to) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  };
  for (const [file, source] of tree) {
    if (isFree(file)) continue;
    for (const { target } of importsOf(withoutComments(source))) {
      if (!target.startsWith(".")) continue;
      const path = posix.normalize(posix.join(posix.dirname(file), target));
      note(byFile, file, path);
      note(byFolder, folderOf(file), folderOf(path));
    }
  }
  return [...circles(byFile), ...circles(byFolder)];
}

function folderOf(file: string): string {
  return file.split("/").slice(0, 2).join("/");
}

/** Strongly connected parts of more than one member (Tarjan 1972). */
function circles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const index = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (at: string): number => {
    let lowest = index.size;
    index.set(at, lowest);
    stack.push(at);
    for (const next of graph.get(at) ?? []) {
      if (!index.has(next)) lowest = Math.min(lowest, visit(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, index.get(next) ?? lowest);
    }
    if (lowest === index.get(at)) {
      const members = stack.splice(stack.indexOf(at));
      if (members.length > 1) found.push(members.sort());
    }
    return lowest;
  };
  for (const at of graph.keys()) if (!index.has(at)) visit(at);
  return found;
}

/** The rule with the longest fitting `from`. */
function arrowOf(file: string): Arrow | undefined {
  return arrows
    .filter((arrow) => isUnder(file, arrow.from))
    .sort((a, b) => depthOf(b.from) - depthOf(a.from))
    .at(0);
}

/** A named folder goes before a `*` of the same depth. */
function depthOf(from: string): number {
  return from.split("/").length * 2 - (from.includes("*") ? 1 : 0) + (from.endsWith(".ts") ? 0.5 : 0);
}

function mayImport(arrow: Arrow, file: string, path: string): boolean {
  if (arrow.to.includes("**")) return true;
  return isUnder(path, ownFolder(arrow, file)) || arrow.to.some((place) => isUnder(path, place));
}

/** The folder that a file may always import from: its own, with `*` filled in. */
function ownFolder(arrow: Arrow, file: string): string {
  return file.split("/").slice(0, arrow.from.split("/").length).join("/");
}

function isUnder(path: string, place: string): boolean {
  const want = place.split("/");
  const have = path.split("/");
  return want.length <= have.length && want.every((part, i) => part === "*" || part === have[i]);
}

/** Every module that the source names in an import, an export from, or a dynamic import. */
export function importsOf(code: string): { target: string; isType: boolean }[] {
  const patterns = [
    /(?:^|[;\n}])\s*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']/g,
    /(?:^|[;\n])\s*import\s*["']([^"']+)["']/g,
    /\bimport\s*\(\s*["']([^"']+)["']/g,
  ];
  return patterns.flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => ({ target: match[1] ?? "", isType: /^\W*(import|export)\s+type\b/.test(match[0]) })),
  );
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}

function packageOf(target: string): string {
  const parts = target.split("/");
  return target.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? target);
}
