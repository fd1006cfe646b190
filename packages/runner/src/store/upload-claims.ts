import { prepared } from './prepared.js';
import { findRow, findRows, insertRow } from './rows.js';
import { isRunAtWork } from './runs.js';
import { assets, uploadClaims } from './schema/schema.js';
import type { Store } from './store.js';

/** A run that has not said for so long that it is at it may be stopped, and holds nobody up any more. */
const LEASE_MS = 60_000;

/** One content at one destination. */
export interface Upload {
  readonly contentId: string;
  readonly destination: string;
}

/**
 * Claims an upload for a run. Runs of one state then bring a content to a destination once, whichever process they are
 * in; the claim of a run that has died is free at once.
 * @param knownUrl where it was fetchable when it was found to be not so any more; `null`: it never was
 * @returns whether it is this run's to upload: not where another run is at it, or has been since
 */
export function claimUpload(
  store: Store,
  upload: Upload,
  { runId, knownUrl, nowMs }: { runId: string; knownUrl: string | null; nowMs: number },
): boolean {
  const other = otherClaim(store, upload, runId);
  if (other !== undefined && isHeld(store, other, nowMs)) return false;
  return store.transact(() => {
    const asset = findRow(store, assets, IS_IT, upload.contentId, upload.destination);
    if ((asset?.url ?? null) !== knownUrl) return false;
    // Another run may have claimed it since it was looked at.
    if (otherClaim(store, upload, runId)?.runId !== other?.runId) return false;
    endClaim(store, upload, other?.runId ?? runId);
    const { contentId, destination } = upload;
    insertRow(store, uploadClaims, { contentId, destination, runId, renewedAt: nowMs });
    return true;
  }, 'kill');
}

/** Whether another run that goes on is bringing it there. */
export function isUploadedElsewhere(
  store: Store,
  upload: Upload,
  { runId, nowMs }: { runId: string; nowMs: number },
): boolean {
  const other = otherClaim(store, upload, runId);
  return other !== undefined && isHeld(store, other, nowMs);
}

export function renewClaim(store: Store, { contentId, destination }: Upload, runId: string, nowMs: number): void {
  prepared<[number, string, string, string], unknown>(
    store,
    'UPDATE upload_claims SET renewed_at = ? WHERE content_id = ? AND destination = ? AND run_id = ?',
  ).run(nowMs, contentId, destination, runId);
}

/** Gives up a run's own claim, and no other's. */
export function endClaim(store: Store, { contentId, destination }: Upload, runId: string): void {
  prepared<[string, string, string], unknown>(
    store,
    'DELETE FROM upload_claims WHERE content_id = ? AND destination = ? AND run_id = ?',
  ).run(contentId, destination, runId);
}

/** Contents that a run was bringing to a destination when it died. */
export function abandonedUploads(store: Store, destination: string): string[] {
  const claims = findRows(store, uploadClaims, 'WHERE destination = ?', destination);
  return claims.filter(({ runId }) => !isRunAtWork(store, runId)).map(({ contentId }) => contentId);
}

type Claim = typeof uploadClaims.$inferSelect;

const IS_IT = 'WHERE content_id = ? AND destination = ?';

function otherClaim(store: Store, { contentId, destination }: Upload, runId: string): Claim | undefined {
  const found = findRow(store, uploadClaims, IS_IT, contentId, destination);
  return found?.runId === runId ? undefined : found;
}

function isHeld(store: Store, { runId, renewedAt }: Claim, nowMs: number): boolean {
  return nowMs - renewedAt < LEASE_MS && isRunAtWork(store, runId);
}
