import { createHash } from 'node:crypto';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ListedAsset, Manifest, ManifestFiles, ManifestIssue, MediaByAsset, Plan } from '@localize/core';
import { catalogue } from '@localize/providers';
import {
  BatchJobs,
  isSameStamp,
  type JobsSummary,
  makeFolder,
  readRedos,
  registeredDigest,
  stampNow,
} from '@localize/runner';
import { readVersion } from '../infra/process-context.js';
import { chooseState } from '../state/choose-state.js';
import { locateState, type StateLocation } from '../state/locate-state.js';
import type { LoadOptions } from './load-batch.js';
import { manifestFiles } from './manifest-files.js';
import type { ManifestPath } from './manifest-path.js';

/**
 * What a manifest came to when it was last carried out, with all that was read for it. While every text, list of files
 * and media file is what it was, so is the plan, and its jobs are in the state: a run that goes on reads, probes and
 * plans nothing. A record is a cache: without it, or with one that does not fit, the manifest is read.
 */

/** A version of its own for the shape of records. */
const FORMAT = 3;

/** What reading a manifest has asked of the disk, with digests of the answers. */
export interface Reads {
  /** `null`: there was no such file. */
  readonly texts: (readonly [path: string, digest: string | null])[];
  readonly listings: (readonly [pattern: string, digest: string])[];
  readonly media: (readonly [path: string, bytes: number, times: string])[];
}

/** The part of a loaded batch that comes out of its files. */
export interface PlannedBatch {
  readonly plan: Plan;
  /** The manifest itself says so, rather than the command. */
  readonly emulatesItself: boolean;
  readonly notify: NonNullable<Manifest['notify']> | null;
  readonly warnings: readonly ManifestIssue[];
}

interface Recorded extends Omit<PlannedBatch, 'plan'> {
  readonly madeBy: string;
  readonly asked: string;
  readonly statePath: string;
  readonly reads: Reads;
  readonly redos: string;
  readonly plan: Omit<Plan, 'jobs'>;
  readonly jobs: JobsSummary;
}

/** The disk as a manifest sees it, with every answer written down. */
export function recordReads(files: ManifestFiles): { files: ManifestFiles; reads: Reads } {
  const reads: Reads = { texts: [], listings: [], media: [] };
  return {
    reads,
    files: {
      ...files,
      listFiles: (pattern) => {
        const found = files.listFiles(pattern);
        reads.listings.push([pattern, digestOf(found.join('\n'))]);
        return found;
      },
      readText: (path) => {
        const text = files.readText(path);
        recordText(reads, path, text);
        return text;
      },
    },
  };
}

/** @param text `null`: there was no such file; once there is, the plan is made anew */
export function recordText(reads: Reads, path: string, text: string | null): void {
  reads.texts.push([path, text === null ? null : digestOf(text)]);
}

/**
 * Adds what the media files were when they were probed.
 * @returns whether a look at them will tell that nothing has changed: behind a URL there is nothing to look at.
 */
export function recordMedia(reads: Reads, assets: readonly ListedAsset[], media: MediaByAsset): boolean {
  for (const { name, key, source, probe } of assets) {
    if (!probe) continue;
    const looked = media.get(name);
    const file = looked !== undefined && 'facts' in looked ? looked.facts.file : undefined;
    if (source.kind === 'url' || file === undefined) return false;
    reads.media.push([key, file.bytes, file.times]);
  }
  return true;
}

/** Writes down what a manifest has come to, once the state has its jobs. What cannot be written is planned again. */
export function rememberPlan(
  manifest: ManifestPath,
  options: LoadOptions,
  { location, reads, batch }: { location: StateLocation; reads: Reads; batch: PlannedBatch },
): void {
  const { jobs, ...plan } = batch.plan;
  if (!(jobs instanceof BatchJobs)) return;
  const record: Recorded = {
    ...batch,
    madeBy: maker(),
    asked: askedOf(manifest, options),
    statePath: location.path,
    reads,
    redos: redosOf(location, plan.batch),
    plan,
    jobs: jobs.summary,
  };
  const path = recordPath(location, record.asked);
  try {
    makeFolder(dirname(path));
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(record));
    renameSync(`${path}.${process.pid}`, path);
  } catch {
    // The batch itself is what matters; the next run plans it again.
  }
}

interface KnownPlan {
  readonly batch: PlannedBatch;
  readonly location: StateLocation;
}

/** What a manifest comes to, if that is known without reading it; else `null`. */
export function knownPlan(manifest: ManifestPath, options: LoadOptions): KnownPlan | null {
  // Where no file is at fault, the plan is the same whether or not faults would be forgiven.
  const strict = options.keepGoing ? recordedPlan(manifest, { ...options, keepGoing: false }) : null;
  return strict ?? recordedPlan(manifest, options);
}

function recordedPlan(manifest: ManifestPath, options: LoadOptions): KnownPlan | null {
  const override = chooseState(manifest.absolute, options);
  const asked = askedOf(manifest, options);
  const record = readRecord(recordPath(locateState(manifest.absolute, { emulate: false, override }), asked));
  if (record === null || record.asked !== asked || record.madeBy !== maker()) return null;
  const { plan, jobs, reads, emulatesItself, notify, warnings } = record;
  const location = locateState(manifest.absolute, { emulate: plan.emulate, override });
  if (location.path !== record.statePath || !isUnchanged(reads, manifestFiles(manifest.absolute))) return null;
  if (record.redos !== redosOf(location, plan.batch)) return null;
  if (registeredDigest(location.path, plan.batch) !== jobs.digest) return null;
  const inState = BatchJobs.inState({ path: location.path, batch: plan.batch }, jobs);
  return { location, batch: { plan: { ...plan, jobs: inState }, emulatesItself, notify, warnings } };
}

function readRecord(path: string): Recorded | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Recorded;
  } catch {
    return null;
  }
}

function isUnchanged({ texts, listings, media }: Reads, files: ManifestFiles): boolean {
  return (
    texts.every(([path, digest]) => {
      const text = files.readText(path);
      return (text === null ? null : digestOf(text)) === digest;
    }) &&
    listings.every(([pattern, digest]) => digestOf(files.listFiles(pattern).join('\n')) === digest) &&
    media.every(([path, bytes, times]) => {
      const stamp = stampNow(path);
      return stamp !== null && isSameStamp(stamp, { bytes, times });
    })
  );
}

/** Beside the state: all that is of one manifest, one way to ask for it, and one state. */
function recordPath({ plansDir }: StateLocation, asked: string): string {
  return join(plansDir, `${digestOf(asked).slice(0, 24)}.json`);
}

function askedOf(manifest: ManifestPath, { emulate, keepGoing, ownConfig }: LoadOptions): string {
  return JSON.stringify([manifest.absolute, manifest.typed, emulate, keepGoing, ownConfig?.providers ?? null]);
}

function redosOf({ path }: StateLocation, batch: string): string {
  return digestOf(JSON.stringify([...readRedos(path, batch)]));
}

/** The program and its catalogue: another one may make another plan of the same files. */
function maker(): string {
  const { mtimeMs } = statSync(fileURLToPath(import.meta.url));
  return [FORMAT, readVersion(), mtimeMs, digestOf(JSON.stringify(catalogue))].join(' ');
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
