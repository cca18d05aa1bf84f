import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { type Act, signAct } from "../semantic/act.ts";
import { decodePayload } from "../semantic/payload-codec.ts";
import type { PersonCommit } from "../store/store-port.ts";
import { createActPart } from "./act-part.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const nowUs = 1_700_000_000_000_000;
const idOf = (i: number) => i.toString(16).padStart(32, "0");

const bytesOf = (act: Partial<Act> = {}, gateway = "home-a", key = privateKey) => {
  const whole: Act = { id: idOf(1), alert: "a1", verb: "acknowledge", role: "caregiver", by: "Carer A", atUs: nowUs, ...act };
  return new TextEncoder().encode(signAct(gateway, whole, key));
};

/** A home with the alert a1 of person-a; `acts` is what its alert core was asked. */
function home(values = new Map<string, Uint8Array>()) {
  const commits: PersonCommit[] = [];
  const acts: unknown[][] = [];
  let isFull = false;
  const part = createActPart({
    ...{ gateway: "home-a", twinPublicKey: publicKey, nowUs: () => nowUs, log: { warn: () => undefined } },
    async act(...asked) {
      acts.push(asked);
      if (asked[0] !== "a1") throw new GatewayError("alert.unknown", "operator", "unknown");
      return { already: acts.length > 1 };
    },
    store: {
      alert: async (id) => (id === "a1" ? ({ person: "person-a" } as AlertRecord) : undefined),
      getValue: async (key) => values.get(key),
      async commit(commit) {
        if (isFull) throw new GatewayError("store.disk_full", "world", "full");
        commits.push(commit);
        for (const { key, value } of commit.values ?? []) values.set(key, value);
      },
    },
  });
  const answers = () => commits.flatMap(({ outbox = [] }) => outbox.map(({ payload }) => decodePayload(payload)));
  const fill = (full: boolean) => {
    isFull = full;
  };
  return { part, acts, commits, values, answers, fill };
}

test("what the twin has signed is done in the name and the role that it says, audited, and answered in the same commit", async () => {
  const { part, acts, commits, answers } = home();
  await part.receive(bytesOf({ minutes: 15, reason: "with her" }));
  expect(acts).toEqual([["a1", "acknowledge", { role: "caregiver", name: "Carer A" }, { minutes: 15, reason: "with her" }]]);
  expect(commits).toMatchObject([{ person: "person-a", audit: [{ what: "act.taken", by: "Carer A", subject: "a1" }] }]);
  expect(commits[0]?.audit?.[0]?.detail).toMatchObject({ from: "twin", verb: "acknowledge", role: "caregiver", outcome: "done" });
  expect(answers()).toEqual([{ kind: "acted", act: idOf(1), person: "person-a", outcome: "done", timeUs: nowUs }]);
});

test("it is done once however often it comes, over a restart too; what the disk refused is decided and answered when it comes again", async () => {
  const first = home();
  first.fill(true);
  await first.part.receive(bytesOf());
  expect([first.answers(), first.part.refused]).toEqual([[], { "store.disk_full": 1 }]);
  const second = home(first.values);
  await Promise.all([second.part.receive(bytesOf()), second.part.receive(bytesOf())]);
  const third = home(second.values);
  await third.part.receive(bytesOf());
  expect([second.acts.length, second.answers().length, third.acts.length]).toEqual([1, 1, 0]);
});

test("a disk that is full only for a moment costs no answer within one run either", async () => {
  const { part, answers, fill } = home();
  fill(true);
  await part.receive(bytesOf());
  fill(false);
  await part.receive(bytesOf());
  expect(answers()).toMatchObject([{ outcome: "already" }]);
});

test("forged, foreign, changed and malformed acts are counted, and nothing is done or answered", async () => {
  const { part, acts, commits } = home();
  const changed = JSON.parse(Buffer.from(bytesOf()).toString()) as object;
  const cases = [
    bytesOf({}, "home-a", generateKeyPairSync("ed25519").privateKey),
    bytesOf({}, "home-b"),
    Buffer.from(JSON.stringify({ ...changed, verb: "reject" })),
    Buffer.from("{}"),
    Buffer.from("x".repeat(9000)),
    bytesOf({ verb: "close" as "reject" }),
    bytesOf({ by: "" }),
    bytesOf({ role: "integrator" as "admin" }),
    bytesOf({ id: "1" }),
  ];
  for (const bytes of cases) await part.receive(bytes);
  expect([acts, commits, part.refused]).toEqual([[], [], { "act.forged": 3, "act.malformed": 6 }]);
});

test("an act of more than ten minutes ago, or as far in the future, is answered as such and changes nothing", async () => {
  const { part, acts, answers } = home();
  const atUs = [nowUs - 600_000_001, nowUs + 600_000_001, nowUs - 600_000_000];
  for (const [i, at] of atUs.entries()) await part.receive(bytesOf({ id: idOf(i), atUs: at }));
  expect([acts.length, answers().map((answer) => "outcome" in answer && answer.outcome)]).toEqual([
    1,
    ["act.not_now", "act.not_now", "done"],
  ]);
});

test("what the home refuses goes back with its code, in the house's name where nobody is known", async () => {
  const { part, answers } = home();
  await part.receive(bytesOf({ alert: "a2" }));
  expect(answers()).toMatchObject([{ person: "gateway", outcome: "alert.unknown" }]);
});

test("300 acts within ten minutes: 256 are decided, the rest is counted and gets no answer", async () => {
  const { part, acts } = home();
  for (let i = 0; i < 300; i++) await part.receive(bytesOf({ id: idOf(i) }));
  expect([acts.length, part.refused]).toEqual([256, { "act.too_many": 44 }]);
});
