/** `hearth devices probe [DEVICE]`: watches what a device sends and says field by field what is well and what is not. It only words what the gateway saw. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { ProbeWire } from "../api/probe-wire.ts";
import type { DeviceWire } from "../api/wire.ts";
import { askGateway } from "./running-gateway.ts";

interface ProbeArguments {
  readonly json: boolean;
  readonly seconds: number;
}

/** So many at a time, as the gateway allows. */
const most = 8;

/** Without a name: every device of the home. Throws `use.bad_option`, `gateway.not_running`, `registry.unknown`. */
export async function probe(name: string | undefined, { json, seconds }: ProbeArguments): Promise<void> {
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 60)
    throw new GatewayError("use.bad_option", "operator", "--seconds takes a whole number from 1 to 60.");
  const { devices } = (await askGateway("devices")) as { devices?: readonly DeviceWire[] };
  const named = (devices ?? []).filter(({ id }) => name === undefined || id === name).slice(0, most);
  if (named.length === 0) {
    const known = (devices ?? []).map(({ id }) => id).join(", ");
    throw new GatewayError(
      "registry.unknown",
      "operator",
      name === undefined
        ? "This home has no device; 'hearth devices add' makes one."
        : `There is no device "${name}" here; there is ${known || "none"}.`,
    );
  }
  if (!json) process.stderr.write(`Watching ${named.map(({ id }) => id).join(", ")} for ${seconds} s …\n`);
  const probes = await Promise.all(
    named.map(async (device) => ({
      device,
      seen: (await askGateway(`devices/${encodeURIComponent(device.id)}/probe?seconds=${seconds}`)) as unknown as ProbeWire,
    })),
  );
  if (json) process.stdout.write(`${JSON.stringify({ probes: probes.map(({ seen }) => seen) })}\n`);
  else process.stdout.write(`${probes.map(({ device, seen }) => probeText(device, seen)).join("\n\n")}\n`);
}

const clocks = ["none: the samples are timed by their arrival", "counts from the device's start", "fitted by Hearth", "UTC"];
const faults: Readonly<Record<string, string>> = {
  missing: "is missing",
  type: "has the wrong type",
  range: "is out of range",
  twice: "stands twice",
  unknown: "names nothing that is there",
};

/** The whole report in people's words. */
export function probeText(device: Pick<DeviceWire, "id" | "title" | "person" | "state">, seen: ProbeWire): string {
  const wearer = device.person === null ? "nobody wears it: kept, not analysed" : `worn by ${device.person}`;
  const title = device.title === device.id ? device.id : `${device.id} (${device.title})`;
  const wrong = seen.findings.map(({ text, help }) => `  ✗ ${text}${help === undefined ? "" : `\n    → ${help}`}`);
  return [
    `${title}: ${device.state}, ${wearer}`,
    ...(seen.messages === 0
      ? [`  Nothing came in ${seen.seconds} s. Is the device on, and has it address, port, name and password as the gateway told them?`]
      : seen.topics.map(topicLine)),
    ...seen.streams.flatMap(streamLines),
    ...(wrong.length > 0 ? ["Wrong:", ...wrong] : seen.messages === 0 ? [] : ["Nothing is wrong with what came."]),
  ].join("\n");
}

function topicLine({ topic, count, least_bytes: least, most_bytes: most, encoding }: ProbeWire["topics"][number]): string {
  const size = least === most ? `${most}` : `${least}–${most}`;
  return `  ${topic === "" ? "the port" : topic}: ${count} ${count === 1 ? "message" : "messages"}, ${size} bytes${encoding === "bytes" ? "" : `, ${encoding}`}`;
}

function streamLines(stream: ProbeWire["streams"][number]): string[] {
  const { fields, batches, rate_hz: rateHz, measured_hz: measuredHz, clock, channels, uses } = stream;
  const lines = [`Stream ${stream.stream}`];
  const width = Math.max(0, ...fields.map(({ field }) => field.length));
  for (const { field, value = "", fault, note } of fields) {
    const remark =
      fault !== undefined
        ? `  ✗ ${faults[fault] ?? fault}`
        : note === "default"
          ? "  (default)"
          : note === "unread"
            ? "  (nothing reads it)"
            : "";
    lines.push(`  ${(field || "descriptor").padEnd(width)}  ${value}${remark}`.trimEnd());
  }
  if (batches === null) return [...lines, "  no samples came"];
  const measured = measuredHz === null ? "too few batches to measure it" : `${rounded(measuredHz)} Hz measured`;
  const size =
    batches.least_samples === batches.most_samples ? `${batches.most_samples}` : `${batches.least_samples}–${batches.most_samples}`;
  const missing = batches.missing_samples === 0 ? "none missing" : `${batches.missing_samples} samples missing`;
  return [
    ...lines,
    `  rate: ${rateHz} Hz said, ${measured}`,
    `  batches: ${batches.count} of ${size} samples, ${missing}${batches.boots > 1 ? `, ${batches.boots} boot ids` : ""}`,
    `  clock: ${clocks[clock ?? 0] ?? "unknown"}`,
    ...channels.map(({ channel, unit, low, high }) =>
      low === null || high === null ? `  ${channel}: no value` : `  ${channel}: ${rounded(low)} to ${rounded(high)} ${unit}`,
    ),
    ...uses.map(({ channel, text }) => `  ${channel}: ${text}`),
  ];
}

const rounded = (value: number) => Number(value.toPrecision(4)).toString();
