import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder, openStore } from '../src/index.js';
import { requireWritable } from '../src/output/output-writable.js';
import { takeBatchLock } from '../src/store/open/batch-lock.js';
import { mountSmallDisk } from '../testing/small-disk.js';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'localize-folder-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

it('makes a folder with those above it, also a second time', () => {
  const path = join(folder(), 'a', 'b', 'c');
  makeFolder(path);
  makeFolder(path);
  expect(existsSync(path)).toBe(true);
});

// Node's own recursive mkdir would go on for ever here.
it('ends where the file system takes no new folder, and says so', async () => {
  expect(() => makeFolder('/proc/localize/state')).toThrow('/proc takes no new folder');
  expect(() => openStore('/proc/localize/state.db')).toThrow(
    expect.objectContaining({ code: 'STATE_UNUSABLE', message: expect.stringContaining('/proc takes no new folder') }),
  );
  const holder = { pid: 1, host: 'h', since: 'now' };
  expect(() => takeBatchLock('/proc/localize/state.db', 'spring', holder)).toThrow('takes no new folder');
  await expect(requireWritable('/proc/localize/out')).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
});

it('says what is wrong with a folder that takes nothing', async () => {
  const disk = join(folder(), 'disk');
  const mounted = mountSmallDisk(disk, 1);
  onTestFinished(() => mounted?.unmount());
  if (mounted) execFileSync('mount', ['-o', 'remount,ro', disk]);
  // Whom nobody lets mount anything is no superuser either.
  else chmodSync(disk, 0o555);
  await expect(requireWritable(join(disk, 'localized', 'spring'))).rejects.toMatchObject({
    code: 'OUTPUT_UNWRITABLE',
    message: expect.stringMatching(/read-only file system|permission denied/),
  });
});
