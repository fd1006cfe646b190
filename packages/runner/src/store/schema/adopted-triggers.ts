import { QUARTER_MS } from './spending-triggers.js';

/**
 * What was paid before the state was lost counts beside its own attempts, in the same sums: under every cap but a run's,
 * since no run of this state has spent it. Once an attempt of this state owns the prediction, that one alone counts.
 */
export const ADOPTED_SPENDING = `
  CREATE VIEW adopted_scopes AS
    WITH own AS NOT MATERIALIZED (
      SELECT a.id AS adopted_id, j.batch_id, a.made_at / ${QUARTER_MS} AS quarter, a.provider, j.planned
        FROM adopted_predictions a JOIN jobs j ON j.id = a.job_id
    )
    SELECT adopted_id, batch_id, quarter, 'all' AS scope FROM own
    UNION ALL SELECT adopted_id, batch_id, quarter, 'provider ' || provider FROM own
    UNION ALL SELECT adopted_id, batch_id, quarter, 'language ' || json_extract(planned, '$.language') FROM own
    UNION ALL SELECT adopted_id, batch_id, quarter, 'label ' || l.key || '=' || l.value
      FROM own, json_each(own.planned, '$.labels') l;
  CREATE TRIGGER adopted_insert AFTER INSERT ON adopted_predictions BEGIN
    ${change('NEW', '')}
  END;
  CREATE TRIGGER adopted_delete BEFORE DELETE ON adopted_predictions BEGIN
    ${change('OLD', '-')}
  END;
  CREATE TRIGGER adopted_owned AFTER UPDATE OF prediction_id ON attempts WHEN NEW.prediction_id IS NOT NULL BEGIN
    DELETE FROM adopted_predictions WHERE id = NEW.provider || ' ' || NEW.prediction_id;
  END;
`;

/** What an adopted prediction counts as, in a query on `adopted_predictions`. */
export const ADOPTED_MONEY = moneyOf('adopted_predictions');

/** Lets what was learned of a route's price since count for adopted predictions, too. */
export const EXPECTED_ADOPTED = `
  ALTER TABLE adopted_predictions ADD COLUMN expected_micros INTEGER;
  CREATE INDEX adopted_predictions_unbilled ON adopted_predictions (route) WHERE billed_micros IS NULL;
  ${['insert', 'delete'].map((event) => `DROP TRIGGER adopted_${event};`).join('')}
  CREATE TRIGGER adopted_insert AFTER INSERT ON adopted_predictions BEGIN
    ${count('NEW', '')}
  END;
  CREATE TRIGGER adopted_update AFTER UPDATE OF expected_micros ON adopted_predictions BEGIN
    ${count('OLD', '-')}
    ${count('NEW', '')}
  END;
  CREATE TRIGGER adopted_delete BEFORE DELETE ON adopted_predictions BEGIN
    ${count('OLD', '-')}
  END;
  ${recount('true')};
`;

/** Adds the adopted predictions of one batch to its sums, once those of its attempts are made anew. */
export const RECOUNT_ADOPTED = recount('s.batch_id = ?');

function recount(which: string): string {
  const money = moneyOf('a');
  return `INSERT INTO spending (scope, batch_id, quarter, billed, in_flight, at_risk, unpriced)
    SELECT s.scope, s.batch_id, s.quarter, sum(${money.billed}), 0, sum(${money.atRisk}), sum(${money.unpriced})
      FROM adopted_scopes s JOIN adopted_predictions a ON a.id = s.adopted_id WHERE ${which}
      GROUP BY s.scope, s.batch_id, s.quarter
    ${upsert()}, unpriced = unpriced + excluded.unpriced`;
}

function count(row: 'NEW' | 'OLD', sign: '' | '-'): string {
  const { billed: bill, atRisk: risk, unpriced } = moneyOf(row);
  return `INSERT INTO spending (scope, batch_id, quarter, billed, in_flight, at_risk, unpriced)
      SELECT scope, batch_id, quarter, ${sign}${bill}, 0, ${sign}${risk}, ${sign}${unpriced}
        FROM adopted_scopes WHERE adopted_id = ${row}.id
      ${upsert()}, unpriced = unpriced + excluded.unpriced;`;
}

/** As with an attempt: a result whose bill nobody states is at risk. */
function moneyOf(row: string) {
  const expected = `${row}.expected_micros, ${row}.estimate_micros`;
  return {
    billed: billed(row),
    atRisk: `iif(${row}.billed_micros IS NULL, coalesce(${expected}, 0), 0)`,
    unpriced: `iif(coalesce(${row}.billed_micros, ${expected}) IS NULL, 1, 0)`,
  };
}

function change(row: 'NEW' | 'OLD', sign: '' | '-'): string {
  return `INSERT INTO spending (scope, batch_id, quarter, billed, in_flight, at_risk)
      SELECT scope, batch_id, quarter, ${sign}${billed(row)}, 0, ${sign}${atRisk(row)}
        FROM adopted_scopes WHERE adopted_id = ${row}.id
      ${upsert()};`;
}

function upsert(): string {
  return `ON CONFLICT (scope, batch_id, quarter) DO UPDATE SET
      billed = billed + excluded.billed, at_risk = at_risk + excluded.at_risk`;
}

function billed(row: string): string {
  return `coalesce(${row}.billed_micros, 0)`;
}

/** As it was before there was a column for what was learned since. */
function atRisk(row: string): string {
  return `iif(${row}.billed_micros IS NULL, coalesce(${row}.estimate_micros, 0), 0)`;
}
