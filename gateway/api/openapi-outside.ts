/** In openapi.json: the routes by which others raise something. */

import { list, type RouteDoc, ref } from "./route-doc.ts";

const json = (properties: Readonly<Record<string, object>>) => ({
  type: "application/json",
  schema: { type: "object", required: Object.keys(properties), properties },
});
const already = { type: "boolean", description: "True where nothing had to be done." };
const help = json({ help: ref("HelpCall"), already });
const act = { type: "application/json", schema: ref("ActBody") };

export const outsideRoutes: readonly RouteDoc[] = [
  {
    method: "get",
    path: "/api/v1/conditions",
    says: "Conditions that other programs of the home have raised and that are true.",
    answer: list("conditions", "Condition"),
  },
  {
    method: "put",
    path: "/api/v1/people/{id}/conditions/{rule}",
    says: "Raises a condition of another program (integrator, admin), or says it again: its alert lives as any other. {rule} begins with flow.; {id} is a person, or gateway for the house. One alert a person and rule, whoever says it. Say it again before its lease is over.",
    body: { type: "application/json", schema: ref("ConditionBody") },
    answer: json({ condition: ref("Condition"), already }),
  },
  {
    method: "delete",
    path: "/api/v1/people/{id}/conditions/{rule}",
    says: "It is over (integrator, admin). A high alert stays open until a named person has acknowledged it.",
    body: act,
    answer: json({ condition: { anyOf: [ref("Condition"), { type: "null" }] }, already }),
  },
  { method: "get", path: "/api/v1/people/{id}/help", says: "Whether a call for help runs.", answer: json({ help: ref("HelpCall") }) },
  {
    method: "post",
    path: "/api/v1/people/{id}/help",
    says: "Calls for help for a person: told as a high alert (manual.help) when the countdown of 10 s is over.",
    body: act,
    answer: help,
  },
  {
    method: "delete",
    path: "/api/v1/people/{id}/help",
    says: "Takes a call for help back while its countdown runs; 409 help.told afterwards.",
    body: act,
    answer: help,
  },
];
