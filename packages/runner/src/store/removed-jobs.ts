import type { PlannedJob } from '@localize/core';
import type { Sidecar } from '../content/sidecar.js';
import { findRow, insertRow } from './rows.js';
import { jobs } from './schema/schema.js';
import type { JobRow, Store } from './store.js';

/** `<video id>/<language tag>` */
const KEY = /^([^\p{Cc}]+)\/([^/\p{Cc}]+)$/u;

/**
 * A job that the manifest has no more and the state has lost, as far as a result's sidecar tells of it. Nothing can be
 * made for it: it has no route, and nobody knows its files.
 * @returns `null` where the sidecar names none
 */
export function removedJob({ job: key, labels, duration_seconds: seconds }: Sidecar): PlannedJob | null {
  const [, videoId, language] = KEY.exec(key) ?? [];
  if (videoId === undefined || language === undefined) return null;
  const unknown = { kind: 'url', url: '' } as const;
  return {
    key,
    videoId,
    language,
    languageSpelling: language,
    position: 0,
    labels: textsIn(labels),
    video: unknown,
    voices: { kind: 'one', audio: unknown },
    mask: null,
    durationMs: Number.isFinite(seconds) && seconds > 0 ? Math.round(seconds * 1000) : null,
    choices: [],
    ineligible: [],
    output: `${key}.mp4`,
  };
}

/** A sidecar lies where anybody can write. */
function textsIn(labels: unknown): Readonly<Record<string, string>> {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return {};
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => typeof value === 'string'));
}

/** Has the state know it from now on, as it would know any that left the manifest. The caller holds the transaction. */
export function insertRemovedJob(store: Store, batchId: number, planned: PlannedJob): JobRow | undefined {
  const { key, position } = planned;
  const counts = { choice: 0, retries: 0, stumbles: 0, readyAt: 0 };
  insertRow(store, jobs, {
    batchId,
    key,
    position,
    state: 'pending',
    orphaned: true,
    planned,
    provider: null,
    ...counts,
  });
  return jobNamed(store, batchId, key);
}

/** A job of a batch, whether the manifest still has it or not. */
export function jobNamed(store: Store, batchId: number, key: string): JobRow | undefined {
  return findRow(store, jobs, 'WHERE batch_id = ? AND key = ?', batchId, key);
}
