/** `hearth learn`: what is usual for a person, and what people have said about it. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import type { learnActToWire, learningToWire } from "../api/learning-wire.ts";
import { tableText } from "../runtime/text-table.ts";
import { askGateway } from "./running-gateway.ts";
import { type Json, say } from "./say.ts";

interface LearnOptions extends Json {
  readonly undo?: string;
  readonly again: boolean;
  readonly placement?: string;
  readonly by?: string;
}

/** Without a change: shows it. Throws `use.number` (operator). */
export async function learn(person: string, { undo, again, placement, by, ...options }: LearnOptions): Promise<void> {
  const at = `people/${encodeURIComponent(person)}/learning`;
  if (undo === undefined && !again) return show(await askGateway(at), options);
  const number = Number(undo);
  if (undo !== undefined && !(Number.isInteger(number) && number > 0))
    throw new GatewayError(
      "use.number",
      "operator",
      `"${undo}" is no number of what was called normal: hearth learn ${person} lists them.`,
    );
  const body = undo === undefined ? { act: "again", ...(placement === undefined ? {} : { placement }) } : { act: "undo", number };
  const answer = await askGateway(at, { method: "POST", body: { ...body, ...(by === undefined ? {} : { by }) } });
  const says = undo === undefined ? "What was learnt is forgotten, and learnt again" : `Number ${undo} is taken back`;
  say(options, answer, `${says} from ${answer.from} on.`);
}

function show(answer: Record<string, unknown>, options: Json): void {
  const { learning, acts } = answer as {
    learning: readonly ReturnType<typeof learningToWire>[];
    acts: readonly ReturnType<typeof learnActToWire>[];
  };
  const rows = learning.map((each) => [
    each.placement,
    each.model,
    each.version,
    each.state === "learning" ? `learning, ${each.learnt_s} of ${each.needed_s} s` : each.state,
    each.finished_at ?? "–",
    each.normals.map(({ number }) => number).join(", ") || "–",
  ]);
  const said = acts.map(({ number, act, by, from, undoes }) => [String(number), undoes === null ? act : `${act} ${undoes}`, by, from]);
  const tables = [
    rows.length === 0
      ? "Nothing has been learnt since the gateway started: no signal of this person has come yet."
      : tableText(["PLACE", "MODEL", "VERSION", "STATE", "SINCE", "CALLED NORMAL"], rows),
    ...(said.length === 0 ? [] : [tableText(["NUMBER", "WHAT", "BY", "FROM"], said)]),
  ];
  say(options, answer, tables.join("\n\n"));
}
