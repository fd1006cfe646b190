import { LocalizeError, type PlannedJob } from '@localize/core';
import { createJobFilter } from '../batch/job-filter.js';

/**
 * What `--only` selects of the jobs of a batch.
 * @throws LocalizeError JOB_UNKNOWN when a pattern selects none: a typo must not look like a batch that is done.
 */
export function selectJobs(jobs: readonly Pick<PlannedJob, 'key'>[], patterns: readonly string[] | undefined) {
  for (const pattern of patterns ?? []) {
    const matches = createJobFilter([pattern]);
    if (jobs.some((job) => matches(job.key))) continue;
    const known = jobs.slice(0, 5).map((job) => job.key);
    throw new LocalizeError('JOB_UNKNOWN', `no job matches ${pattern}`, {
      hint: `a job’s key is <video id>/<language tag>, for instance ${known.join(', ')}`,
    });
  }
  return createJobFilter(patterns);
}
