import type { Plan } from '@localize/core';
import { ContentClues } from '../content/content-clues.js';
import { ContentIds } from '../content/hash-file.js';
import type { Store } from '../store/store.js';
import { type LooseResults, looseResults } from './loose-results.js';

/**
 * One look at a plan, its state and its files. What was read for one question serves the next: no file is hashed twice, and
 * the folders of outputs are gone through once, and only where somebody asks.
 */
export class PlanLook {
  readonly clues: ContentClues;
  readonly ids: ContentIds;
  readonly #readLoose: () => Promise<LooseResults>;
  #loose: Promise<LooseResults> | null = null;

  /** @param store `null`: there is no state yet */
  constructor(store: Store | null, plan: Pick<Plan, 'outputDir' | 'emulate'>) {
    this.clues = new ContentClues(store);
    this.ids = new ContentIds(store);
    this.#readLoose = () => looseResults(store, plan);
  }

  loose(): Promise<LooseResults> {
    this.#loose ??= this.#readLoose();
    return this.#loose;
  }
}
