import { useMemo } from 'preact/hooks';
import { LONGEST_NOTE } from '../../src/review/review.js';
import type { JobRow, Notes } from '../../src/view-model/index.js';
import { type Keeping, useKept } from './use-kept.js';

/** A note and the video that it was written of: of another one it says nothing. */
interface KeptNote {
  readonly sha256: string;
  readonly note: string;
}

type KeptNotes = Readonly<Record<string, KeptNote>>;

/** Notes that go with no mark yet, kept in the browser like the marks. */
export function useNotes(
  batch: string,
  jobs: readonly JobRow[],
): { readonly notes: Notes; readonly setNote: (key: string, note: string) => void } {
  const [kept, setKept] = useKept(keptNotes(batch));
  const notes = useMemo(() => notesOf(kept, jobs), [kept, jobs]);
  const setNote = (key: string, note: string) => {
    const sha256 = jobs.find(({ rawKey }) => rawKey === key)?.sha256 ?? '';
    setKept(key, note === '' ? null : { sha256, note });
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

function keptNotes(batch: string): Keeping<KeptNote> {
  return { name: `localize-notes ${batch}`, read: readNotes, write: JSON.stringify };
}

function readNotes(text: string): KeptNotes | null {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) return null;
  return Object.fromEntries(Object.entries(parsed).flatMap(([key, kept]) => keptNote(key, kept)));
}

function keptNote(key: string, kept: unknown): [string, KeptNote][] {
  if (typeof kept !== 'object' || kept === null || !('note' in kept) || !('sha256' in kept)) return [];
  const { note, sha256 } = kept;
  if (typeof note !== 'string' || typeof sha256 !== 'string') return [];
  return [[key, { sha256, note: note.slice(0, LONGEST_NOTE) }]];
}
