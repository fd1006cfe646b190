import type { ChangedJob, JobStanding } from '@localize/runner';

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
