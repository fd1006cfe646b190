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
  CREATE TRIGGER spending_insert AFTER INSERT ON attempts BEGIN
    ${change({ id: 'NEW.id', ...difference('NEW', null) })}
  END;
  CREATE TRIGGER spending_update AFTER UPDATE OF state, estimate_micros, reserved_micros, quoted_micros, billed_micros ON attempts
    WHEN ${billed('NEW')} <> ${billed('OLD')} OR ${inFlight('NEW')} <> ${inFlight('OLD')} OR ${atRisk('NEW')} <> ${atRisk('OLD')}
  BEGIN
    ${change({ id: 'NEW.id', ...difference('NEW', 'OLD') })}
  END;
  CREATE TRIGGER spending_delete BEFORE DELETE ON attempts BEGIN
    ${change({ id: 'OLD.id', ...difference(null, 'OLD') })}
  END;
  ${recount('')}
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
export const RECOUNT_BATCH = recount('WHERE s.batch_id = ?');

function recount(where: string): string {
  return `INSERT INTO spending (scope, batch_id, quarter, billed, in_flight, at_risk)
    SELECT s.scope, s.batch_id, s.quarter, sum(${billed('a')}), sum(${inFlight('a')}), sum(${atRisk('a')})
      FROM attempt_scopes s JOIN attempts a ON a.id = s.attempt_id ${where} GROUP BY s.scope, s.batch_id, s.quarter;`;
}

interface Change {
  readonly id: string;
  readonly billed: string;
  readonly inFlight: string;
  readonly atRisk: string;
}

function change(amounts: Change): string {
  return `INSERT INTO spending (scope, batch_id, quarter, billed, in_flight, at_risk)
      SELECT scope, batch_id, quarter, ${amounts.billed}, ${amounts.inFlight}, ${amounts.atRisk}
        FROM attempt_scopes WHERE attempt_id = ${amounts.id}
      ON CONFLICT (scope, batch_id, quarter) DO UPDATE SET
        billed = billed + excluded.billed,
        in_flight = in_flight + excluded.in_flight,
        at_risk = at_risk + excluded.at_risk;`;
}

/** What an attempt counts as, in a query on `attempts`. */
export const ATTEMPT_MONEY = {
  billed: billed('attempts'),
  inFlight: inFlight('attempts'),
  atRisk: atRisk('attempts'),
};

function difference(after: string | null, before: string | null): Omit<Change, 'id'> {
  const minus = (amount: (row: string) => string) =>
    `${after === null ? '0' : amount(after)} - ${before === null ? '0' : amount(before)}`;
  return { billed: minus(billed), inFlight: minus(inFlight), atRisk: minus(atRisk) };
}

function billed(row: string): string {
  return `iif(${row}.state <> 'refused', coalesce(${row}.billed_micros, 0), 0)`;
}

function inFlight(row: string): string {
  return `iif(${row}.billed_micros IS NULL AND ${row}.state IN ('intended', 'accepted'), ${expected(row)}, 0)`;
}

/** A lost create, a failure of which the provider does not tell, a result whose bill nobody states. */
function atRisk(row: string): string {
  const settled = `('intended', 'accepted', 'refused')`;
  return `iif(${row}.billed_micros IS NULL AND ${row}.state NOT IN ${settled}, ${expected(row)}, 0)`;
}

/** The provider's word counts before what was reserved. */
function expected(row: string): string {
  return `coalesce(${row}.quoted_micros, ${row}.reserved_micros, ${row}.estimate_micros, 0)`;
}
