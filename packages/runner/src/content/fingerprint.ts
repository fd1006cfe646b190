import { createHash } from 'node:crypto';
import {
  type AssetSource,
  type FingerprintParts,
  fingerprintText,
  type PlannedJob,
  type RouteChoice,
  urlContentId,
  voiceSources,
} from '@localize/core';
import type { Store } from '../store/store.js';
import { ContentIds } from './hash-file.js';

/** Content ids of everything that a job is made from, and what its fingerprint is made of. */
export async function fingerprintParts(
  ids: ContentIds,
  job: PlannedJob,
  choice: RouteChoice,
): Promise<FingerprintParts> {
  const contentId = (source: AssetSource) =>
    source.kind === 'file' ? ids.of(source.path) : Promise.resolve(urlContentId(source.url));
  const [video, mask, voices] = await Promise.all([
    contentId(job.video),
    job.mask && contentId(job.mask),
    Promise.all(voiceSources(job.voices).map(contentId)),
  ]);
  const order = job.voices.kind === 'two' ? job.voices.order : null;
  return { video, voices, order, mask, route: choice.route, input: choice.input };
}

/** The same for callers without a run; each file is read once, however many jobs name it. */
export function jobParts(store: Store | null): (job: PlannedJob, choice: RouteChoice) => Promise<FingerprintParts> {
  const ids = new ContentIds(store);
  return (job, choice) => fingerprintParts(ids, job, choice);
}

export function fingerprintOf(parts: FingerprintParts): string {
  return createHash('sha256').update(fingerprintText(parts)).digest('hex');
}

/** Names of the parts that differ, for telling the user what an edit touched. */
export function changedParts(before: FingerprintParts, after: FingerprintParts): string[] {
  const names: string[] = [];
  for (const name of ['video', 'voices', 'order', 'mask', 'route'] as const) {
    if (JSON.stringify(before[name]) !== JSON.stringify(after[name])) names.push(name);
  }
  for (const name of ['prompt', 'seed', 'resolution', 'frames', 'options'] as const) {
    if (JSON.stringify(before.input[name]) !== JSON.stringify(after.input[name])) names.push(name);
  }
  return names;
}
