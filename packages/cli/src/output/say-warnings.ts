import { firstIssues, type ManifestIssueCode } from '@localize/core';
import type { LoadedBatch } from '../batch/load-batch.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { issueRecord } from '../log/log-record.js';
import { type Selection, selectJobs } from '../select/select-jobs.js';
import { selectableJobs } from '../select/selectable-job.js';

/** Of each kind: a folder of tracks that are all too long is one thing to know, not hundreds. */
const MOST = 10;

/**
 * Says what is worth saying of a manifest before a command begins: of the jobs that the command is about, the first few
 * of each kind with their lines, nothing with `--quiet`.
 * @returns the messages that were said, as the plan has them, so that each is said once
 * @throws LocalizeError JOB_UNKNOWN, USAGE when the options select no job
 */
export function sayWarnings(
  { err, log }: Pick<CommandContext, 'err' | 'log'>,
  batch: Pick<LoadedBatch, 'warnings' | 'showWarnings' | 'plan' | 'again'>,
  options: SharedOptions,
): ReadonlySet<string> {
  if (options.quiet || batch.warnings.length === 0) return new Set();
  const isMeant = meantJobs(batch, options);
  const warnings = batch.warnings.filter(({ job }) => job === undefined || isMeant(job));
  const limit = {
    most: options.verbose ? warnings.length : MOST,
    hint: `localize validate ${batch.again} --verbose shows them all`,
  };
  if (log) for (const warning of warnings) log(issueRecord(warning, Date.now()));
  else if (warnings.length > 0) err.write(`${batch.showWarnings(warnings, limit)}\n`);
  // What a bill will be is said by the plan too, where it was not among the first.
  const first = new Set(firstIssues(warnings, limit.most));
  const said = warnings.filter((warning) => first.has(warning) || !BILLED_OTHERWISE.includes(warning.code));
  return new Set(said.map(({ message }) => message));
}

const BILLED_OTHERWISE: readonly ManifestIssueCode[] = ['LENGTH_UNDERSTATED', 'LENGTH_OVERSTATED'];

/** As far as the manifest alone can say it. */
function meantJobs({ plan }: Pick<LoadedBatch, 'plan'>, { only, lang, video, limit }: Selection) {
  return selectJobs(() => selectableJobs(plan, null), { only, lang, video, limit });
}
