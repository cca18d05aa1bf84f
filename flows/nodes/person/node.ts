/** `hearth person`: who lives here, who wears what, who is away, and what changes of it; a message says where somebody is. */

import type { Http } from "../../client/http.ts";
import type { Device, Person } from "../../client/wire.ts";
import type { NodeType } from "../../node-red/host.ts";
import { createActing } from "../acting.ts";
import { watchPersons } from "../known-persons.ts";
import { repeat } from "../repeating.ts";
import { wordsOf } from "../settings.ts";
import { createLookNews, looksOf, type PersonLook, presenceRequest } from "./presence.ts";

const lookEveryMs = 5000;

export const person: NodeType = {
  type: "hearth person",
  open(settings, host) {
    const act = createActing(host);
    const wanted = wordsOf(settings.persons);
    const newsOf = createLookNews();
    const { status, close: stopWatching } = watchPersons(host, wanted);
    const ask = async (http: Http) => {
      const [{ people }, { devices }] = (await Promise.all(["people", "devices"].map((path) => http.json("GET", `/api/v1/${path}`)))) as [
        { people: Person[] },
        { devices: Device[] },
      ];
      const looks = looksOf(people, devices, wanted);
      const worn = looks.reduce((sum, look) => sum + look.devices.length, 0);
      status("good", "person.status.here", { people: looks.length, worn });
      return looks;
    };
    const stop = repeat(host, lookEveryMs, async (http) => {
      for (const look of newsOf(await ask(http))) host.send(messageOf(look));
    });
    return {
      async input(message, send) {
        const payload = await act(async (http) => {
          const said = presenceRequest(message, wanted);
          if (said !== undefined) await http.json("PUT", `/api/v1/people/${said.person}/presence`, said.body);
          return ask(http);
        });
        send({ ...message, payload });
      },
      close() {
        stop();
        stopWatching();
      },
    };
  },
};

const messageOf = (look: PersonLook) => ({ topic: look.person, payload: look });
