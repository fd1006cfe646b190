import { NOTICE_KINDS, type NoticeKind } from '@localize/core';
import { forgetNotices, forgetOtherNotices, hasNotices, rememberNotice, type Store } from '@localize/runner';

/** What was told stays in the state, so that the next run does not tell it again. */
export function createToldNotices(store: Store, batch: string) {
  // Most runs have nothing to forget, and are asked to a few times a job.
  const told = new Set(NOTICE_KINDS.filter((kind) => hasNotices(store, batch, kind)));
  return {
    isNew: (kind: NoticeKind, subject: string) => {
      told.add(kind);
      try {
        return rememberNotice(store, { batch, kind, subject }, Date.now());
      } catch {
        // A full disk must not silence the word of it.
        return true;
      }
    },
    forget: (kind: NoticeKind, subjectStart: string) => {
      if (!told.has(kind)) return;
      try {
        forgetNotices(store, batch, kind, subjectStart);
      } catch {
        // It is told once less.
      }
    },
    forgetOthers: (kind: NoticeKind, subject: string) => {
      try {
        forgetOtherNotices(store, { batch, kind, subject });
      } catch {
        // It is told once less.
      }
    },
  };
}
