import type { ChangedJob, ForeseenRun, JobStanding } from '@localize/runner';

/**
 * Finished jobs that are wanted differently now and that a run buys again where it is told to; keys. What was paid for
 * before is taken back for free, and what a reviewer approved is left alone unless `includeApproved`.
 */
export function remadeJobs(
  changed: readonly ChangedJob[],
  standings: ReadonlyMap<string, JobStanding>,
  { only, includeApproved = false }: { only: (key: string) => boolean; includeApproved?: boolean | undefined },
): Set<string> {
  const remade = changed.filter(({ key, isPaidFor }) => {
    const approved = standings.get(key)?.approved ?? false;
    return only(key) && !isPaidFor && (includeApproved || !approved);
  });
  return new Set(remade.map(({ key }) => key));
}

/** How many jobs without a video wait for money where these are made again, and would be bought if nothing were. */
export function displacedBy(
  again: Pick<ForeseenRun, 'waiting'>,
  { plain, remade }: { plain: Pick<ForeseenRun, 'waiting'>; remade: ReadonlySet<string> },
): number {
  return [...again.waiting].filter((key) => !remade.has(key) && !plain.waiting.has(key)).length;
}
