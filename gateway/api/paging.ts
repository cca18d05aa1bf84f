/** Lists in pages: a filter first, then so many behind the cursor of the page before. Pure. */

import type { Context } from "hono";
import { httpError } from "./problem.ts";
import { readCount } from "./request.ts";

const mostAPage = 500;

/**
 * The page that `limit` and `cursor` of the query ask for, and the next page's cursor where there is one. `keyOf` names an item once and for all; where the
 * cursor's item has gone meanwhile the list is to be read anew. Throws `http.bad_field`.
 */
export function pageOf<Item>(
  c: Context,
  items: readonly Item[],
  keyOf: (item: Item) => string,
): { items: readonly Item[]; cursor?: string } {
  const limit = readCount(c, "limit", mostAPage) ?? mostAPage;
  const after = c.req.query("cursor");
  const codeOf = (item: Item) => Buffer.from(keyOf(item)).toString("base64url");
  const before = after === undefined ? -1 : items.findIndex((item) => codeOf(item) === after);
  if (after !== undefined && before < 0)
    throw httpError("http.bad_field", "'cursor' is none that a page of this list gave out, or its item has gone.", "cursor");
  const page = items.slice(before + 1, before + 1 + limit);
  const last = page.at(-1);
  return last === undefined || before + 1 + limit >= items.length ? { items: page } : { items: page, cursor: codeOf(last) };
}

/** Only what is of the query's person, where it names one. */
export function ofPerson<Item extends { readonly person?: string | undefined }>(c: Context, items: readonly Item[]): readonly Item[] {
  const person = c.req.query("person");
  return person === undefined ? items : items.filter((item) => item.person === person);
}
