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
import { ContentIds, sha256Of } from './hash-file.js';

/** Content ids of everything that a job is made from, and what its fingerprint is made of. */
export async function fingerprintParts(
  ids: ContentIds,
  job: PlannedJob,
  { route, input }: RouteChoice,
): Promise<FingerprintParts> {
  return { ...(await contentsNamed((source) => contentIdOf(ids, source), job)), route, input };
}

/** Of what a job asks for on each of its routes, in their order. @throws the file system's error where a source cannot be read */
export async function fingerprintsOf(ids: ContentIds, job: PlannedJob): Promise<string[]> {
  if (job.choices.length === 0) return [];
  return onEachRoute(await contentsNamed((source) => contentIdOf(ids, source), job), job);
}

/** The same, by the contents. */
export function onEachRoute(contents: Contents, { choices }: PlannedJob): string[] {
  return choices.map(({ route, input }) => fingerprintOf({ ...contents, route, input }));
}

/** What identifies the content of a source. @throws the file system's error where it cannot be read */
export function contentIdOf(ids: ContentIds, source: AssetSource): Promise<string> {
  return source.kind === 'file' ? ids.of(source.path) : Promise.resolve(urlContentId(source.url));
}

/** What a job is made of, on whichever route. */
export type Contents = Pick<FingerprintParts, 'video' | 'voices' | 'order' | 'mask'>;

/** What a job is made of, by any names of that. */
export async function contentsNamed(
  nameOf: (source: AssetSource) => Promise<string>,
  job: PlannedJob,
): Promise<Contents> {
  const [video, mask, voices] = await Promise.all([
    nameOf(job.video),
    job.mask && nameOf(job.mask),
    Promise.all(voiceSources(job.voices).map(nameOf)),
  ]);
  return { video, voices, order: orderOf(job), mask };
}

/** The same where the names are at hand. */
export function contentsBy(nameOf: (source: AssetSource) => string, job: PlannedJob): Contents {
  const { video, voices, mask } = job;
  const order = orderOf(job);
  return { video: nameOf(video), voices: voiceSources(voices).map(nameOf), order, mask: mask && nameOf(mask) };
}

function orderOf({ voices }: PlannedJob): Contents['order'] {
  return voices.kind === 'two' ? voices.order : null;
}

/** The same for callers without a run; each file is read once, however many jobs name it. */
export function jobParts(
  store: Store | null,
  { ids } = { ids: new ContentIds(store) },
): (job: PlannedJob, choice: RouteChoice) => Promise<FingerprintParts> {
  return (job, choice) => fingerprintParts(ids, job, choice);
}

export function fingerprintOf(parts: FingerprintParts): string {
  return sha256Of(fingerprintText(parts));
}

const PARTS = ['video', 'voices', 'order', 'mask', 'route'] as const;
const INPUTS = ['prompt', 'seed', 'resolution', 'frames', 'options'] as const;

/** What tells whether a part is another one, and nothing else of it; by the part's name. */
export type PartDigests = Readonly<Record<string, string>>;

export function partDigests(parts: FingerprintParts): PartDigests {
  const named = [...PARTS.map((name) => [name, parts[name]]), ...INPUTS.map((name) => [name, parts.input[name]])];
  return Object.fromEntries(named.map(([name, part]) => [name, digestOf(part)]));
}

function digestOf(part: unknown): string {
  return sha256Of(JSON.stringify(part ?? null)).slice(0, 16);
}

/** Names of the parts that differ, for telling the user what an edit touched. */
export function changedParts(before: FingerprintParts, after: FingerprintParts): string[] {
  return changedDigests(partDigests(before), partDigests(after));
}

/** The same where no more than their digests is known. */
export function changedDigests(before: PartDigests, after: PartDigests): string[] {
  return [...PARTS, ...INPUTS].filter((name) => before[name] !== after[name]);
}
