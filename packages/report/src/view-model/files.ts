import type { JobSnapshot } from '@localize/core';
import type { Tally } from './tally.js';

/** The deepest folder that holds every output; `null` when no job has one. Absolute and relative outputs don't mix. */
export class OutputFolderTally implements Tally<string | null> {
  #common: string[] | null = null;

  add({ output }: JobSnapshot): void {
    if (output === null) return;
    const folder = output.split(/[\\/]/).slice(0, -1);
    this.#common = this.#common === null ? folder : sharedStart(this.#common, folder);
  }

  result(): string | null {
    if (this.#common === null) return null;
    const text = this.#common.join('/');
    return text === '' ? '.' : text;
  }
}

function sharedStart(a: readonly string[], b: readonly string[]): string[] {
  const end = a.findIndex((part, index) => part !== b[index]);
  return end === -1 ? [...a] : a.slice(0, end);
}
