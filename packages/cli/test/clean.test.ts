import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { filesBelow, folderWith, localize } from './support/cli.js';
import { SMALL, startHolder } from './support/manifests.js';

const OUT = 'localized/small.emulated';

test('clean shows what no job needs, deletes it on a yes, and leaves alone what is needed', {
  timeout: 120_000,
}, async () => {
  const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
  const nothing = await localize(folder, ['clean', '--yes']);
  expect([nothing.exit, nothing.stdout]).toEqual([0, 'there is nothing to clean\n']);
  expect(existsSync(join(folder, '.localize'))).toBe(false);
  expect((await localize(folder, ['-q'])).exit).toBe(0);

  // French leaves the manifest, German is made again, and downloads were cut off.
  const edited = SMALL.replace(/ +fr: .*\n/, '').replace('provider: eachlabs', 'provider: eachlabs, seed: 7');
  writeFileSync(join(folder, 'manifest.yaml'), edited);
  expect((await localize(folder, ['-q', '--remake'])).exit).toBe(0);
  writeFileSync(join(folder, OUT, 'safety/safety.de.mp4.part'), 'x'.repeat(1_500));
  writeFileSync(join(folder, OUT, 'safety/safety.de.mp4.part.validator'), '"etag"');
  const before = filesBelow(folder);

  const dry = await localize(folder, ['clean']);
  expect(dry.exit).toBe(0);
  expect(dry.stdout).toMatch(/^1 unfinished download that nothing goes on with, 1\.5 kB\n/);
  expect(dry.stdout).toContain('1 video of jobs that are no longer in the manifest (paid for)');
  expect(dry.stdout).toContain('1 earlier version of videos');
  expect(dry.stdout).toContain(`  ${OUT}/safety/safety.fr.mp4  `);
  expect(dry.stdout).toMatch(/\nnothing was deleted; to free .* (MB|kB): localize clean manifest\.yaml --yes\n$/);
  const names = (map: Map<string, string>) => [...map.keys()].filter((name) => name.startsWith('localized')).sort();
  expect(names(filesBelow(folder))).toEqual(names(before));
  expect((await localize(folder, ['clean', '--older-than', '1h'])).stdout).toBe('there is nothing to clean\n');

  // The part of a result that is paid for and not here yet is needed.
  const state = new Database(join(folder, '.localize/emulated.db'));
  state.exec(`UPDATE jobs SET state = 'held', hold_reason = 'download-failed' WHERE key = 'safety/de'`);
  const kept = JSON.parse((await localize(folder, ['clean', '--json'])).stdout) as { files: { kind: string }[] };
  expect(kept.files.map(({ kind }) => kind).sort()).toEqual(['orphaned', 'orphaned', 'replaced', 'replaced']);
  state.exec(`UPDATE jobs SET state = 'succeeded', hold_reason = NULL WHERE key = 'safety/de'`);
  state.close();

  const removed = await localize(folder, ['clean', '--yes']);
  expect([removed.exit, removed.stdout]).toEqual([0, expect.stringMatching(/\ndeleted: .*\n$/)]);
  expect(readdirSync(join(folder, OUT, 'safety')).sort()).toEqual(['safety.de.mp4', 'safety.de.mp4.json']);
  expect((await localize(folder, ['clean'])).stdout).toBe('there is nothing to clean\n');
  expect((await localize(folder, ['status', '--verify', '--only', '*/de'])).exit).toBe(0);
});

test('clean goes by the manifest as it is now, whatever the last run has marked', { timeout: 120_000 }, async () => {
  const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
  const write = (text: string) => writeFileSync(join(folder, 'manifest.yaml'), text);
  const listed = async () => {
    const told = JSON.parse((await localize(folder, ['clean', '--json'])).stdout) as { files: { path: string }[] };
    return told.files.map(({ path }) => path.replace(/^.*\//, ''));
  };
  expect((await localize(folder, ['-q'])).exit).toBe(0);
  const frenchFiles = ['safety.fr.mp4', 'safety.fr.mp4.json'];
  const without = SMALL.replace(/ +fr: .*\n/, '');
  write(without);
  expect(await listed()).toEqual(frenchFiles);

  // What a renamed job takes instead of buying is wanted until it has taken it.
  write(SMALL.replace('fr:', 'fr-CA:'));
  expect(await listed()).toEqual([]);
  expect((await localize(folder, ['-q'])).exit).toBe(0);
  expect(await listed()).toEqual(frenchFiles);

  // That run has marked it, and it comes back.
  write(SMALL);
  expect(await listed()).toEqual(['safety.fr-CA.mp4', 'safety.fr-CA.mp4.json']);
});

test('clean never deletes while a run holds the batch', { timeout: 60_000 }, async () => {
  const stale = 'localized/small/stale.mp4.part';
  const folder = folderWith({ [stale]: 'x' }, { media: true });
  await startHolder(folder);
  const refused = await localize(folder, ['clean', '--yes']);
  expect([refused.exit, refused.stderr]).toEqual([5, expect.stringContaining('BATCH_LOCKED')]);
  expect(existsSync(join(folder, stale))).toBe(true);
});
