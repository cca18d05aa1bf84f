/** The routes about what is usual for a person, in openapi.json. */

import { type RouteDoc, ref } from "./route-doc.ts";

const text = { type: "string" };
const from = { ...text, format: "date-time", description: "It holds from here on." };
const told = {
  type: "application/json",
  schema: { type: "object", required: ["person", "number", "from"], properties: { person: text, number: { type: "integer" }, from } },
};

export const learnRoutes: readonly RouteDoc[] = [
  {
    method: "get",
    path: "/api/v1/people/{id}/learning",
    says: "How far it is learnt what is usual for a person, and what people have said about it, newest first.",
    answer: {
      type: "application/json",
      schema: {
        type: "object",
        required: ["person", "learning", "acts"],
        properties: { person: text, learning: { type: "array", items: ref("Learning") }, acts: { type: "array", items: ref("LearnAct") } },
      },
    },
  },
  {
    method: "post",
    path: "/api/v1/people/{id}/learning",
    says: "Takes back what was called normal, or lets it be learnt again (caregiver, admin).",
    body: { type: "application/json", schema: ref("LearningBody") },
    answer: told,
  },
  {
    method: "post",
    path: "/api/v1/alerts/{id}/normal",
    says: "This is normal for this person (caregiver, admin): such beats are no longer unusual. It can be taken back by its number.",
    body: { type: "application/json", schema: ref("VerbBody") },
    answer: told,
  },
];
