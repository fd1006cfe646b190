import { type PlannedJob, voiceSources } from '@localize/core';
import { sidecarPath } from '../content/sidecar.js';
import type { BegunUpload } from '../staging/begun-uploads.js';
import { isSamePlace } from '../staging/object-name.js';
import type { UploadPlace } from '../staging/upload-place.js';
import { deliveryName } from '../step/deliver.js';
import { deliveredJobs } from '../store/deliveries.js';
import { findRow, findRows } from '../store/rows.js';
import { batches, fileHashes, jobs } from '../store/schema/schema.js';
import type { BatchRow, Store } from '../store/store.js';
import { abandonedUploads } from '../store/upload-claims.js';
import type { CleanQuery } from './clean.js';

/** An upload in parts to a bucket that was cut short, and that no job goes on with. */
export interface LeftoverUpload {
  readonly kind: 'upload';
  /** `s3://<bucket>/<name>` */
  readonly path: string;
  /** Of the parts that are there. */
  readonly bytes: number;
  readonly place: UploadPlace;
  readonly upload: BegunUpload;
}

/**
 * Looks through a bucket for what this batch has begun to upload there and will not end. Uploads of sources that this state
 * knows nothing of may be another's, and stay.
 * @throws StagingError
 */
export async function leftoverUploads(
  store: Store,
  batch: BatchRow,
  place: UploadPlace,
  { beforeMs, planned, signal }: Pick<CleanQuery, 'beforeMs' | 'planned' | 'signal'>,
): Promise<LeftoverUpload[]> {
  const { prefix, bucket } = place.settings;
  const ofOutputs = place.gets === 'outputs';
  const begun = await place.begun(ofOutputs ? `${prefix}${batch.name}/` : prefix, signal);
  if (begun.length === 0) return [];
  const isLeftover = ofOutputs
    ? unneededOutputs(store, batch, { destination: place.destination, planned })
    : unneededSources(store, batch, { destination: place.destination, planned });
  const found: LeftoverUpload[] = [];
  for (const upload of begun) {
    const isYounger = upload.begunAtMs !== null && upload.begunAtMs >= beforeMs;
    if (isYounger || !isLeftover(upload.name.slice(prefix.length))) continue;
    const bytes = await place.bytesOf(upload, signal);
    found.push({ kind: 'upload', path: `s3://${bucket}/${upload.name}`, bytes, place, upload });
  }
  return found;
}

interface Uploading {
  readonly destination: string;
  readonly planned: Iterable<PlannedJob>;
}

/** Below its folder all is this batch's: what no job of it will deliver any more. */
function unneededOutputs(
  store: Store,
  batch: BatchRow,
  { destination, planned }: Uploading,
): (name: string) => boolean {
  const delivered = new Set(deliveredJobs(store, batch.id, destination).map(({ key }) => key));
  const needed = new Set<string>();
  for (const { key, output } of planned) {
    if (delivered.has(key)) continue;
    const name = deliveryName(batch.name, output);
    needed.add(name).add(sidecarPath(name));
  }
  return (name) => !needed.has(name);
}

/** Sources that jobs needed which have left the manifest, or that a run which has died was uploading, and nobody needs now. */
function unneededSources(
  store: Store,
  batch: BatchRow,
  { destination, planned }: Uploading,
): (name: string) => boolean {
  const needed = contentsOf(store, [...planned, ...jobsOfOthers(store, batch, destination)]);
  const needing = findRows(store, jobs, 'WHERE batch_id = ?', batch.id).map((row) => row.planned);
  const begunHere = new Set([...contentsOf(store, needing), ...abandonedUploads(store, destination)]);
  return (name) => {
    const contentId = `sha256:${/^([0-9a-f]{64})(\.[^/]*)?$/.exec(name)?.[1]}`;
    return begunHere.has(contentId) && !needed.has(contentId);
  };
}

/** Jobs of other batches that may stage their files there too. */
function jobsOfOthers(store: Store, { id }: BatchRow, destination: string): PlannedJob[] {
  const others = findRows(store, batches, 'WHERE id <> ?', id).filter(
    ({ staging }) => staging === null || isSamePlace(staging, destination),
  );
  return others.flatMap((other) =>
    findRows(store, jobs, 'WHERE batch_id = ? AND orphaned = 0', other.id).map(({ planned }) => planned),
  );
}

/** Of the files that the jobs are made from, as far as they were ever read. */
function contentsOf(store: Store, planned: readonly PlannedJob[]): Set<string> {
  const paths = new Set(planned.flatMap(pathsOf));
  const known = [...paths].map((path) => findRow(store, fileHashes, 'WHERE path = ?', path));
  return new Set(known.flatMap((row) => (row === undefined ? [] : `sha256:${row.sha256}`)));
}

function pathsOf({ video, voices, mask }: PlannedJob): string[] {
  const sources = [video, ...voiceSources(voices), ...(mask ? [mask] : [])];
  return sources.flatMap((source) => (source.kind === 'file' ? source.path : []));
}
