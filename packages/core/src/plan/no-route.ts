import type { ExpandedTrack } from '../manifest/expanded.js';
import type { Finding } from '../manifest/manifest-issue.js';
import { count, orList } from '../text/words.js';
import type { PlannedJob } from './plan.js';

/** Jobs that fail for the same reasons are named up to this number, then counted. */
const NAMED = 3;

interface Group {
  readonly reasons: string;
  readonly expected: string;
  readonly jobs: { readonly key: string; readonly track: ExpandedTrack }[];
}

/** Collects jobs that no route can make: one slip in the defaults should not fill the screen with every job. */
export function createNoRouteList() {
  const groups = new Map<string, Group>();
  return {
    add(key: string, track: ExpandedTrack, ineligible: PlannedJob['ineligible']): void {
      const reasons = ineligible.map(({ route, reason }) => `${route} ${reason}`).join('; ');
      const group = groups.get(reasons) ?? { reasons, expected: expectedFor(ineligible), jobs: [] };
      group.jobs.push({ key, track });
      groups.set(reasons, group);
    },
    findings: (): { track: ExpandedTrack; finding: Finding }[] => [...groups.values()].flatMap(findingsOf),
  };
}

function findingsOf({ reasons, expected, jobs }: Group): { track: ExpandedTrack; finding: Finding }[] {
  const named = jobs.slice(0, NAMED).map(({ key, track }) => {
    return { track, finding: { code: 'NO_ROUTE', message: `no route can make ${key}: ${reasons}`, expected } as const };
  });
  const next = jobs[NAMED];
  if (next === undefined) return named;
  const message = `no route can make ${next.key}${others(jobs.length - NAMED - 1)}, for the same reasons`;
  return [...named, { track: next.track, finding: { code: 'NO_ROUTE', message, expected } }];
}

function others(number: number): string {
  return number === 0 ? '' : ` and ${count(number, 'more job')}`;
}

function expectedFor(ineligible: PlannedJob['ineligible']): string {
  const mends = new Set(ineligible.flatMap((each) => each.mends ?? []));
  return orList([...mends, 'another provider']);
}
