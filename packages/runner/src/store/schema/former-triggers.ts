import { QUARTER_MS } from './spending-triggers.js';

const OWN_TIME = '(a.intended_at + a.wall_ahead)';

/**
 * What was bought for a job while its batch had another name stays with that name, and counts under the caps of the
 * batch's whole life too, in scopes of its own: `former all`, `former provider X` and so on. Those of a day or a month
 * count all batches, and so count it once.
 */
export const FORMER_SPENDING = `
  CREATE TABLE former_jobs (
    former_id INTEGER NOT NULL REFERENCES jobs (id),
    batch_id INTEGER NOT NULL REFERENCES batches (id),
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    PRIMARY KEY (former_id, batch_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX former_jobs_batch ON former_jobs (batch_id);
  DROP VIEW attempt_scopes;
  CREATE VIEW attempt_scopes AS
    WITH own AS NOT MATERIALIZED (
      SELECT a.id AS attempt_id, j.batch_id, ${OWN_TIME} / ${QUARTER_MS} AS quarter, a.provider, a.run_id, j.planned
        FROM attempts a JOIN jobs j ON j.id = a.job_id
    ), former AS NOT MATERIALIZED (
      SELECT a.id AS attempt_id, f.batch_id, ${OWN_TIME} / ${QUARTER_MS} AS quarter, a.provider, j.planned
        FROM attempts a JOIN former_jobs f ON f.former_id = a.job_id JOIN jobs j ON j.id = f.job_id
    )
    ${scopes('attempt_id', 'own', '')}
    UNION ALL SELECT attempt_id, batch_id, quarter, 'run ' || run_id FROM own WHERE run_id IS NOT NULL
    UNION ALL ${scopes('attempt_id', 'former', 'former ')};
  DROP VIEW adopted_scopes;
  CREATE VIEW adopted_scopes AS
    WITH own AS NOT MATERIALIZED (
      SELECT a.id AS adopted_id, j.batch_id, a.made_at / ${QUARTER_MS} AS quarter, a.provider, j.planned
        FROM adopted_predictions a JOIN jobs j ON j.id = a.job_id
    ), former AS NOT MATERIALIZED (
      SELECT a.id AS adopted_id, f.batch_id, a.made_at / ${QUARTER_MS} AS quarter, a.provider, j.planned
        FROM adopted_predictions a JOIN former_jobs f ON f.former_id = a.job_id JOIN jobs j ON j.id = f.job_id
    )
    ${scopes('adopted_id', 'own', '')}
    UNION ALL ${scopes('adopted_id', 'former', 'former ')};
`;

function scopes(id: string, from: string, prefix: string): string {
  const select = `SELECT ${id}, batch_id, quarter,`;
  return `${select} '${prefix}all' AS scope FROM ${from}
    UNION ALL ${select} '${prefix}provider ' || provider FROM ${from}
    UNION ALL ${select} '${prefix}language ' || json_extract(planned, '$.language') FROM ${from}
    UNION ALL ${select} '${prefix}label ' || l.key || '=' || l.value FROM ${from}, json_each(${from}.planned, '$.labels') l`;
}
