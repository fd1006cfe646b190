import type { JobSnapshot } from '@localize/core';
import { catalogue } from '@localize/providers';

const LISTLESS = new Set(catalogue.providers.filter(({ listingLagMs }) => listingLagMs === null).map(({ id }) => id));
const ROUTES = new Set(catalogue.routes.filter(({ provider }) => LISTLESS.has(provider)).map(({ id }) => id));

/** Whether nobody can look up what was created on that route: its provider lists no predictions. */
export function isUnlisted(route: string): boolean {
  return ROUTES.has(route);
}

/** Says of a held job that no run can look up its create, where none can. */
export function withListing(job: JobSnapshot): JobSnapshot {
  if (job.state !== 'held' || job.route === null || !isUnlisted(job.route)) return job;
  return { ...job, unlisted: true };
}
