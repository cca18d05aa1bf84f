/** The periods in which a gateway looks at itself. */

import { keepWithin } from "../journal/retention.ts";
import { createDecodingWatch } from "../view/decoding-watch.ts";
import type { DeviceViews } from "../view/device-views.ts";
import type { GatewayMetrics } from "../view/gateway-metrics.ts";
import type { GatewayView } from "../view/view-port.ts";
import type { House, River } from "./parts.ts";

const [tickMs, secondMs, minuteMs, retentionMs] = [250, 1000, 60_000, 600_000];

/** What time itself makes true. */
export function startTimers(
  house: House & River & { readonly deviceViews: DeviceViews; readonly view: GatewayView; readonly metrics: GatewayMetrics },
): void {
  const { clock, log, opened, signals, journal, pipeline, stamps, nowUs, registry, liveState, alertService, watchAnalysis, view } = house;
  const refused = signals.storeRefused.tell;
  alertService.set("storage.damaged", house.damaged.length > 0);
  watchAnalysis();
  const watchDecoding = createDecodingWatch({ ...house, devices: house.deviceViews, set: alertService.set });
  const showStatus = () => liveState.publish({ kind: "status", status: view.status() });
  const stops = [
    house.models.host.onState(() => {
      watchAnalysis();
      showStatus();
    }),
    clock.every(tickMs, () => pipeline.advance(nowUs())),
    clock.every(secondMs, () => {
      house.strips.fill(nowUs()).catch(refused);
      watchDecoding();
      showStatus();
    }),
    clock.every(retentionMs, () => {
      // What a state needs to be brought up to date is not dropped: the state goes first.
      const drop = (lane: string, day: string) => pipeline.snapshot(lane).then(() => journal.dropBefore(lane, day));
      keepWithin(house.journalDir, house.config.journal.maxBytes, drop).then(
        (days) => days.length > 0 && log.info({ days: days.length }, "the oldest days of the journal were dropped"),
        refused,
      );
    }),
    clock.every(minuteMs, () => {
      watchAnalysis();
      alertService.set("gateway.lag", house.metrics.lagP99Ms() > 100);
      alertService.set("gateway.clock", Math.abs(clock.wallUs() - nowUs()) > minuteMs * 1000);
      if (stamps.putRight()) {
        log.warn({}, "the clock has been put right, and all times with it");
        pipeline.axisMoved();
        liveState.axisMoved(nowUs());
        registry.wornBy(nowUs()).catch(refused);
        for (const dated of [house.limits, house.learning, house.calibrations, house.consents, house.outward])
          dated.putRight(nowUs()).catch(refused);
        alertService.axisMoved();
      }
    }),
  ];
  for (const stop of stops) opened.defer(stop);
}
