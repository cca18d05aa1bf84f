/** The routes about what leaves the house, in openapi.json. */

import { type RouteDoc, ref } from "./route-doc.ts";

const path = "/api/v1/people/{id}/consent";
const answer = { type: "application/json", schema: ref("Consent") } as const;

export const consentRoutes: readonly RouteDoc[] = [
  { method: "get", path, says: "What of a person may leave the house for the twin, how much of it did today, and since when.", answer },
  {
    method: "put",
    path,
    says: "Changes it: the person and an admin either way, a carer only to less. What is taken back leaves no more from then on, rows that wait included.",
    body: { type: "application/json", schema: ref("ConsentBody") },
    answer,
  },
];
