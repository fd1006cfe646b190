import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** Something that a user is told of once, also when the next run meets it again. */
export interface NoticeKey {
  readonly batch: string;
  readonly kind: string;
  /** What it is about, such as a job's key with the reason why it is held. */
  readonly subject: string;
}

/** @returns whether it is new. */
export function rememberNotice(store: Store, { batch, kind, subject }: NoticeKey, atMs: number): boolean {
  const sql = 'INSERT OR IGNORE INTO notices (batch, kind, subject, at) VALUES (?, ?, ?, ?)';
  return prepared<[string, string, string, number], unknown>(store, sql).run(batch, kind, subject, atMs).changes > 0;
}

/** It is over: should it come again, it is told again. */
export function forgetNotices(store: Store, batch: string, kind: string, subjectStart: string): void {
  const sql = 'DELETE FROM notices WHERE batch = ? AND kind = ? AND substr(subject, 1, length(?)) = ?';
  prepared<[string, string, string, string], unknown>(store, sql).run(batch, kind, subjectStart, subjectStart);
}

/** The newest of its kind is the only one that still holds. */
export function forgetOtherNotices(store: Store, { batch, kind, subject }: NoticeKey): void {
  const sql = 'DELETE FROM notices WHERE batch = ? AND kind = ? AND subject <> ?';
  prepared<[string, string, string], unknown>(store, sql).run(batch, kind, subject);
}

/** Whether anything of that kind was told of a batch that is not forgotten. */
export function hasNotices(store: Store, batch: string, kind: string): boolean {
  const sql = 'SELECT 1 FROM notices WHERE batch = ? AND kind = ? LIMIT 1';
  return prepared<[string, string], unknown>(store, sql).get(batch, kind) !== undefined;
}
