import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

/** A file of the demo media. */
export function demo(path: string): string {
  return fileURLToPath(new URL(`../../../manifests/media/${path}`, import.meta.url));
}

/** A file that is made for these tests by `__fixtures__/make.sh`. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`__fixtures__/${name}`, import.meta.url));
}

/** A folder for the tests of one file; the returned function makes paths inside it. */
export function useFolder(): (name: string) => string {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'localize-media-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}
