import { expectTypeOf, test } from "vitest";
import type { DeviceAccount, LimitView } from "../setup/setup-port.ts";
import type { Account, Alert, Calibration, Device, Limit, Person, Reach, Status } from "../web/wire-types.ts";
import type { calibrationToWire } from "./calibration-wire.ts";
import type { reachToWire } from "./reach-wire.ts";
import type { alertToWire, deviceToWire, personToWire, statusToWire } from "./wire.ts";

test("what the API answers is what the page believes that it reads", () => {
  expectTypeOf<ReturnType<typeof alertToWire>>().toExtend<Alert>();
  expectTypeOf<ReturnType<typeof personToWire>>().toExtend<Person>();
  expectTypeOf<ReturnType<typeof deviceToWire>>().toExtend<Device>();
  expectTypeOf<ReturnType<typeof statusToWire>>().toExtend<Status>();
  expectTypeOf<ReturnType<typeof reachToWire>>().toExtend<Reach>();
  expectTypeOf<ReturnType<typeof calibrationToWire>>().toExtend<Calibration>();
  expectTypeOf<DeviceAccount>().toExtend<Account>();
  expectTypeOf<LimitView>().toExtend<Limit>();
});
