/** Length of the spans of time that sums of money are kept for. Every time zone's midnight begins one. */
export const QUARTER_MS = 900_000;

/**
 * Sums of money beside the attempts, so that the buying transaction reads a few rows however many attempts there are.
 * Triggers keep them: whoever writes an attempt, and wherever a kill strikes, the sums are those of the rows.
 *
 * Each attempt counts in the scopes `all`, `provider X`, `language X`, `run X` and `label NAME=VALUE`, as exactly one of
 * billed, in flight (at what was reserved) and at risk; a refused one counts nowhere.
 */
export const SPENDING = `
  ${scopesAt('a.intended_at')}
  ${triggers(firstAmounts(), 'state, estimate_micros, reserved_micros, quoted_micros, billed_micros')}
  ${recount(firstAmounts(), '')}
`;

/** The same by the calendar's time, also where the state's own clock went by another. */
export const SPENDING_BY_WALL_CLOCK = `
  DROP VIEW attempt_scopes;
  ${scopesAt('(a.intended_at + a.wall_ahead)')}
`;

function scopesAt(time: string): string {
  return `CREATE VIEW attempt_scopes AS
    WITH own AS NOT MATERIALIZED (
      SELECT a.id AS attempt_id, j.batch_id, ${time} / ${QUARTER_MS} AS quarter, a.provider, a.run_id, j.planned
        FROM attempts a JOIN jobs j ON j.id = a.job_id
    )
    SELECT attempt_id, batch_id, quarter, 'all' AS scope FROM own
    UNION ALL SELECT attempt_id, batch_id, quarter, 'provider ' || provider FROM own
    UNION ALL SELECT attempt_id, batch_id, quarter, 'language ' || json_extract(planned, '$.language') FROM own
    UNION ALL SELECT attempt_id, batch_id, quarter, 'run ' || run_id FROM own WHERE run_id IS NOT NULL
    UNION ALL SELECT attempt_id, batch_id, quarter, 'label ' || l.key || '=' || l.value
      FROM own, json_each(own.planned, '$.labels') l;`;
}

/** Makes the sums of one batch anew: labels may be edited between runs. Its one parameter is the batch's id. */
export const RECOUNT_BATCH = recount(amounts(), 'WHERE s.batch_id = ?');

/**
 * Lets what was learned of a route's price since an attempt was bought count, and counts the attempts apart of which
 * nobody knows an amount.
 */
export const EXPECTED_SPENDING = `
  ALTER TABLE attempts ADD COLUMN expected_micros INTEGER;
  ALTER TABLE spending ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;
  DROP INDEX attempts_unpriced;
  CREATE INDEX attempts_unpriced ON attempts (route) WHERE quoted_micros IS NULL AND billed_micros IS NULL;
  ${['insert', 'update', 'delete'].map((event) => `DROP TRIGGER spending_${event};`).join('')}
  DELETE FROM spending;
  ${triggers(amounts(), 'state, estimate_micros, reserved_micros, expected_micros, quoted_micros, billed_micros')}
  ${recount(amounts(), '')}
`;

/** The same, by comparisons: of `NOT IN` with three words SQLite makes a table whenever an attempt is written. */
export const COMPARED_SPENDING = `
  DROP TRIGGER spending_insert;
  DROP TRIGGER spending_update;
  DROP TRIGGER spending_delete;
  ${triggers(amounts(isNoneOf), 'state, estimate_micros, reserved_micros, expected_micros, quoted_micros, billed_micros')}
`;

/** What an attempt adds to each column of the sums. @param row its name in SQL */
type Amounts = Readonly<Record<string, (row: string) => string>>;

function triggers(each: Amounts, columns: string): string {
  const differs = Object.values(each).map((amount) => `${amount('NEW')} <> ${amount('OLD')}`);
  return `CREATE TRIGGER spending_insert AFTER INSERT ON attempts BEGIN
    ${change('NEW.id', difference(each, 'NEW', null))}
  END;
  CREATE TRIGGER spending_update AFTER UPDATE OF ${columns} ON attempts WHEN ${differs.join(' OR ')} BEGIN
    ${change('NEW.id', difference(each, 'NEW', 'OLD'))}
  END;
  CREATE TRIGGER spending_delete BEFORE DELETE ON attempts BEGIN
    ${change('OLD.id', difference(each, null, 'OLD'))}
  END;`;
}

function recount(each: Amounts, where: string): string {
  const sums = Object.values(each).map((amount) => `sum(${amount('a')})`);
  return `INSERT INTO spending (scope, batch_id, quarter, ${Object.keys(each).join(', ')})
    SELECT s.scope, s.batch_id, s.quarter, ${sums.join(', ')}
      FROM attempt_scopes s JOIN attempts a ON a.id = s.attempt_id ${where} GROUP BY s.scope, s.batch_id, s.quarter;`;
}

/** @param by what each column changes by */
function change(id: string, by: Readonly<Record<string, string>>): string {
  const columns = Object.keys(by);
  const sets = columns.map((column) => `${column} = ${column} + excluded.${column}`);
  return `INSERT INTO spending (scope, batch_id, quarter, ${columns.join(', ')})
      SELECT scope, batch_id, quarter, ${Object.values(by).join(', ')} FROM attempt_scopes WHERE attempt_id = ${id}
      ON CONFLICT (scope, batch_id, quarter) DO UPDATE SET ${sets.join(', ')};`;
}

function difference(each: Amounts, after: string | null, before: string | null): Record<string, string> {
  const minus = (amount: (row: string) => string) =>
    `${after === null ? '0' : amount(after)} - ${before === null ? '0' : amount(before)}`;
  return Object.fromEntries(Object.entries(each).map(([column, amount]) => [column, minus(amount)]));
}

/** What an attempt counts as, in a query on `attempts`. */
export const ATTEMPT_MONEY = Object.fromEntries(
  Object.entries(amounts(isNoneOf)).map(([column, amount]) => [column, amount('attempts')]),
) as Readonly<Record<'billed' | 'in_flight' | 'at_risk' | 'unpriced', string>>;

/** As they were before there was a column for what was learned since. */
function firstAmounts(): Amounts {
  return amountsOf((row) => `${row}.quoted_micros, ${row}.reserved_micros, ${row}.estimate_micros`);
}

/** @param isNone how it is said, of a column and words, that it is none of them */
function amounts(isNone = isNotIn): Amounts {
  // The provider's word counts before what was learned of the price, and that before what was reserved.
  const expected = (row: string) =>
    `${row}.quoted_micros, ${row}.expected_micros, ${row}.reserved_micros, ${row}.estimate_micros`;
  return {
    ...amountsOf(expected, isNone),
    unpriced: (row) =>
      `iif(${row}.state <> 'refused' AND coalesce(${row}.billed_micros, ${expected(row)}) IS NULL, 1, 0)`,
  };
}

/** @param expected columns of which the first that is known is what an attempt counts as until it is billed */
function amountsOf(expected: (row: string) => string, isNone = isNotIn): Amounts {
  const open = (row: string) => `coalesce(${expected(row)}, 0)`;
  const isAtRisk = (row: string) => isNone(`${row}.state`, ['intended', 'accepted', 'refused']);
  return {
    billed: (row) => `iif(${row}.state <> 'refused', coalesce(${row}.billed_micros, 0), 0)`,
    in_flight: (row) =>
      `iif(${row}.billed_micros IS NULL AND ${row}.state IN ('intended', 'accepted'), ${open(row)}, 0)`,
    // A lost create, a failure of which the provider does not tell, a result whose bill nobody states.
    at_risk: (row) => `iif(${row}.billed_micros IS NULL AND ${isAtRisk(row)}, ${open(row)}, 0)`,
  };
}

/** As released steps say it. */
function isNotIn(column: string, words: readonly string[]): string {
  return `${column} NOT IN (${words.map((word) => `'${word}'`).join(', ')})`;
}

function isNoneOf(column: string, words: readonly string[]): string {
  return `(${words.map((word) => `${column} <> '${word}'`).join(' AND ')})`;
}
