/** `hearth vitals`: heart rate and what devices measure, with quality and age, when it changes or at even times. */

import type { Person, Status } from "../../client/wire.ts";
import type { NodeType } from "../../node-red/host.ts";
import { watchPersons } from "../known-persons.ts";
import { repeat } from "../repeating.ts";
import { createNews, readingsOf, vitalChoice } from "./readings.ts";

export const vitals: NodeType = {
  type: "hearth vitals",
  open(settings, host) {
    const { gateway, send, nowMs } = host;
    const choice = vitalChoice(settings);
    const newsOf = createNews(choice);
    let sent = 0;
    /** The gateway's clock against ours. */
    let aheadMs = 0;
    const stopStatus = gateway?.onEvent("status", (data) => {
      aheadMs = Date.parse((data as { status: Status }).status.time) - nowMs();
    });
    const { status, close: stopWatching } = watchPersons(host, choice.persons);
    const stop = repeat(host, choice.everyS * 1000, async (http) => {
      const { people } = (await http.json("GET", "/api/v1/people")) as { people: Person[] };
      const news = newsOf(people.flatMap((person) => readingsOf(person, nowMs() + aheadMs)));
      for (const reading of news) send({ topic: `${reading.person}/${reading.code}`, ...reading, payload: reading.value });
      sent += news.length;
      const latest = news.at(-1);
      if (latest !== undefined || sent === 0) {
        if (latest === undefined) status("idle", "vitals.status.nothing");
        else if (latest.value === null) status("waiting", "vitals.status.unknown", { code: latest.code, sent });
        else status("good", "vitals.status.value", { code: latest.code, value: latest.value, unit: latest.unit, sent });
      }
    });
    return {
      close() {
        stop();
        stopStatus?.();
        stopWatching();
      },
    };
  },
};
