/** A registry that answers Prometheus text. It refuses labels that could name a person (law 8). */

import { GatewayError } from "../../device-drivers/contract/error.ts";

type Labels = Readonly<Record<string, string>>;

interface Gauge {
  set(value: number, labels?: Labels): void;
}

interface Histogram {
  observe(value: number, labels?: Labels): void;
}

interface Metrics {
  /** A number that is read elsewhere and set; by its name a counter where that ends in `_total`. */
  gauge(name: string, help: string): Gauge;
  /** @param bounds upper bounds of the buckets, ascending, without +Inf */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram;
  /** Called before each text, to set gauges that are read rather than counted. */
  onCollect(fn: () => void): void;
  text(): string;
}

interface Family {
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  lines(): string[];
}

const namePattern = /^hearth_[a-z][a-z0-9_]*$/;
const forbiddenLabels = new Set(["person", "patient", "name", "wearer"]);

/** Makes an empty registry. Asking twice for one name is a bug and throws `metrics.duplicate`; so does a label that names a person (`metrics.label`). */
export function createMetrics(): Metrics {
  const families = new Map<string, Family>();
  const collectors: (() => void)[] = [];

  function add(name: string, family: Family): void {
    if (!namePattern.test(name)) throw new GatewayError("metrics.name", "bug", `metric name ${name} is not hearth_<area>_<what>_<unit>`);
    if (families.has(name)) throw new GatewayError("metrics.duplicate", "bug", `metric ${name} is registered twice`);
    families.set(name, family);
  }

  return {
    gauge(name, help) {
      const values = new Map<string, number>();
      add(name, {
        help,
        type: name.endsWith("_total") ? "counter" : "gauge",
        lines: () => [...values].map(([key, value]) => `${name}${key} ${format(value)}`),
      });
      return { set: (value, labels = {}) => void values.set(labelText(labels), value) };
    },
    histogram(name, help, bounds) {
      const series = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>();
      add(name, {
        help,
        type: "histogram",
        lines: () =>
          [...series.values()].flatMap(({ labels, counts, sum, count }) => [
            ...bounds.map((bound, i) => `${name}_bucket${labelText({ ...labels, le: format(bound) })} ${counts[i] ?? 0}`),
            `${name}_bucket${labelText({ ...labels, le: "+Inf" })} ${count}`,
            `${name}_sum${labelText(labels)} ${format(sum)}`,
            `${name}_count${labelText(labels)} ${count}`,
          ]),
      });
      return {
        observe(value, labels = {}) {
          const key = labelText(labels);
          const entry = series.get(key) ?? { labels, counts: bounds.map(() => 0), sum: 0, count: 0 };
          series.set(key, entry);
          bounds.forEach((bound, i) => {
            if (value <= bound) entry.counts[i] = (entry.counts[i] ?? 0) + 1;
          });
          entry.sum += value;
          entry.count += 1;
        },
      };
    },
    onCollect: (fn) => void collectors.push(fn),
    text() {
      for (const collect of collectors) collect();
      const blocks = [...families].map(([name, family]) =>
        [
          `# HELP ${name} ${family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
          `# TYPE ${name} ${family.type}`,
          ...family.lines(),
        ].join("\n"),
      );
      return blocks.length === 0 ? "" : `${blocks.join("\n")}\n`;
    },
  };
}

function labelText(labels: Labels): string {
  const entries = Object.entries(labels);
  for (const [key] of entries) {
    if (forbiddenLabels.has(key)) throw new GatewayError("metrics.label", "bug", `a metric must not carry the label ${key}`);
  }
  if (entries.length === 0) return "";
  return `{${entries.map(([key, value]) => `${key}="${escapeLabel(value)}"`).join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function format(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
}
