/** Opens what decides how much leaves the house: consents, the modes that follow from them, the gate at the outbox. */

import { createGate } from "../consent/clear-row.ts";
import { createConsentDesk } from "../consent/consent-desk.ts";
import { createModeHistory } from "../consent/mode-history.ts";
import { createModes } from "../consent/modes.ts";
import { reportOf } from "../consent/report.ts";
import { createSentToday } from "../consent/sent-today.ts";
import { readWish } from "../consent/wish.ts";
import type { Kept } from "../disk/open-kept.ts";
import { gatewayPerson } from "../people/registry.ts";
import { codecs } from "../semantic/codecs/index.ts";
import type { People } from "../setup/open-people.ts";
import { createRoom } from "../setup/room.ts";
import { keptWish } from "../sync/start-sync.ts";
import type { Alerting, Base, Outward } from "./parts.ts";

export async function openOutward(parts: Base & Kept & People & Alerting): Promise<Outward> {
  const { clock, log, opened, signals, store, nowUs, registry, consents, pseudonyms, alertService } = parts;
  const people = () => registry.people().map(({ id }) => id);
  const aliasOf = pseudonyms.person;
  const called = (name: string) => registry.people().find((person) => person.name === name || person.id === name);
  const names = {
    person: aliasOf,
    name(name: string) {
      const resident = called(name);
      return resident === undefined ? name : pseudonyms.name(resident.id);
    },
  };
  const history = createModeHistory(store, nowUs);
  const sentToday = createSentToday(store, clock);
  opened.defer(sentToday.close);
  for (const person of people()) await history.open(person);
  await sentToday.open(people());

  const listeners = new Set<() => void>();
  let isTold = true;
  /** Once for all that changes in one turn. */
  const tell = () => {
    if (!isTold) return;
    isTold = false;
    queueMicrotask(() => {
      isTold = true;
      for (const fn of listeners) fn();
    });
  };
  const isAlarm = ({ kind, priority, endedUs }: { kind: string; priority: string; endedUs?: number }) =>
    kind === "physiological" && priority === "high" && endedUs === undefined;
  const modes = createModes({
    ...{ consents, history, people, aliasOf, onStoreError: signals.storeRefused.tell, onChange: tell },
    isDecodable: (decoders) => codecs.some(({ hash }) => decoders.includes(hash)),
    alarmed: () => new Set(alertService.desk.open().flatMap((alert) => (isAlarm(alert) ? [alert.person] : []))),
    onBacklog: (isLarge) =>
      log.warn({ isLarge }, isLarge ? "so much waits for the twin that no waveform is made for it" : "waveform is made again"),
  });
  opened.defer(modes.close);
  // Before the river goes on: what it packs again is packed as it was.
  modes.setWish(readWish((await keptWish(store))?.settings ?? {}));
  consents.onChange(tell);
  signals.alertsChanged.add(modes.look);
  return {
    decoders: () => modes.wish.decoders,
    ...{
      modeOf: history.modeOf,
      consent: createConsentDesk({ consents, modes, sentToday, nowUs, takeChange: createRoom(registry, nowUs).takeChange }),
    },
    clear: createGate({ consentOf: consents.of, names, plainUntilUs: pseudonyms.plainUntilUs, house: gatewayPerson }),
    onSent: sentToday.add,
    onBacklog: modes.setBacklog,
    onWish: (settings) => modes.setWish(readWish(settings)),
    followed: () => reportOf(people(), { modes, aliasOf, consentOf: consents.of }),
    onChange: (fn) => void listeners.add(fn),
    twinNames: () => registry.people().flatMap(({ id, name }) => [[aliasOf(id), id] as const, [pseudonyms.name(id), name] as const]),
    putRight: history.putRight,
  };
}
