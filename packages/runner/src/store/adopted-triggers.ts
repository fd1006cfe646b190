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

/** Adds the adopted predictions of one batch to its sums, once those of its attempts are made anew. */
export const RECOUNT_ADOPTED = `INSERT INTO spending (scope, batch_id, quarter, billed, in_flight, at_risk)
    SELECT s.scope, s.batch_id, s.quarter, sum(${billed('a')}), 0, sum(${atRisk('a')})
      FROM adopted_scopes s JOIN adopted_predictions a ON a.id = s.adopted_id WHERE s.batch_id = ?
      GROUP BY s.scope, s.batch_id, s.quarter
    ${upsert()}`;

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

/** A result whose bill nobody states, as with an attempt. */
function atRisk(row: string): string {
  return `iif(${row}.billed_micros IS NULL, coalesce(${row}.estimate_micros, 0), 0)`;
}
