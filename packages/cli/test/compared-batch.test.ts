import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { twoRoutes } from './support/manifests.js';

test('a batch that another is compared with is told as by itself', { timeout: 120_000 }, async () => {
  const other = (eachlabs: string) =>
    twoRoutes({ batch: 'other', provider: 'eachlabs', eachlabs }).replaceAll('A p', 'P');
  const folder = folderWith({ 'manifest.yaml': twoRoutes({ provider: 'wavespeed' }) }, { media: true });
  const write = (text: string) => writeFileSync(join(folder, 'other.yaml'), text);
  write(other('0.12'));
  expect((await localize(folder, ['run', 'other.yaml', '--yes', '--limit', '1'])).exit).toBe(0);
  write(other('0.05'));
  const own = JSON.parse((await localize(folder, ['status', 'other.yaml', '--json'])).stdout);
  expect(own.cost.estimated_usd).toBe('2.16');

  const compare = () => localize(folder, ['report', '--compare', 'other', '--format', 'markdown']);
  const { stdout, stderr } = await compare();
  expect(stdout).toMatch(/\| Estimated \| \$2\.16 /);
  expect(stderr).not.toContain('told');

  write(other('0.05').replace('batch: other', 'batch: third'));
  const moved = await compare();
  expect(moved.stderr).toContain(
    'other is told at the prices that it last ran at: other.yaml is the manifest of another',
  );
  expect(moved.stdout).toMatch(/\| Estimated \| \$3\.84 /);
  rmSync(join(folder, 'other.yaml'));
  const gone = await compare();
  expect([gone.exit, gone.stderr]).toEqual([0, expect.stringContaining('other.yaml cannot be read (there is no file')]);
});
