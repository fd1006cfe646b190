import { useEffect, useRef, useState } from 'preact/hooks';

/** How a record by job key is kept in the browser. */
export interface Keeping<T> {
  /** Its name there. */
  readonly name: string;
  /** `null` where it is none. May throw. */
  readonly read: (text: string) => Readonly<Record<string, T>> | null;
  readonly write: (kept: Readonly<Record<string, T>>) => string;
}

/** Sets what is kept of a job; `null` takes it away. */
export type SetKept<T> = (key: string, value: T | null) => void;

/**
 * What a reviewer says of jobs, by their keys. It is kept in the browser, so that a reload does not lose an hour's work, for
 * all tabs that show the batch; where a browser keeps nothing it stays in the page.
 * @param keeping the same for the whole life of the page but for its name
 */
export function useKept<T>(keeping: Keeping<T>): readonly [Readonly<Record<string, T>>, SetKept<T>] {
  const { name } = keeping;
  const [kept, setKept] = useState(() => load(keeping) ?? {});
  const isKept = useRef(true);
  useEffect(() => {
    const follow = ({ key }: StorageEvent) => {
      if (key === name) setKept((own) => load(keeping) ?? own);
    };
    addEventListener('storage', follow);
    return () => removeEventListener('storage', follow);
  }, [name]);
  const set: SetKept<T> = (key, value) => {
    setKept((own) => {
      // Another tab may have said something of other videos since.
      const { [key]: _, ...others } = (isKept.current ? load(keeping) : null) ?? own;
      const after = value === null ? others : { ...others, [key]: value };
      isKept.current = save(keeping, after);
      return after;
    });
  };
  return [kept, set];
}

/** `null` where nothing is kept. */
function load<T>({ name, read }: Keeping<T>): Readonly<Record<string, T>> | null {
  try {
    const text = localStorage.getItem(name);
    return text === null ? null : read(text);
  } catch {
    // A browser may refuse storage to a page that was opened from disk.
    return null;
  }
}

/** @returns whether it is kept; else it stays in the page, and the download works all the same. */
function save<T>({ name, write }: Keeping<T>, kept: Readonly<Record<string, T>>): boolean {
  try {
    localStorage.setItem(name, write(kept));
    return true;
  } catch {
    return false;
  }
}
