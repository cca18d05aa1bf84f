/** The routes about what is wished of this gateway, in openapi.json. */

import { type RouteDoc, ref } from "./route-doc.ts";

const path = "/api/v1/twin/gateways/{id}/desired";

export const wishRoutes: readonly RouteDoc[] = [
  {
    method: "get",
    path,
    says: "What is wished of this gateway at its twin, and what it has said of that. {id} is the gateway's, as in /status.",
    answer: { type: "application/json", schema: ref("Wish") },
  },
  {
    method: "put",
    path,
    says: "Wishes (admin): the twin signs it and sends it to the gateway. What asks for less is followed; what would send more than somebody at home has allowed waits for that (`waiting`), and what is no part of a wish (limits, rules, channels) is ignored. 409 where `version` is not the newest.",
    body: { type: "application/json", schema: ref("WishBody") },
    answer: {
      type: "application/json",
      schema: { type: "object", required: ["desired"], properties: { desired: ref("Desired") } },
    },
  },
];
