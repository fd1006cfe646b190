import { mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ContentIds, sha256Of } from '../src/content/hash-file.js';
import { openStore, type Store } from '../src/index.js';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'localize-contents-'));
  store = openStore(join(folder, 'state.db'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a process that starts now takes a file's content for. */
const contentId = (path: string) => new ContentIds(store).of(path);
const idOf = (text: string) => `sha256:${sha256Of(Buffer.from(text))}`;

it('tells a file from another one of the same size and time of modification that took its place', async () => {
  const path = join(folder, 'voice.wav');
  writeFileSync(path, 'the first take');
  expect(await contentId(path)).toBe(idOf('the first take'));
  const { atime, mtime } = statSync(path);
  writeFileSync(`${path}.new`, 'the other take');
  for (const each of [path, `${path}.new`]) utimesSync(each, atime, mtime);
  renameSync(`${path}.new`, path);
  expect(await contentId(path)).toBe(idOf('the other take'));
  writeFileSync(path, 'the third take');
  utimesSync(path, atime, mtime);
  expect(await contentId(path)).toBe(idOf('the third take'));
});

it('reads a file once more whose times an earlier version did not write down, and finds the same', async () => {
  const path = join(folder, 'voice.wav');
  writeFileSync(path, 'the first take');
  const before = await contentId(path);
  store.sqlite.prepare("UPDATE file_hashes SET times = '', sha256 = 'old'").run();
  expect(await contentId(path)).toBe(before);
  store.sqlite.prepare("UPDATE file_hashes SET sha256 = 'known'").run();
  expect(await contentId(path)).toBe('sha256:known');
});
