/** OpenAPI 3.1 of the HTTP door, made from one table of routes. A test asks every route here and finds every route of the app here. */

import { channelKinds } from "../../device-drivers/contract/sample-block.ts";
import { alertVerbs } from "../alert/verbs.ts";
import { accessRoutes } from "./openapi-access.ts";
import { calibrationRoutes } from "./openapi-calibrate.ts";
import { consentRoutes } from "./openapi-consent.ts";
import { openApiDocument } from "./openapi-document.ts";
import { learnRoutes } from "./openapi-learn.ts";
import { liveEvents } from "./openapi-live.ts";
import { outsideRoutes } from "./openapi-outside.ts";
import { schemas } from "./openapi-schemas.ts";
import { setupRoutes } from "./openapi-setup.ts";
import { wishRoutes } from "./openapi-wish.ts";
import { list, ofPerson, one, paged, type RouteDoc, ref } from "./route-doc.ts";

const time = {
  anyOf: [
    { type: "string", format: "date-time" },
    { type: "number", minimum: 0 },
  ],
};
const count = (maximum: number) => ({ type: "integer", minimum: 1, maximum });
const span = [
  { name: "from", says: "Begin: ISO 8601 or seconds since 1970.", required: true, schema: time },
  { name: "to", says: "End, after from.", required: true, schema: time },
];
const actions = list("actions", "DemoAction");

export const routes: readonly RouteDoc[] = [
  {
    method: "get",
    path: "/healthz",
    says: "200 while every part works, else 503. Programs of this machine are told which parts do not.",
    isOpen: true,
    answer: {
      type: "application/json",
      schema: {
        type: "object",
        required: ["status"],
        properties: { status: { type: "string" }, failing: { type: "array", items: { type: "string" } } },
      },
    },
  },
  {
    method: "get",
    path: "/metrics",
    says: "Prometheus text; never a person as a label. Open to programs of this machine; elsewhere, and through a proxy, an admin's or integrator's token is asked for (http.metrics).",
    isOpen: true,
    answer: { type: "text/plain" },
  },
  {
    method: "get",
    path: "/api/v1/openapi.json",
    says: "This document.",
    isOpen: true,
    answer: { type: "application/json", schema: { type: "object" } },
  },
  { method: "get", path: "/api/v1/status", says: "The gateway as a whole.", answer: one("Status") },
  {
    method: "get",
    path: "/api/v1/reach",
    says: "Addresses, ports and certificate by which devices reach this home.",
    answer: one("Reach"),
  },
  {
    method: "get",
    path: "/api/v1/people",
    says: "Who lives here, with heart rate, its age and the watched time per rule.",
    query: paged,
    answer: list("people", "Person"),
  },
  {
    method: "get",
    path: "/api/v1/devices",
    says: "Devices with state, counters and who wore them when.",
    query: [ofPerson, ...paged],
    answer: list("devices", "Device"),
  },
  {
    method: "get",
    path: "/api/v1/devices/{id}/probe",
    says: "Watches what the device sends, and answers when the time is over.",
    query: [{ name: "seconds", says: "1 to 60; 10 unless told.", schema: count(60) }],
    answer: one("Probe"),
  },
  {
    method: "get",
    path: "/api/v1/streams",
    says: "Streams of all devices.",
    query: [ofPerson, ...paged],
    answer: list("streams", "Stream"),
  },
  { method: "get", path: "/api/v1/models", says: "Models with version, hash and state.", query: paged, answer: list("models", "Model") },
  {
    method: "get",
    path: "/api/v1/outbox",
    says: "What waits for the twin.",
    answer: { type: "application/json", schema: { type: "object", required: ["outbox"], properties: { outbox: ref("Outbox") } } },
  },
  {
    method: "get",
    path: "/api/v1/alerts",
    says: "Alerts, newest first.",
    query: [
      { name: "person", says: "Only this person's." },
      { name: "open", says: "true = asks for somebody or is still true, false = resolved or closed.", schema: { type: "boolean" } },
      { name: "limit", says: "1 to 500.", schema: count(500) },
      { name: "cursor", says: "The cursor of the page before.", schema: { type: "string", pattern: "^[0-9]{1,16}\\.[0-9]{1,16}$" } },
    ],
    answer: list("alerts", "Alert"),
  },
  ...alertVerbs.map(
    ({ verb, says }): RouteDoc => ({
      method: "post",
      path: `/api/v1/alerts/{id}/${verb}`,
      says,
      body: { type: "application/json", schema: ref("VerbBody") },
      answer: {
        type: "application/json",
        schema: { type: "object", required: ["alert", "already"], properties: { alert: ref("Alert"), already: { type: "boolean" } } },
      },
    }),
  ),
  {
    method: "get",
    path: "/api/v1/alerts/{id}/strip",
    says: "The signal that the alert was read from, 15 s on either side; no traces where none shows it or none is kept any more.",
    answer: one("Strip"),
  },
  {
    method: "get",
    path: "/api/v1/live",
    says: "Server-sent events: hello, ping, samples, quality, beat, event, alert, device, status. hello and alert have an id: come back with it in Last-Event-ID and what changed of alerts meanwhile is told first, over a restart of the gateway too (then each alert that changed, as it is now; one may come twice). reset instead says that too much came: read /alerts anew. The token may come as ?token= where a browser's EventSource cannot send a header.",
    query: [
      { name: "token", says: "Bearer token, for EventSource." },
      { name: "person", says: "Only this person's messages." },
      {
        name: "events",
        says: "Only these events, with commas; all but result unless told. result is what every model says of each window.",
        schema: {
          type: "string",
          pattern: `^(${Object.keys(liveEvents).join("|")})(,(${Object.keys(liveEvents).join("|")}))*$`,
          maxLength: 200,
        },
      },
      {
        name: "kinds",
        says: "Samples of channels of these kinds, with commas, or all; ecg, ppg and acc unless told.",
        schema: { type: "string", pattern: `^(all|(${channelKinds.join("|")})(,(${channelKinds.join("|")}))*)$`, maxLength: 200 },
      },
    ],
    answer: {
      type: "text/event-stream",
      schema: {
        type: "string",
        description: `Each event's data is JSON. ${Object.entries(liveEvents)
          .map(([event, schema]) => `${event}: #/components/schemas/${schema}`)
          .join("; ")}. hello, ping and reset carry nothing.`,
      },
    },
  },
  {
    method: "get",
    path: "/api/v1/people/{id}/strip",
    says: "Samples and events of a span of at most 10 min.",
    query: span,
    answer: one("Strip"),
  },
  {
    method: "get",
    path: "/api/v1/people/{id}/coverage",
    says: "Watched seconds per rule within the span.",
    query: span,
    answer: one("Coverage"),
  },
  {
    method: "put",
    path: "/api/v1/devices/{id}/wearing",
    says: "Who wears the device from now on, or since a time at which nobody wore it. What came before stays with whoever wore it then.",
    body: { type: "application/json", schema: ref("WearingBody") },
    answer: {
      type: "application/json",
      schema: {
        type: "object",
        required: ["device", "person", "placement"],
        properties: { device: { type: "string" }, person: { type: ["string", "null"] }, placement: { type: "string" } },
      },
    },
  },
  ...outsideRoutes,
  ...setupRoutes,
  ...learnRoutes,
  ...calibrationRoutes,
  ...consentRoutes,
  {
    method: "post",
    path: "/api/v1/people/{id}/leave",
    says: "Erases the person from home and twin, for good (admin). The gateway closes for a moment to do so: every connection ends and may come again. The receipt is there when it is done.",
    body: { type: "application/json", schema: ref("LeaveBody") },
    answer: {
      type: "application/json",
      schema: { type: "object", required: ["receipt"], properties: { receipt: { type: "string" } } },
      status: 202,
    },
  },
  {
    method: "get",
    path: "/api/v1/receipts",
    says: "What was erased with those who have left (admin).",
    query: paged,
    answer: list("receipts", "Receipt"),
  },
  { method: "get", path: "/api/v1/receipts/{id}", says: "One of them; 404 until everything at home is erased.", answer: one("Receipt") },
  { method: "get", path: "/api/v1/demo/actions", says: "The demo's buttons; empty in real mode.", answer: actions },
  {
    method: "post",
    path: "/api/v1/demo/actions/{id}",
    says: "Presses a button of the demo. Playing a file takes a form with NAME.hea and NAME.dat (or NAME.mat), 64 MB at most; without a form it goes back.",
    body: {
      type: "multipart/form-data",
      schema: {
        type: "object",
        properties: { file: { type: "array", items: { type: "string", contentMediaType: "application/octet-stream" } } },
      },
    },
    answer: actions,
  },
  ...wishRoutes,
  {
    method: "get",
    path: "/api/v1/twin/{path}",
    says: "What the twin answers to GET /api/v1/{path}: gateways, people/{id}/state, vitals, beats, alerts, strip, pose, forecast.",
    answer: { type: "application/json", schema: {} },
  },
  ...accessRoutes,
];

const shapes = routes.map(({ method, path }) => ({
  method: method.toUpperCase(),
  path: new RegExp(
    `^${path
      .replaceAll(".", "\\.")
      .replaceAll("{path}", ".+")
      .replaceAll(/\{\w+\}/g, "[^/]+")}$`,
  ),
}));

/** Methods of the routes that an address has; empty where it is none. */
export function methodsOf(address: string): readonly string[] {
  return [...new Set(shapes.flatMap(({ method, path }) => (path.test(address) ? [method] : [])))];
}

/** The document for this version. */
export function openApi(version: string): object {
  return openApiDocument({
    info: {
      title: "Hearth gateway",
      version,
      summary: "A health gateway that stays at home.",
      description:
        "Hearth is not a medical device and does not replace emergency services. Roles: patient, caregiver, integrator, admin; an integrator may not answer alerts. A token may be bound to persons: what concerns only others is then not found.",
    },
    ...{ routes, schemas, isForDevices: true },
  });
}
