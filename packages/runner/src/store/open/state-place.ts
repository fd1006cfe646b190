import { existsSync, fstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { LocalizeError } from '@localize/core';
import { asidePath } from './put-back.js';

/** Where a state was opened, and whether it still lies there. */
export class StatePlace {
  readonly #path: string;
  readonly #opened: Stats;
  #aside: string | null = null;
  /** Whether this process has written anything that would be lost with it. */
  isWritten = false;

  constructor(path: string) {
    this.#path = path;
    this.#opened = statSync(path);
  }

  /** Where its content is to be kept, of which nothing is there any more; `null`: it lies where it was opened, or elsewhere. */
  aside(): string | null {
    if (!this.isWritten || this.#isThere() || movedTo(this.#opened) !== null) return null;
    this.#aside ??= asidePath(this.#path);
    return this.#aside;
  }

  /**
   * What is written into a file that somebody has removed is on no disk, and the next run would buy all of it again.
   * @throws LocalizeError STATE_UNUSABLE
   */
  require(): void {
    if (this.#isThere()) return;
    const what = `the state database ${this.#path} was removed or replaced while it was in use`;
    throw new LocalizeError('STATE_UNUSABLE', what, { hint: this.#mend() });
  }

  #isThere(): boolean {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    return found?.ino === this.#opened.ino && found.dev === this.#opened.dev;
  }

  #mend(): string {
    const place = movedTo(this.#opened);
    if (place !== null) return `it lies at ${place} now: move it back, or go on there, and run again`;
    const aside = this.aside();
    if (aside === null) return 'put it back, and run again';
    return `all that it knew is written there again as this command ends: run again, and nothing is bought twice. Where another file lies there by now, it is kept as ${aside}: move it there before anything is bought`;
  }
}

/** Where Linux lists what this process has open. To open the file once more would cost SQLite its locks as that is closed. */
const OPEN_FILES = '/proc/self/fd';

/** Where a file that this process has open lies by now; `null`: nowhere, or this system does not tell. */
function movedTo({ ino, dev }: Stats): string | null {
  if (!existsSync(OPEN_FILES)) return null;
  for (const name of readdirSync(OPEN_FILES)) {
    try {
      const facts = fstatSync(Number(name));
      if (facts.ino !== ino || facts.dev !== dev) continue;
      return facts.nlink === 0 ? null : readlinkSync(`${OPEN_FILES}/${name}`);
    } catch {
      // Closed meanwhile, as the one that this list was read with.
    }
  }
  return null;
}
