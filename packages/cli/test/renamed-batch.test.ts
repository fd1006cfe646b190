import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';

/** What `status`, `plan` and `report` say of a batch whose manifest has had another name. */

const manifest = (name: string, { top = '', media = './media' } = {}) => `version: 1
batch: ${name}
emulate: true
${top}
output: { dir: ${media}/../localized }
defaults: { provider: wavespeed }
videos:
  - id: safety
    source: ${media}/safety.mp4
    tracks: { de: ${media}/audio/de/safety.mp3 }
`;

const write = (folder: string, text: string) => writeFileSync(join(folder, 'manifest.yaml'), text);
const json = async (folder: string, ...args: string[]) => JSON.parse((await localize(folder, args)).stdout);
const ALSO = expect.stringMatching(
  /^the caps of the whole batch also count \$0\.24 that was spent on its jobs as batch/,
);

test('status counts under a cap that is set later what was spent under the name before, without a run', {
  timeout: 60_000,
}, async () => {
  const folder = folderWith({}, { media: true });
  write(folder, manifest('winter'));
  expect((await localize(folder, [])).exit).toBe(0);
  write(folder, manifest('summer'));
  expect((await localize(folder, [])).exit).toBe(0);

  write(folder, manifest('summer', { top: 'budget: { max_usd: 0.24 }' }));
  const spent = [{ billed_usd: '0.24', left_usd: '0.00', waiting_jobs: 0 }];
  expect(await json(folder, 'status', '--json')).toMatchObject({ budget: spent, cost: { billed_usd: '0.00' } });
  expect((await localize(folder, ['status'])).stdout).toContain('also count $0.24');
  const report = await json(folder, 'report', '--format', 'json');
  expect(report).toMatchObject({ budget: spent, warnings: expect.arrayContaining([ALSO]) });
  expect((await json(folder, 'plan', '--json')).budget).toMatchObject(spent);

  expect((await localize(folder, [])).exit).toBe(0);
  const after = await json(folder, 'report', '--format', 'json');
  expect(after).toMatchObject({ budget: spent });
  expect(after.warnings.filter((each: string) => each.includes('also count'))).toEqual([ALSO]);
});

test('a batch that was renamed and moved at once keeps what its caps count, one beside it counts its own', {
  timeout: 60_000,
}, async () => {
  const folder = folderWith({}, { media: true });
  write(folder, manifest('winter'));
  expect((await localize(folder, [])).exit).toBe(0);
  const moved = join(folder, 'moved');
  mkdirSync(moved);
  write(moved, manifest('summer', { top: 'budget: { max_usd: 0.24 }', media: '../media' }));
  // As long as the first is there, it is another batch.
  expect(await json(moved, 'status', '--json')).toMatchObject({ budget: [{ billed_usd: '0.00' }] });
  renameSync(join(folder, 'manifest.yaml'), join(folder, 'gone.yaml'));
  const spent = [{ billed_usd: '0.24', left_usd: '0.00' }];
  expect((await json(moved, 'status', '--json')).budget).toMatchObject(spent);
  expect((await json(moved, 'plan', '--json')).budget).toMatchObject(spent);
  expect((await localize(moved, [])).exit).toBe(0);
  expect(await json(moved, 'status', '--json')).toMatchObject({ budget: spent, cost: { billed_usd: '0.00' } });
});
