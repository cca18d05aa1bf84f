/** The set-up routes in openapi.json. */

import type { RouteDoc } from "./route-doc.ts";
import type { setupBodies } from "./setup-bodies.ts";

const json = (properties: Readonly<Record<string, object>>, required = Object.keys(properties)) => ({
  type: "application/json",
  schema: { type: "object", required, properties },
});
const body = (name: keyof typeof setupBodies) => ({ type: "application/json", schema: { $ref: `#/components/schemas/${name}` } });
const text = { type: "string" };
const account = {
  type: "object",
  description: "The device's MQTT account; the password is shown only here.",
  required: ["url", "user", "password", "topic"],
  properties: { url: text, networkUrl: text, user: text, password: text, topic: text },
};

const number = { type: "number" };
const limit = {
  type: "object",
  required: ["name", "describes", "rules"],
  properties: {
    ...{ name: text, describes: text, unit: text, minimum: number, maximum: number },
    everybodys: { ...number, description: "This home's; absent where the rule is off until a person has a number of their own." },
    own: { ...number, description: "This person's, before everybody's." },
    rules: { type: "array", items: text },
    priority: { ...text, enum: ["high", "medium", "low", "info"] },
  },
};
const change = { type: "object", required: ["from", "by"], properties: { from: { ...text, format: "date-time" }, by: text } };

export const setupRoutes: readonly RouteDoc[] = [
  {
    method: "get",
    path: "/api/v1/people/{id}/limits",
    says: "What a person's rules go by, with unit, range and everybody's number, and when it was changed.",
    answer: json({ person: text, limits: { type: "array", items: limit }, changes: { type: "array", items: change } }),
  },
  {
    method: "put",
    path: "/api/v1/people/{id}/limits",
    says: "Changes a person's own limits (admin), from the moment that is answered on. 409 limits.confirm asks for confirm where a high rule would tell less.",
    body: body("LimitsBody"),
    answer: json({ person: text, from: { ...text, format: "date-time" } }),
  },
  {
    method: "post",
    path: "/api/v1/people",
    says: "Adds a person (admin).",
    body: body("NewPerson"),
    answer: json({ person: { type: "object", required: ["id", "name"], properties: { id: text, name: text } } }),
  },
  {
    method: "patch",
    path: "/api/v1/people/{id}",
    says: "Another name for a person (admin).",
    body: body("PersonName"),
    answer: json({ person: { type: "object", required: ["id", "name"], properties: { id: text, name: text } } }),
  },
  {
    method: "post",
    path: "/api/v1/devices",
    says: "Adds a device (admin). Over MQTT it has its account at once; the gateway is not started again.",
    body: body("NewDevice"),
    answer: json({ device: text, account }, ["device"]),
  },
  {
    method: "patch",
    path: "/api/v1/devices/{id}",
    says: "Another title for a device (admin).",
    body: body("DeviceTitle"),
    answer: json({ device: text, title: text }),
  },
  {
    method: "delete",
    path: "/api/v1/devices/{id}",
    says: "Takes a device out of the home (admin): its connection and its account end at once, what was recorded with it stays.",
    answer: json({ device: text }),
  },
  {
    method: "post",
    path: "/api/v1/devices/{id}/password",
    says: "A new password for a device (admin); the old one ends at once.",
    answer: json({ account }),
  },
];
