/** In openapi.json: the routes by which others raise something. */

import { flowRulePattern } from "../alert/outside-port.ts";
import { list, ofPerson, paged, type RouteDoc, ref } from "./route-doc.ts";

const json = (properties: Readonly<Record<string, object>>) => ({
  type: "application/json",
  schema: { type: "object", required: Object.keys(properties), properties },
});
const already = { type: "boolean", description: "True where nothing had to be done." };
const help = json({ help: ref("HelpCall"), already });
const presence = { person: { type: "string" }, presence: ref("Presence") };
const act = { type: "application/json", schema: ref("ActBody") };

const stream = {
  device: { type: "string" },
  stream: { type: "string" },
  already: { type: "boolean", description: "This very batch was there: nothing is counted twice." },
  wants_descriptor: {
    type: ["string", "null"],
    description: "Hash of the descriptor that the batch names and that is not known: it is kept, and read when that has come.",
  },
};

export const outsideRoutes: readonly RouteDoc[] = [
  {
    method: "get",
    path: "/api/v1/conditions",
    says: "Conditions that other programs of the home have raised and that are true.",
    query: [ofPerson, ...paged],
    answer: list("conditions", "Condition"),
  },
  {
    method: "put",
    path: "/api/v1/people/{id}/conditions/{rule}",
    parts: { rule: { type: "string", pattern: flowRulePattern } },
    says: "Raises a condition of another program (integrator, admin), or says it again: its alert lives as any other. {rule} begins with flow.; {id} is a person, or gateway for the house. One alert a person and rule, whoever says it. Say it again before its lease is over.",
    body: { type: "application/json", schema: ref("ConditionBody") },
    answer: json({ condition: ref("Condition"), already }),
  },
  {
    method: "delete",
    path: "/api/v1/people/{id}/conditions/{rule}",
    parts: { rule: { type: "string", pattern: flowRulePattern } },
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
  { method: "get", path: "/api/v1/people/{id}/presence", says: "Whether somebody is at home, away or paused.", answer: json(presence) },
  {
    method: "put",
    path: "/api/v1/people/{id}/presence",
    says: "Says that somebody is away or wears no sensor for a while: nothing is told of their silent sensors until they are back, are seen again, or the time is over; what is measured is judged as ever. Who is not back in time is an alert (presence.overdue). Saying what is so already changes nothing.",
    body: { type: "application/json", schema: ref("PresenceBody") },
    answer: json({ ...presence, already }),
  },
  {
    method: "post",
    path: "/api/v1/streams/{device}/{stream}",
    says: "A batch of Hearth Stream 1 (CBOR, or JSON as of the profile's short form), answered when the journal has it, 64 KiB at most. A device's own account (Basic) or an integrator's or admin's token. Sending the same batch again is harmless. What cannot be used is refused with the driver's code and field, as on cmd/error.",
    isForDevices: true,
    body: { type: "application/cbor", schema: { type: "string", contentMediaType: "application/cbor" }, orJson: true },
    answer: json(stream),
  },
  {
    method: "put",
    path: "/api/v1/streams/{device}/{stream}/meta",
    says: "The descriptor of a stream, as on <stream>/meta.",
    isForDevices: true,
    body: { type: "application/json", schema: { type: "object" } },
    answer: json(stream),
  },
];
