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
  properties: { url: text, user: text, password: text, topic: text },
};

export const setupRoutes: readonly RouteDoc[] = [
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
