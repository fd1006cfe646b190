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
  const batchOf = (row: 'NEW' | 'OLD') => `(SELECT batch_id FROM jobs WHERE id = ${row}.job_id)`;
  const changes = ['INSERT', 'UPDATE'].map((event) => forget(table, event, batchOf('NEW')));
  return [...changes, forget(table, 'DELETE', batchOf('OLD'))].join('');
}

function forget(table: string, event: string, batchId: string): string {
  return `CREATE TRIGGER reported_${table}_${event.toLowerCase()} AFTER ${event} ON ${table} BEGIN
      UPDATE batches SET reported = NULL WHERE id = ${batchId} AND reported IS NOT NULL;
    END;`;
}
