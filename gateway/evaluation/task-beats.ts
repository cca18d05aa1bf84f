/** `eval beats`: our beats and their classes against the reference, own detections, by the AAMI classes (models.md §1.2). */

import { bootstrapCi95, meanOrNull } from "./bootstrap.ts";
import { ds2 } from "./data-folder.ts";
import { type BeatTable, scoreBeats, sumTables, tabulateBeats } from "./score-beats.ts";
import { scoreOptions, type Task } from "./task.ts";

export const beatsTask: Task = {
  name: "beats",
  title: "beats and their classes, by the AAMI classes",
  set: "ecg/mitdb",
  model: "ecg-beat",
  floors: [{ part: "ds2", metric: "v_f1", atLeast: 0.9 }],
  usesModel: true,
  leavesOutPaced: true,
  score(scored, { classMap }) {
    const rows = scored.map((each) => ({
      name: each.record.name,
      table: tabulateBeats(each.reference, each.replayed.annotations, { ...scoreOptions(each), classMap }),
    }));
    const tables = rows.map(({ table }) => table);
    const inDs2 = rows.filter(({ name }) => ds2.has(name));
    const without = (...names: string[]) => figures(inDs2.filter(({ name }) => !names.includes(name)).map(({ table }) => table));
    const interval = (key: keyof ReturnType<typeof figures>) => bootstrapCi95(tables, (sample) => figures(sample)[key] ?? null);
    return {
      metrics: figures(tables),
      ci95: {
        v_se: interval("v_se"),
        v_ppv: interval("v_ppv"),
        v_f1: interval("v_f1"),
        s_f1: interval("s_f1"),
        acc: interval("acc"),
        jk: interval("jk"),
      },
      // 201 (DS1) and 202 are one person; most S beats of DS2 stand in 222 and 232.
      parts: { ds2: without(), ds2_without_202: without("202"), ds2_without_222: without("222"), ds2_without_232: without("232") },
      mean: {
        v_f1: meanOrNull(tables.map((table) => scoreBeats(table).v.f1)),
        s_f1: meanOrNull(tables.map((table) => scoreBeats(table).s.f1)),
      },
      records: rows.map(({ name, table }) => ({ record: name, ...figures([table]) })),
    };
  },
};

function figures(tables: readonly BeatTable[]) {
  const { v, s, acc, kappa, jk } = scoreBeats(sumTables(tables));
  return { v_se: v.se, v_ppv: v.ppv, v_f1: v.f1, s_se: s.se, s_ppv: s.ppv, s_f1: s.f1, acc, kappa, jk };
}
