import { type PlannedJob, voiceSources } from '@localize/core';
import type { BegunUpload } from '../staging/begun-uploads.js';
import type { UploadPlace } from '../staging/upload-place.js';
import { deliveryName } from '../step/deliver.js';
import { sidecarPath } from '../step/sidecar.js';
import { deliveredJobs } from '../store/deliveries.js';
import { findRow, findRows } from '../store/rows.js';
import { fileHashes, jobs } from '../store/schema.js';
import type { BatchRow, Store } from '../store/store.js';
import { abandonedUploads } from '../store/upload-claims.js';

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
  { beforeMs, signal }: { beforeMs: number; signal: AbortSignal },
): Promise<LeftoverUpload[]> {
  const { prefix, bucket } = place.settings;
  const ofOutputs = place.gets === 'outputs';
  const begun = await place.begun(ofOutputs ? `${prefix}${batch.name}/` : prefix, signal);
  if (begun.length === 0) return [];
  const isLeftover = ofOutputs
    ? unneededOutputs(store, batch, place.destination)
    : unneededSources(store, batch, place);
  const found: LeftoverUpload[] = [];
  for (const upload of begun) {
    const isYounger = upload.begunAtMs !== null && upload.begunAtMs >= beforeMs;
    if (isYounger || !isLeftover(upload.name.slice(prefix.length))) continue;
    const bytes = await place.bytesOf(upload, signal);
    found.push({ kind: 'upload', path: `s3://${bucket}/${upload.name}`, bytes, place, upload });
  }
  return found;
}

/** Below its folder all is this batch's: what no job of it will deliver any more. */
function unneededOutputs(store: Store, batch: BatchRow, destination: string): (name: string) => boolean {
  const delivered = new Set(deliveredJobs(store, batch.id, destination).map(({ id }) => id));
  const waiting = findRows(store, jobs, 'WHERE batch_id = ? AND orphaned = 0', batch.id);
  const needed = new Set(
    waiting.flatMap(({ id, planned }) => {
      const name = deliveryName(batch.name, planned.output);
      return delivered.has(id) ? [] : [name, sidecarPath(name)];
    }),
  );
  return (name) => !needed.has(name);
}

/** Sources that jobs needed which have left the manifest, or that a run which has died was uploading, and nobody needs now. */
function unneededSources(store: Store, batch: BatchRow, { destination }: UploadPlace): (name: string) => boolean {
  const needed = contentsOf(store, findRows(store, jobs, 'WHERE orphaned = 0'));
  const removed = contentsOf(store, findRows(store, jobs, 'WHERE orphaned = 1 AND batch_id = ?', batch.id));
  const begunHere = new Set([...removed, ...abandonedUploads(store, destination)]);
  return (name) => {
    const contentId = `sha256:${/^([0-9a-f]{64})(\.[^/]*)?$/.exec(name)?.[1]}`;
    return begunHere.has(contentId) && !needed.has(contentId);
  };
}

/** Of the files that the jobs are made from, as far as they were ever read. */
function contentsOf(store: Store, rows: readonly { readonly planned: PlannedJob }[]): Set<string> {
  const paths = new Set(rows.flatMap(({ planned }) => pathsOf(planned)));
  const known = [...paths].map((path) => findRow(store, fileHashes, 'WHERE path = ?', path));
  return new Set(known.flatMap((row) => (row === undefined ? [] : `sha256:${row.sha256}`)));
}

function pathsOf({ video, voices, mask }: PlannedJob): string[] {
  const sources = [video, ...voiceSources(voices), ...(mask ? [mask] : [])];
  return sources.flatMap((source) => (source.kind === 'file' ? source.path : []));
}
