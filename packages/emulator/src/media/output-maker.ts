import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { remux } from '@localize/media';
import type { Prediction, Recipe } from '../predict/prediction.js';
import type { PredictionTable } from '../state/prediction-table.js';
import type { ContentStore } from './content-store.js';
import { findSeedNote, type SeededVideo, seedBox, seedNote } from './seeded-video.js';

/** A finished output. Those that differ in their seed alone share the file on disk. */
export interface Output extends SeededVideo {
  /** Of the whole recipe. */
  key: string;
}

/** What the seed does not change. */
interface MadeFile {
  file: string;
  bytes: number;
  key: string;
  /** Where its first picture tells the seed; `null`: its codec has no room for that. */
  noteAt: number | null;
}

/** Outputs made at once. More would only make each of them later. */
const WORKERS = 2;

/**
 * Makes the video of a completed prediction when it is first asked for, and keeps it. A real MP4: the picture that was
 * posted, with the audio that was posted. Another seed gives other bytes, in its first picture and at its very end, and the same the same.
 */
export class OutputMaker {
  readonly #folder: string;
  readonly #contents: ContentStore;
  readonly #predictions: PredictionTable;
  readonly #making = new Map<string, Promise<MadeFile>>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(dir: string, contents: ContentStore, predictions: PredictionTable) {
    this.#folder = join(dir, 'outputs');
    this.#contents = contents;
    this.#predictions = predictions;
  }

  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
  }

  /** The output of a prediction that has succeeded; null when it can't be made, and then the prediction has failed. */
  async ensure(prediction: Prediction): Promise<Output | null> {
    const { recipe } = prediction;
    if (recipe === null) return null;
    const key = recipeKey(recipe);
    let making = this.#making.get(key);
    if (making === undefined) {
      making = this.#make(key, recipe);
      this.#making.set(key, making);
    }
    try {
      return ofSeed(await making, recipe.seed);
    } catch (error) {
      this.#making.delete(key);
      // What went wrong is not for clients: it names files of this machine.
      console.error(error);
      this.#predictions.fail(prediction.id, { cause: 'internal' });
      return null;
    }
  }

  /** Resolves when nothing is being made any more. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#making.values());
  }

  async #make(key: string, recipe: Recipe): Promise<MadeFile> {
    const file = join(this.#folder, `${key}.mp4`);
    const existing = await stat(file).catch(() => null);
    if (existing !== null) return { file, bytes: existing.size, key, noteAt: await findSeedNote(file) };
    await this.#enter();
    try {
      await remux({
        picture: this.#contents.file(recipe.picture),
        audio: recipe.audio.map((sha256) => this.#contents.file(sha256)),
        arrangement: recipe.arrangement,
        output: file,
        note: seedNote(null),
        ...(recipe.durationMs === null ? {} : { durationMs: recipe.durationMs }),
      });
      return { file, bytes: (await stat(file)).size, key, noteAt: await findSeedNote(file) };
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#busy >= WORKERS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy += 1;
  }

  #leave(): void {
    this.#busy -= 1;
    this.#waiting.shift()?.();
  }
}

function ofSeed({ file, bytes, key, noteAt }: MadeFile, seed: number | undefined): Output {
  if (seed === undefined) return { file, bytes, key, patch: null, end: Buffer.alloc(0) };
  const end = seedBox(seed);
  const patch = noteAt === null ? null : { at: noteAt, note: seedNote(seed) };
  return { file, bytes: bytes + end.length, key: `${key}-${seed}`, patch, end };
}

function recipeKey(recipe: Recipe): string {
  return createHash('sha256')
    .update(JSON.stringify([recipe.picture, recipe.audio, recipe.arrangement, recipe.durationMs]))
    .digest('hex');
}
