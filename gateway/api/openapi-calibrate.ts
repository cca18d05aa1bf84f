/** The routes about how motion sensors sit, in openapi.json. */

import { one, type RouteDoc, ref } from "./route-doc.ts";

const text = { type: "string" };

export const calibrationRoutes: readonly RouteDoc[] = [
  {
    method: "get",
    path: "/api/v1/people/{id}/calibration",
    says: "Which motion sensors of a person are calibrated since when, what came of the newest pose, and what was done, newest first.",
    answer: one("Calibration"),
  },
  {
    method: "post",
    path: "/api/v1/people/{id}/calibration",
    says: "Begins the count-down to a pose that is held for three seconds, or takes the newest calibration back (caregiver, admin). What came of a pose is read at the same address.",
    body: { type: "application/json", schema: ref("CalibrationBody") },
    answer: {
      type: "application/json",
      schema: {
        type: "object",
        required: ["person"],
        properties: {
          person: text,
          run: ref("CalibrationRun"),
          number: { type: "integer", description: "Of an undo." },
          from: { ...text, format: "date-time", description: "Of an undo: it holds from here on." },
        },
      },
    },
  },
];
