import { setImmediate as nextTurn } from 'node:timers/promises';

/** Rows of a page. */
const AT_ONCE = 500;

/**
 * All rows of a query in the order of their ids, some at a time: between two pages others get their turn, and may write.
 * @param pageAfter the next rows, of which each has a larger id than this one
 * @param first the smallest id that is looked at
 */
export async function* pagesById<Row>(
  pageAfter: (id: number, limit: number) => readonly Row[],
  idOf: (row: Row) => number,
  first = 0,
): AsyncGenerator<readonly Row[], void, void> {
  for (let after = first - 1; ; ) {
    const page = pageAfter(after, AT_ONCE);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = idOf(last);
    await nextTurn();
  }
}
