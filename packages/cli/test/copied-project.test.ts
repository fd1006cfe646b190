import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { SMALL } from './support/manifests.js';

test('a project that was copied is looked at, continued and mended where it is', { timeout: 120_000 }, async () => {
  const original = folderWith({ 'manifest.yaml': SMALL }, { media: true });
  expect((await localize(original, ['--yes'])).exit).toBe(0);
  const copy = join(mkdtempSync(join(tmpdir(), 'localize-copied-')), 'project');
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(original, copy, { recursive: true });
  const output = 'localized/small.emulated/safety/safety.de.mp4';
  writeFileSync(join(original, output), 'edited there');
  writeFileSync(join(copy, `${output}.part`), 'left over');

  const status = JSON.parse((await localize(copy, ['status', '--verify', '--json', '--same-batch'])).stdout);
  expect(status.verified).toEqual(
    ['de', 'fr'].map((tag) => ({ key: `safety/${tag}`, path: output.replace('.de.', `.${tag}.`), found: 'same' })),
  );
  for (const command of [
    ['--yes'],
    ['retry'],
    ['cancel'],
    ['clean', '--yes'],
    ['settle', 'manifest.yaml', 'safety/de', '--abandon'],
  ]) {
    const refused = await localize(copy, command);
    expect([command, refused.exit, refused.stderr]).toEqual([command, 2, expect.stringContaining('[BATCH_ELSEWHERE]')]);
  }
  expect((await localize(copy, ['--yes', '--same-batch'])).exit).toBe(0);
  expect((await localize(copy, ['retry'])).stdout).toMatch(
    /^nothing to retry: of \d jobs? .* none is failed, held or canceled /,
  );
  expect(readFileSync(join(original, output), 'utf8')).toBe('edited there');
});

test('a project that is reached by a link is the same project', { timeout: 120_000 }, async () => {
  const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
  const link = join(mkdtempSync(join(tmpdir(), 'localize-linked-')), 'project');
  onTestFinished(() => rmSync(link, { force: true }));
  symlinkSync(folder, link);
  for (const there of [link, folder, link]) {
    expect((await localize(there, ['--yes'])).exit).toBe(0);
    expect(JSON.parse((await localize(there, ['status', '--json'])).stdout).jobs).toMatchObject([
      { state: 'succeeded', attempts: [{}] },
      { state: 'succeeded', attempts: [{}] },
    ]);
  }
});
