import fc from "fast-check";
import { expect, test } from "vitest";
import type { AlertRecord, AlertState } from "../../device-drivers/contract/event.ts";
import { runs } from "../../test/runs.ts";
import { createAlertCore } from "./core.ts";

const rules = [
  ["rhythm.vt", "high"],
  ["rhythm.vt-run", "medium"],
  ["data.missing", "medium"],
  ["device.lead-off", "low"],
] as const;
const people = ["p1", "p2"] as const;
const actors = [
  { role: "patient", name: "Person A" },
  { role: "caregiver", name: "Person B" },
  { role: "admin", name: "Person C" },
] as const;

const step = fc.record({
  what: fc.constantFrom(
    "begin",
    "begin",
    "end",
    "worse",
    "escalate",
    "acknowledge",
    "snooze",
    "reject",
    "close",
    "deliver",
    "tick",
    "restart",
  ),
  rule: fc.constantFrom(...rules),
  person: fc.constantFrom(...people),
  actor: fc.constantFrom(...actors),
  afterS: fc.constantFrom(0, 1, 30, 61, 130, 1900, 4000, 90_000),
  pick: fc.nat(20),
});

/** alerts.md §4; "itself" is a change that keeps the headline. */
const edges: Readonly<Record<AlertState | "none", readonly AlertState[]>> = {
  none: ["active"],
  active: ["notified", "acknowledged", "rejected", "resolved", "closed", "expired"],
  notified: ["acknowledged", "rejected", "resolved", "closed", "expired", "active"],
  acknowledged: ["resolved", "active", "rejected", "closed"],
  rejected: ["notified", "acknowledged", "resolved", "closed", "expired", "active"],
  resolved: ["closed", "active", "acknowledged"],
  expired: ["acknowledged", "resolved", "closed", "active", "rejected"],
  closed: [],
};

test("over any order of events: one open alert a key, acknowledged means a name, a high never vanishes, only allowed moves", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      let serial = 0;
      let nowUs = 1_000_000_000;
      const newId = () => `a${++serial}`;
      let core = createAlertCore({ newId, mode: "real" });
      const last = new Map<string, AlertRecord>();

      for (const { what, rule, person, actor, afterS, pick } of steps) {
        nowUs += afterS * 1_000_000;
        const [id, priority] = rule;
        const base = { rule: id, device: "strap", timeUs: nowUs };
        const held = core.held();
        const target = held[pick % Math.max(1, held.length)];
        const act = (verb: "acknowledge" | "snooze" | "reject" | "close") => {
          if (target === undefined) return [];
          try {
            const first = core.act(target.id, verb, actor, { reason: "test" }, nowUs);
            const second = core.act(target.id, verb, actor, { reason: "test" }, nowUs);
            expect(second.already).toBe(true);
            return first.changes;
          } catch (error) {
            expect(error).toMatchObject({ code: "alert.not_allowed" });
            return [];
          }
        };
        const changes = (() => {
          switch (what) {
            case "begin":
              return core.decide(
                person,
                {
                  kind: "begin",
                  ...base,
                  stream: "ecg",
                  priority,
                  alertKind: "physiological",
                  onsetUs: nowUs,
                  quality: "good",
                  value: pick,
                },
                nowUs,
              );
            case "end":
              return core.decide(person, { kind: "end", rule: id, device: "strap", endUs: nowUs, timeUs: nowUs }, nowUs);
            case "worse":
              return core.decide(person, { kind: "update", ...base, value: pick * 20 }, nowUs);
            case "escalate":
              return core.decide(person, { kind: "update", ...base, priority: "high" }, nowUs);
            case "deliver":
              return target === undefined ? [] : core.delivered(target.id, "page", String(nowUs), nowUs);
            case "tick":
              return core.tick(nowUs);
            case "restart": {
              core = createAlertCore({ newId, mode: "real" });
              return core.reopen(held, nowUs);
            }
            default:
              return act(what);
          }
        })();

        for (const { alert, why, audit } of changes) {
          const from = last.get(alert.id)?.state ?? "none";
          if (from !== alert.state) expect(edges[from], `${from} to ${alert.state} by ${why}`).toContain(alert.state);
          seen.add(alert.state);
          expect(audit.subject).toBe(alert.id);
          if (alert.state === "acknowledged") expect(alert.acknowledgedBy).toMatch(/^Person [ABC]$/);
          const isGone = alert.state === "resolved" || alert.state === "closed";
          if (isGone && alert.priority === "high") expect(alert.acknowledgedBy).toMatch(/^Person [ABC]$/);
          last.set(alert.id, alert);
        }
        const keys = core.held().map((alert) => `${alert.person}/${alert.rule}/${alert.device}`);
        expect(new Set(keys).size).toBe(keys.length);
        // What a listener has been told is what the core holds: nothing changes in silence.
        for (const alert of core.held()) expect(alert).toEqual(last.get(alert.id));
        const unacknowledged = [...last.values()].filter(
          ({ priority, acknowledgedBy, state }) => priority === "high" && acknowledgedBy === undefined && state !== "closed",
        );
        for (const { id } of unacknowledged) expect(core.held().map((alert) => alert.id)).toContain(id);
      }
    }),
    runs(400, 7),
  );
  expect([...seen].sort()).toEqual(["acknowledged", "active", "closed", "expired", "notified", "rejected", "resolved"]);
});
