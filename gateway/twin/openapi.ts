/** OpenAPI 3.1 of the twin's HTTP door, made from one table of routes. A test asks every route here and finds every route of the app here. */

import { openApiDocument } from "../api/openapi-document.ts";
import { paged, type RouteDoc } from "../api/route-doc.ts";
import { actVerbs } from "../semantic/act.ts";
import { twinSchemas } from "./openapi-schemas.ts";

type Query = NonNullable<RouteDoc["query"]>;

const json = (schema: object) => ({ type: "application/json", schema });
const ref = (name: keyof typeof twinSchemas) => ({ $ref: `#/components/schemas/${name}` });
const record = (fields: Readonly<Record<string, object>>) => ({ type: "object", required: Object.keys(fields), properties: fields });
const some = (name: keyof typeof twinSchemas) => ({ type: "array", items: ref(name) });
const person = { type: "string" };
const orNull = (schema: object) => ({ anyOf: [schema, { type: "null" }] });

const time = {
  anyOf: [
    { type: "string", format: "date-time" },
    { type: "number", minimum: 0 },
  ],
};
const home = { name: "home", says: "Which of the token's homes; its first one unless told." };
const span: Query = [
  { name: "from", says: "Begin: ISO 8601, seconds or microseconds since 1970; five minutes before the end unless told.", schema: time },
  { name: "to", says: "End, after from; the newest that the twin has unless told.", schema: time },
];

const ofPerson = (rest: string, says: string, query: Query, answer: object): RouteDoc => ({
  ...{ method: "get", path: `/api/v1/people/{id}/${rest}`, says },
  query: [...query, home],
  answer: json(answer),
});

export const twinRoutes: readonly RouteDoc[] = [
  {
    ...{ method: "get", path: "/healthz", says: "200 while it answers.", isOpen: true },
    answer: json(record({ status: { type: "string" } })),
  },
  {
    ...{ method: "get", path: "/metrics", isOpen: true },
    says: "Prometheus text of all homes together. Open to programs of this machine; elsewhere, and through a proxy, an admin's or integrator's token is asked for.",
    answer: { type: "text/plain" },
  },
  { method: "get", path: "/api/v1/openapi.json", says: "This document.", isOpen: true, answer: json({ type: "object" }) },
  {
    method: "get",
    path: "/api/v1/status",
    says: "The twin's time and version, and what the token opens.",
    query: [home],
    answer: json(ref("Status")),
  },
  {
    ...{ method: "get", path: "/api/v1/incidents", query: [home] },
    says: "When many gateways fell silent together, newest first, at most 50 (admin, integrator).",
    answer: json(record({ incidents: some("Incident") })),
  },
  {
    ...{ method: "get", path: "/api/v1/fleet", query: [home, ...paged] },
    says: "What waits in the stream of all workers, how fast it goes, and the last word of the gateway of each home that the token opens.",
    answer: json(ref("Fleet")),
  },
  {
    ...{ method: "post", path: "/api/v1/enrolments", isOpen: true },
    says: "A gateway uses its claim: enrols with a key of its own. The claim is its own proof; the answer is signed by the twin.",
    body: { type: "application/json", schema: ref("JoinBody") },
    answer: { ...json(record({ password: orNull({ type: "string" }), signature: { type: "string" } })), status: 201 },
  },
  {
    ...{ method: "get", path: "/api/v1/gateways", query: [home, ...paged] },
    says: "The gateway of each home that the token opens, in pages, or of the one asked for.",
    answer: json({ type: "object", required: ["gateways"], properties: { gateways: some("Gateway"), cursor: { type: "string" } } }),
  },
  {
    ...{ method: "get", path: "/api/v1/gateways/{id}/desired" },
    ...{ query: [home], says: "What is wished of the gateway, and what it has said of that." },
    answer: json(ref("Wish")),
  },
  {
    ...{ method: "put", path: "/api/v1/gateways/{id}/desired", query: [home] },
    says: "Wishes (admin): signed and sent to the gateway. What asks for less is followed; what would send more than somebody at home has allowed waits for that. 409 where `version` is not the newest.",
    body: { type: "application/json", schema: ref("WishBody") },
    answer: json(record({ desired: ref("Desired") })),
  },
  {
    ...{ method: "get", path: "/api/v1/people", query: [home], says: "Of whom the home has sent something." },
    answer: json(record({ people: { type: "array", items: record({ id: person, name: { type: ["string", "null"] } }) } })),
  },
  ofPerson("state", "How it stands, as of the newest that has come.", [], ref("State")),
  ofPerson("vitals", "Numbers of the span, the newest 10,000.", span, record({ person, vitals: some("Vital") })),
  ofPerson(
    "minutes",
    "A row a minute, number and device, the newest 10,000; kept for years.",
    [...span, { name: "code", says: "Only this number's (hr, spo2, temp, resp, beat.N …)." }],
    record({ person, minutes: some("Minute") }),
  ),
  ofPerson(
    "beats",
    "Beats, rhythms and gaps of the span, the newest 10,000 of each.",
    span,
    record({ person, beats: some("Beat"), rhythms: some("Rhythm"), gaps: some("Gap") }),
  ),
  ofPerson("rhythms", "Rhythms and gaps of the span.", span, record({ person, rhythms: some("Rhythm"), gaps: some("Gap") })),
  ofPerson(
    "coverage",
    "Watched seconds by rule within the span, of at most 40 days.",
    [
      ...span,
      {
        name: "parts",
        says: "Also of so many parts of equal length; 1 unless told.",
        schema: { type: "integer", minimum: 1, maximum: 48 },
      },
    ],
    ref("Coverage"),
  ),
  ofPerson(
    "alerts",
    "Alerts, newest first, at most 500.",
    [{ name: "open", says: "true = those that ask for somebody, or are still true.", schema: { type: "boolean" } }],
    record({ person, alerts: some("Alert") }),
  ),
  ofPerson(
    "strip",
    "Signal of a span of at most 10 min; without one the newest strip. Give both times, or neither.",
    span.map(({ says: _says, ...each }) => ({
      ...each,
      says: `${each.name === "from" ? "Begin" : "End"}: ISO 8601, seconds or microseconds since 1970.`,
    })),
    ref("Strip"),
  ),
  ofPerson("pose", "Stretches of the body in motion, of at most 300 s.", span, record({ person, stretches: some("Pose") })),
  ofPerson(
    "kept/{kind}",
    "Payloads of a kind that has no question of its own, as they came.",
    span,
    record({ person, kind: { type: "string" }, payloads: { type: "array", items: { type: "object" } } }),
  ),
  ...actVerbs.map(
    (verb): RouteDoc => ({
      ...{ method: "post", path: `/api/v1/alerts/{id}/${verb}`, query: [home] },
      says: `Asks the home to ${verb} the alert by this name. 200 when the home has answered within 5 s, else 202: it is asked again for ten minutes (GET /acts/{id}).`,
      body: { type: "application/json", schema: ref("ActBody") },
      answer: json(record({ alert: orNull(ref("Alert")), act: ref("Act") })),
    }),
  ),
  { method: "get", path: "/api/v1/acts/{id}", query: [home], says: "What has come of it.", answer: json(record({ act: ref("Act") })) },
  {
    ...{ method: "get", path: "/api/v1/live" },
    says: "Server-sent events of the token's homes: hello, ping, alert, beats, strip, gateway; each says of which home it is. The token may come as ?token= where a browser's EventSource cannot send a header.",
    query: [
      { name: "token", says: "Bearer token, for EventSource." },
      { ...home, says: "Only this one's." },
    ],
    answer: { type: "text/event-stream", schema: { type: "string", description: "Each event's data is JSON." } },
  },
];

/** The document for this version. */
export function twinOpenApi(version: string): object {
  return openApiDocument({
    info: {
      title: "Hearth twin",
      version,
      summary: "What homes have sent of themselves.",
      description:
        "Hearth is not a medical device and does not replace emergency services. A token opens one home or several; every other one looks as if it were not there (404). An alert changes by its home's word alone.",
    },
    ...{ routes: twinRoutes, schemas: twinSchemas },
  });
}
