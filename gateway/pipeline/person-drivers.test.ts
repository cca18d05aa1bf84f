import { expect, test } from "vitest";
import { type Driver, emptyCounters } from "../../device-drivers/contract/driver.ts";
import type { SampleBlock } from "../../device-drivers/contract/sample-block.ts";
import { xsensMti } from "../../device-drivers/xsens-mti/driver.ts";
import { encodeMtData2 } from "../../device-drivers/xsens-mti/frame.ts";
import { createPersonDrivers } from "./person-drivers.ts";
import { isTold } from "./reception.ts";

const stamps = (s: number) => ({ timeUs: s * 1e6, monotonicUs: s * 1e6, wallUs: s * 1e6, wallQuality: "fake" }) as const;

function driversOf(driver: Driver) {
  const drivers = createPersonDrivers(() => ({ driver, options: {} }));
  return {
    drivers,
    send: (s: number, bytes: Uint8Array) => drivers.decode({ link: "tcp", device: "tag", channel: "", bytes, stamps: stamps(s) }),
    told: (s: number) => (drivers.reception("tag")?.findings() ?? []).filter((finding) => isTold(finding, s * 1e6)).map(({ code }) => code),
  };
}

test("a port on which something else speaks is told after 5 s, and the first measurement ends it", () => {
  const { drivers, send, told } = driversOf(xsensMti as Driver);
  for (let s = 0; s <= 5; s++) send(s, new TextEncoder().encode("$GPGGA,123519,4807.038,N\r\n"));
  expect(told(5)).toEqual(["driver.no_frame"]);
  expect(drivers.reception("tag")?.decodedUs).toBeUndefined();
  send(6, encodeMtData2({ packetCounter: 1, sampleTimeFine: 100, acceleration: [0, 0, 9.8] }));
  expect(told(6)).toEqual([]);
  expect(drivers.reception("tag")?.decodedUs).toBe(6e6);
});

test("a driver that falls over every chunk is told as that, and stays one device's trouble until it gives samples again", () => {
  let isBroken = true;
  const fragile: Driver = {
    ...{ name: "fragile", title: "Fragile", options: xsensMti.options, silenceMs: 1000 },
    create: () => ({
      ...{ counters: emptyCounters(), refusals: () => [], state: () => undefined },
      push() {
        if (isBroken) throw new Error("a fault of the driver");
        return [{ kind: "samples" } as SampleBlock];
      },
    }),
  };
  const { drivers, send, told } = driversOf(fragile);
  for (let s = 0; s <= 5; s++) expect(send(s, Uint8Array.of(1))).toEqual([]);
  expect(told(5)).toEqual(["driver.fault"]);
  expect(drivers.counters("tag")?.discarded).toEqual({ "driver.fault": 6 });
  isBroken = false;
  expect(send(6, Uint8Array.of(1))).toHaveLength(1);
  expect(told(6)).toEqual([]);
});
