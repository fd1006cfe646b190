import { type AssetSource, urlContentId } from '@localize/core';
import type { Store } from '../store/store.js';
import { stampNow } from './file-stamp.js';
import { knownContentId } from './hash-file.js';

/** What a state knows of contents without a look into any file. */
export class KnownContents {
  readonly #store: Store | null;
  /** By path; `null`: nobody has hashed it as it is. */
  readonly #ids = new Map<string, string | null>();

  constructor(store: Store | null) {
    this.#store = store;
  }

  /** `null` of a file that nobody has hashed as it is. */
  idOf(source: AssetSource): string | null {
    if (source.kind === 'url') return urlContentId(source.url);
    const known = this.#ids.get(source.path);
    if (known !== undefined) return known;
    const id = this.#look(source);
    this.#ids.set(source.path, id);
    return id;
  }

  /** What it shares with all of the same content, as far as that is known: else with that file alone. */
  nameOf(source: AssetSource): string {
    return this.idOf(source) ?? (source.kind === 'file' ? source.path : source.url);
  }

  #look({ path, seen }: Extract<AssetSource, { kind: 'file' }>): string | null {
    if (this.#store === null) return null;
    const now = seen ?? stampNow(path);
    return now && knownContentId(this.#store, path, now);
  }
}
