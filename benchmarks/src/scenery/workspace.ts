import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FACE } from '../paths.js';
import { writeWav } from './write-wav.js';

/** Seconds of the one voice that all jobs of a benchmark share. */
export const VOICE_SECONDS = 2;

/** A temporary folder; everything that a benchmark writes is below it. */
export class Workspace {
  readonly #root = mkdtempSync(join(tmpdir(), 'localize-bench-'));
  #next = 0;

  /** A fresh folder with `face.mp4` and `voice.wav` in it. */
  newFolder(): string {
    this.#next += 1;
    const folder = join(this.#root, String(this.#next));
    mkdirSync(folder);
    copyFileSync(FACE, join(folder, 'face.mp4'));
    writeWav(join(folder, 'voice.wav'), VOICE_SECONDS);
    return folder;
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }
}
