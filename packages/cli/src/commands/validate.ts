import { EXIT, type ExitCode, type PlannedJob, type PlannedJobs } from '@localize/core';
import { catalogue } from '@localize/providers';
import { settingsInUse } from '../batch/session.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { ManifestInvalid } from '../errors/manifest-invalid.js';
import { checkHosts } from '../keys/check-hosts.js';
import { sayWarnings } from '../output/say-warnings.js';
import { openBatch } from './open-batch.js';

/** `localize validate`: every mistake at once, or a line that says that there is none. Touches no state. */
export async function validate(
  context: CommandContext,
  manifest: string | undefined,
  options: SharedOptions,
): Promise<ExitCode> {
  const batch = await openBatch(context, manifest, options).catch((error: unknown) => {
    if (!options.json || !(error instanceof ManifestInvalid)) throw error;
    return error;
  });
  if (batch instanceof ManifestInvalid) {
    context.out.write(`${JSON.stringify({ valid: false, mistakes: batch.mistakes, issues: batch.issues })}\n`);
    return EXIT.usage;
  }
  // A program that reads them all needs none beside them.
  if (!options.json) sayWarnings(context, batch, options);
  if (!batch.plan.emulate)
    checkHosts(settingsInUse(batch.plan), catalogue.providers, batch.allowHosts, batch.showPlaces);
  const { jobs } = batch.plan;
  const videos = count(jobs, (job) => job.videoId);
  const languages = count(jobs, (job) => job.language);
  const facts = { manifest: batch.manifest.typed, jobs: jobs.length, videos, languages };
  if (options.json) context.out.write(`${JSON.stringify({ valid: true, ...facts, issues: batch.warnings })}\n`);
  else if (!options.quiet) {
    const counts = `${plural(jobs.length, 'job')} of ${plural(videos, 'video')} in ${plural(languages, 'language')}`;
    context.out.write(`${batch.manifest.typed} is valid: ${counts}\n`);
  }
  return EXIT.ok;
}

function count(jobs: PlannedJobs, nameOf: (job: PlannedJob) => string): number {
  const names = new Set<string>();
  for (const job of jobs) names.add(nameOf(job));
  return names.size;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
