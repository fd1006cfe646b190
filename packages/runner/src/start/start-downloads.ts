import type { ProviderId } from '@localize/core';
import { askableLanes, type RunContext } from '../run-context.js';
import { download } from '../step/download.js';
import { countDueDownloads, dueDownload, dueDownloads } from '../store/backlog.js';
import type { Tasks } from '../tasks.js';

/** Downloads of one provider that run at once. */
export const DOWNLOADS_AT_ONCE = 12;

/**
 * Starts downloads, the longest due first. Each provider's results have room of their own: a host that answers slowly
 * holds up no other's. Results of providers that this run has no key for come after all others.
 */
export function startDownloads(context: RunContext, tasks: Tasks): void {
  const own = [...new Set(context.lanes.map(({ provider }) => provider))];
  const rest = context.options.catalogue.providers.map(({ id }) => id).filter((id) => !own.includes(id));
  const groups = [...own.map((provider) => [provider]), rest];
  // Those under way are still due in their rows.
  const underWay = groups.reduce((sum, group) => sum + tasks.count(kindOf(group)), 0);
  let waiting = countDueDownloads(context, underWay + DOWNLOADS_AT_ONCE * groups.length) - underWay;
  for (const group of groups) {
    if (waiting <= 0 || (group === rest && own.some((provider) => roomFor(tasks, [provider]) <= 0))) return;
    waiting -= startGroup(context, tasks, group);
  }
}

/** @returns how many */
function startGroup(context: RunContext, tasks: Tasks, providers: readonly ProviderId[]): number {
  const room = roomFor(tasks, providers);
  if (room <= 0) return 0;
  const kind = kindOf(providers);
  const due = dueDownloads(context, { providers, except: tasks.subjects(kind), limit: room });
  for (const jobId of due) {
    const { job, attempt } = dueDownload(context, jobId);
    const lane = askableLanes(context).find((each) => each.id === attempt.laneId) ?? null;
    tasks.start(kind, jobId, () => download(context, job, attempt, lane));
  }
  return due.length;
}

function roomFor(tasks: Tasks, providers: readonly ProviderId[]): number {
  return DOWNLOADS_AT_ONCE - tasks.count(kindOf(providers));
}

function kindOf(providers: readonly ProviderId[]): string {
  return `download-${providers.join('-')}`;
}
