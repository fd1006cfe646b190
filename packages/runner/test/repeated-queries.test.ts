import { afterEach, beforeEach, expect, it } from 'vitest';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

const LANGUAGES = ['de', 'fr', 'ja', 'es', 'it', 'pt', 'nl', 'sv', 'da', 'pl', 'cs', 'ko'];

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(LANGUAGES);
});
afterEach(() => batch.close());

/** Reads of all rows of a large table, or of all that are of one batch or lane, or the sorting of many. */
const WHOLE = [
  /^SCAN (a|j|attempts|jobs)\b(?!.*INDEX attempts_)/,
  /\b(attempts|a) USING .*\(lane_id=\?\)$/,
  /\b(jobs|j|mine) USING .*\(batch_id=\?\)$/,
];
/** All rows of a subquery, or the sorting of many. */
const LIST = /LIST SUBQUERY|TEMP B-TREE/;
/** SQLite reads the number to plan by it. */
const COMPILED_EACH_TIME = /\bLIMIT \?(?! \+ 0)/;
/** One row from the end of a table. */
const ONE_ROW = /ORDER BY rowid DESC LIMIT 1$/;

it('asks nothing again and again that takes longer the more jobs and attempts there are', async () => {
  const { sqlite } = batch.store;
  const asked = new Map<string, number>();
  const prepare = sqlite.prepare.bind(sqlite);
  sqlite.prepare = ((sql: string) => counted(prepare(sql), sql, asked)) as typeof sqlite.prepare;
  // A lane that is full most of the time, so that the run asks what it waits for.
  const plan = batch.plan(LANGUAGES);
  const acme = { ...plan.providers.acme!, limits: { creates: 100, perMs: 60_000, concurrent: 2 } };
  expect((await batch.run({}, { ...plan, providers: { acme } })).exit).toBe(0);

  const repeated = [...asked].filter(([sql, times]) => times >= LANGUAGES.length / 2 && !ONE_ROW.test(sql.trim()));
  expect(repeated.length).toBeGreaterThan(20);
  expect(repeated.filter(([sql]) => COMPILED_EACH_TIME.test(sql))).toEqual([]);
  const stepsOf = (sql: string) =>
    prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...marksIn(sql)) as { readonly detail: string }[];
  const slow = repeated.flatMap(([sql]) => {
    const steps = stepsOf(sql);
    const whole = steps.filter(({ detail }) => WHOLE.some((pattern) => pattern.test(detail)));
    // What is sorted was read before: the next jobs come from an index that has them in order.
    const sorts = /FROM jobs\b[^)]*LIMIT/.test(sql) ? steps.filter(({ detail }) => /TEMP B-TREE/.test(detail)) : [];
    return [...whole, ...sorts].map(({ detail }) => `${detail}: ${sql}`);
  });
  expect(slow).toEqual([]);

  // A write of an attempt checks three lists of words that its table has from its beginning, and makes a table of each.
  const writes = repeated.filter(([sql]) => /^(INSERT INTO|UPDATE) attempts\b/.test(sql));
  expect(writes.length).toBeGreaterThanOrEqual(3);
  const tablesMade = (sql: string) =>
    (prepare(`EXPLAIN ${sql}`).all(...marksIn(sql)) as { readonly opcode: string }[]).filter(
      ({ opcode }) => opcode === 'OpenEphemeral',
    );
  expect(writes.filter(([sql]) => tablesMade(sql).length > 3)).toEqual([]);

  // What goes through a batch page by page begins each page where the last one ended, and makes no list of all for it.
  const pages = [...asked.keys()].filter((sql) => /\bid > \?[\s\S]*\bLIMIT \?/.test(sql));
  expect(pages.length).toBeGreaterThanOrEqual(3);
  const whole = pages.filter((sql) => {
    const [first, ...rest] = stepsOf(sql).map(({ detail }) => detail);
    return (
      !/^SEARCH \w+ USING INTEGER PRIMARY KEY \(rowid>\?( AND rowid<\?)?\)$/.test(first ?? '') ||
      rest.some((step) => LIST.test(step))
    );
  });
  expect(whole).toEqual([]);
});

function counted<T extends object>(statement: T, sql: string, asked: Map<string, number>): T {
  for (const method of ['get', 'all', 'run'] as const) {
    const call = (statement as Record<string, unknown>)[method] as (...parameters: unknown[]) => unknown;
    Object.defineProperty(statement, method, {
      value: (...parameters: unknown[]) => {
        asked.set(sql, (asked.get(sql) ?? 0) + 1);
        return call.apply(statement, parameters);
      },
    });
  }
  return statement;
}

function marksIn(sql: string): number[] {
  return Array.from({ length: sql.split('?').length - 1 }, () => 1);
}
