/** `hearth status`: gateway, devices, outbox and what is watched, when something of it changes and when a message asks. */

import type { ConnectionState } from "../../client/connection.ts";
import type { Http } from "../../client/http.ts";
import type { Device, Outbox, OwnStatus, Person } from "../../client/wire.ts";
import type { NodeType } from "../../node-red/host.ts";
import { createActing } from "../acting.ts";
import { repeat } from "../repeating.ts";
import { awayPicture, type HomePicture, keyOf, lineOf, pictureOf } from "./status.ts";

const lookEveryMs = 5000;

export const status: NodeType = {
  type: "hearth status",
  open(_settings, host) {
    const act = createActing(host);
    let last = "";
    const tell = (picture: HomePicture) => {
      const { look, key, values } = lineOf(picture);
      host.status(look, key, values);
      const now = keyOf(picture);
      if (now !== last) host.send({ topic: picture.connected ? "connected" : "away", payload: picture });
      last = now;
    };
    const stopRepeating = repeat(host, lookEveryMs, async (http) => tell(await askAll(http)));
    const stopWatching = host.gateway?.onState((state: ConnectionState) => {
      if (state.kind !== "live" && last !== "") tell(awayPicture(state));
    });
    return {
      async input(message, send) {
        send({ ...message, payload: await act(askAll) });
      },
      close() {
        stopRepeating();
        stopWatching?.();
      },
    };
  },
};

async function askAll(http: Http): Promise<HomePicture> {
  const [status, { devices }, { outbox }, { people }] = (await Promise.all(
    ["status", "devices", "outbox", "people"].map((path) => http.json("GET", `/api/v1/${path}`)),
  )) as [OwnStatus, { devices: Device[] }, { outbox: Outbox }, { people: Person[] }];
  return pictureOf({ status, devices, outbox, people });
}
