import { useEffect, useMemo, useState } from 'preact/hooks';
import { LONGEST_NOTE } from '../../src/review/review.js';
import type { JobRow, Notes } from '../../src/view-model/index.js';

/** A note and the video that it was written of: of another one it says nothing. */
interface KeptNote {
  readonly sha256: string;
  readonly note: string;
}

type KeptNotes = Readonly<Record<string, KeptNote>>;

/** Notes that go with no mark yet. They are kept in the browser like the marks, for all tabs that show the batch. */
export function useNotes(
  batch: string,
  jobs: readonly JobRow[],
): { readonly notes: Notes; readonly setNote: (key: string, note: string) => void } {
  const [kept, setKept] = useState<KeptNotes>(() => load(batch) ?? {});
  useEffect(() => {
    const follow = ({ key }: StorageEvent) => {
      if (key === storageKey(batch)) setKept((own) => load(batch) ?? own);
    };
    addEventListener('storage', follow);
    return () => removeEventListener('storage', follow);
  }, [batch]);
  const notes = useMemo(() => notesOf(kept, jobs), [kept, jobs]);
  const setNote = (key: string, note: string) => {
    const sha256 = jobs.find(({ rawKey }) => rawKey === key)?.sha256 ?? '';
    setKept((own) => {
      // Another tab may have noted something of other videos since.
      const { [key]: _, ...others } = { ...own, ...load(batch) };
      const after = note === '' ? others : { ...others, [key]: { sha256, note } };
      save(batch, after);
      return after;
    });
  };
  return { notes, setNote };
}

function notesOf(kept: KeptNotes, jobs: readonly JobRow[]): Notes {
  const noted = jobs.flatMap(({ rawKey, sha256 }) => {
    const own = Object.hasOwn(kept, rawKey) ? kept[rawKey] : undefined;
    return own !== undefined && own.sha256 === sha256 ? [[rawKey, own.note] as const] : [];
  });
  return Object.fromEntries(noted);
}

/** `null` where nothing is kept. */
function load(batch: string): KeptNotes | null {
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(storageKey(batch)) ?? 'null');
    if (typeof parsed !== 'object' || parsed === null) return null;
    return Object.fromEntries(Object.entries(parsed).flatMap(([key, kept]) => keptNote(key, kept)));
  } catch {
    // A browser may refuse storage to a page that was opened from disk.
    return null;
  }
}

function keptNote(key: string, kept: unknown): [string, KeptNote][] {
  if (typeof kept !== 'object' || kept === null || !('note' in kept) || !('sha256' in kept)) return [];
  const { note, sha256 } = kept;
  if (typeof note !== 'string' || typeof sha256 !== 'string') return [];
  return [[key, { sha256, note: note.slice(0, LONGEST_NOTE) }]];
}

function save(batch: string, notes: KeptNotes): void {
  try {
    localStorage.setItem(storageKey(batch), JSON.stringify(notes));
  } catch {
    // They stay in the page, as marks do.
  }
}

function storageKey(batch: string): string {
  return `localize-notes ${batch}`;
}
