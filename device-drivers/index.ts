/** THE registry of drivers: name → lazy import, one line each. Its keys are the names that a configuration may use. */

import type { Driver } from "./contract/driver.ts";

export type DriverRegistry = Readonly<Record<string, () => Promise<Driver>>>;

export const driverRegistry: DriverRegistry = {
  "hearth-stream": async () => (await import("./hearth-stream/driver.ts")).hearthStream as Driver,
  "xsens-mti": async () => (await import("./xsens-mti/driver.ts")).xsensMti as Driver,
};
