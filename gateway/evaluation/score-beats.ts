/** Beat classification by the rules of ANSI/AAMI EC57: the table of reference against test labels over matched beats, and what is computed from it. It pairs nothing itself. */

import type { Annotation } from "../recordings/annotations.ts";
import { type BeatClass, type ClassMap, classOf, isInside } from "./score-beat-list.ts";
import { type BeatMatch, matchBeats, percentOf, type ScoreOptions } from "./score-qrs.ts";

const beatClasses = ["N", "S", "V", "F", "Q"] as const satisfies readonly BeatClass[];
const rows = [...beatClasses, "O", "X"] as const;
const columns = ["n", "s", "v", "f", "q", "o", "x"] as const;
const scoredClasses = ["N", "S", "V", "F"] as const;

type Row = (typeof rows)[number];
type Column = (typeof columns)[number];
type BeatCell = `${Row}${Column}`;
/**
 * Counts by reference row and test column: `Nv` = reference N called V. Rows O and X are extra test beats (X inside a reference shutdown),
 * columns o and x missed reference beats (x inside a test shutdown).
 */
export type BeatTable = Readonly<Record<BeatCell, number>>;

interface ClassScore {
  readonly tp: number;
  readonly fn: number;
  readonly fp: number;
  /** Percent; null for an empty denominator. */
  readonly se: number | null;
  readonly ppv: number | null;
  /** Fraction; null where Se or +P has no value. */
  readonly f1: number | null;
}

interface BeatScore {
  readonly table: BeatTable;
  readonly v: ClassScore;
  readonly s: ClassScore;
  /** Fractions. */
  readonly acc: number | null;
  readonly kappa: number | null;
  readonly jk: number | null;
}

/** Table of one record. A flutter wave outside brackets and anything else without a class is in no cell. */
export function tabulateBeats(
  ref: readonly Annotation[],
  test: readonly Annotation[],
  options: ScoreOptions & { readonly classMap?: ClassMap },
): BeatTable {
  return tableOf(matchBeats(ref, test, options), options.classMap ?? "aami");
}

/** Sum of tables: gross figures come from the sum. */
export function sumTables(tables: readonly BeatTable[]): BeatTable {
  const sum = emptyTable();
  for (const table of tables) for (const row of rows) for (const column of columns) sum[`${row}${column}`] += table[`${row}${column}`];
  return sum;
}

/** Figures of a table (one record's, or the sum over records). */
export function scoreBeats(table: BeatTable): BeatScore {
  const t = (cell: BeatCell): number => table[cell];
  // F or Q called V is neither rewarded nor punished; Q called S is excused, F called S is not.
  const v = classScore(t("Vv"), t("Vn") + t("Vs") + t("Vf") + t("Vq") + t("Vo") + t("Vx"), t("Nv") + t("Sv") + t("Ov") + t("Xv"));
  const s = classScore(t("Ss"), t("Sn") + t("Sv") + t("Sf") + t("Sq") + t("So") + t("Sx"), t("Ns") + t("Vs") + t("Fs") + t("Os") + t("Xs"));
  const correct = t("Nn") + t("Ss") + t("Vv") + t("Ff");
  const all = scoredClasses.reduce((sum, row) => sum + columns.reduce((rowSum, column) => rowSum + t(`${row}${column}`), 0), 0);
  const kappa = cohenKappa(table);
  const shares = [s.se, v.se, s.ppv, v.ppv];
  const jk =
    kappa === null || shares.includes(null) ? null : kappa / 2 + shares.reduce<number>((sum, share) => sum + (share ?? 0) / 100, 0) / 8;
  return { table, v, s, acc: all === 0 ? null : correct / all, kappa, jk };
}

function tableOf({ ref, test, pairs }: BeatMatch, map: ClassMap): BeatTable {
  const table = emptyTable();
  for (const pair of pairs) {
    const refClass = pair.ref < 0 ? undefined : classOf(ref.symbols[pair.ref] ?? "", map);
    const testClass = pair.test < 0 ? undefined : classOf(test.symbols[pair.test] ?? "", map);
    if ((pair.ref >= 0 && refClass === undefined) || (pair.test >= 0 && testClass === undefined)) continue;
    const row: Row = refClass ?? (isInside(test.samples[pair.test] ?? 0, ref.shutdown) ? "X" : "O");
    const column = testClass === undefined ? (isInside(ref.samples[pair.ref] ?? 0, test.shutdown) ? "x" : "o") : columnOf(testClass);
    table[`${row}${column}`]++;
  }
  return table;
}

function columnOf(cls: BeatClass): Column {
  return columns[beatClasses.indexOf(cls)] ?? "q";
}

function emptyTable(): Record<BeatCell, number> {
  return Object.fromEntries(rows.flatMap((row) => columns.map((column) => [`${row}${column}`, 0]))) as Record<BeatCell, number>;
}

function classScore(tp: number, fn: number, fp: number): ClassScore {
  const se = percentOf(tp, tp + fn);
  const ppv = percentOf(tp, tp + fp);
  const f1 = se === null || ppv === null ? null : se + ppv === 0 ? 0 : (2 * se * ppv) / (se + ppv) / 100;
  return { tp, fn, fp, se, ppv, f1 };
}

/** Cohen's kappa of the matched 4×4 table N S V F; null without beats or where chance agreement is complete. */
function cohenKappa(table: BeatTable): number | null {
  const cell = (row: BeatClass, column: BeatClass): number => table[`${row}${columnOf(column)}`];
  const sums = scoredClasses.map((k) => ({
    diagonal: cell(k, k),
    row: scoredClasses.reduce((sum, column) => sum + cell(k, column), 0),
    column: scoredClasses.reduce((sum, row) => sum + cell(row, k), 0),
  }));
  const total = sums.reduce((sum, k) => sum + k.row, 0);
  if (total === 0) return null;
  const observed = sums.reduce((sum, k) => sum + k.diagonal, 0) / total;
  const chance = sums.reduce((sum, k) => sum + k.row * k.column, 0) / total ** 2;
  return chance === 1 ? null : (observed - chance) / (1 - chance);
}
