/**
 * `batches.reported` says what a batch's reports were last made of. Whoever changes a row that they show takes it away,
 * so that it never speaks of a state that is gone. While it is `NULL` these cost one look at a row.
 */
export const REPORTED = `
  ALTER TABLE batches ADD COLUMN reported TEXT;
  ${['INSERT', 'UPDATE'].map((event) => forget('jobs', event, 'NEW.batch_id')).join('')}
  ${['attempts', 'marks', 'redos', 'deliveries'].map(forgetOfJob).join('')}
`;

/** For a table that comes later, whose rows have a `job_id`. */
export function forgetOfJob(table: string): string {
  const changes = ['INSERT', 'UPDATE'].map((event) => forget(table, event, batchOfJob('NEW')));
  return [...changes, forget(table, 'DELETE', batchOfJob('OLD'))].join('');
}

/** What reports show of each table that changes at times in what they do not: a later look, another try. */
const SHOWN = {
  jobs: 'key, position, state, orphaned, planned, choice, hold_reason, failure, output, edited, changed, attempt_id',
  attempts: `run_id, route, provider, lane_id, lane_display, state, request, prediction_id, failure, estimate_micros,
    quoted_micros, billed_micros, cost_source, wall_ahead, staging_at, staged_at, intended_at, sent_at, accepted_at,
    running_at, ended_at, download_at, downloaded_at, slot_until`,
  deliveries: 'destination, sha256, failure',
  adopted_predictions: 'route, provider, prediction_id, estimate_micros, billed_micros, cost_source, made_at',
};

/** Takes it away for what they show alone: while a lost create is looked for, each run writes down when it looks next. */
export const REPORTED_AS_SHOWN = Object.entries(SHOWN)
  .map(([table, columns]) => {
    const batchId = table === 'jobs' ? 'NEW.batch_id' : batchOfJob('NEW');
    return `DROP TRIGGER reported_${table}_update; ${forget(table, 'UPDATE', batchId, columns)}`;
  })
  .join('');

/** Also for what was learned since of what an attempt costs. */
export const REPORTED_EXPECTED = ['attempts', 'adopted_predictions']
  .map(
    (table) => `CREATE TRIGGER reported_${table}_expected AFTER UPDATE OF expected_micros ON ${table} BEGIN
      ${forgetReported(batchOfJob('NEW'))}
    END;`,
  )
  .join('');

function batchOfJob(row: 'NEW' | 'OLD'): string {
  return `(SELECT batch_id FROM jobs WHERE id = ${row}.job_id)`;
}

function forget(table: string, event: string, batchId: string, columns?: string): string {
  const change = columns === undefined ? event : `${event} OF ${columns}`;
  return `CREATE TRIGGER reported_${table}_${event.toLowerCase()} AFTER ${change} ON ${table} BEGIN
      ${forgetReported(batchId)}
    END;`;
}

function forgetReported(batchId: string): string {
  return `UPDATE batches SET reported = NULL WHERE id = ${batchId} AND reported IS NOT NULL;`;
}
