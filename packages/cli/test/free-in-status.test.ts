import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { statusOf, writeManifest } from './support/manifests.js';

/** `two/fr` is made of the very same as `one/de`, or of a copy of it; `two/ja` is another. */
const manifest = (budget: string, { batch = 'free', track = './media/audio/de/safety.mp3' } = {}) => `version: 1
batch: ${batch}
emulate: true
defaults: { provider: wavespeed, prompt: A presenter, resolution: 480p }
${budget && `budget: { ${budget} }`}
providers: { wavespeed: { price: { usd_per_second: 0.05 } } }
videos:
  - { id: one, source: ./media/safety.mp4, labels: { copy: first }, tracks: { de: ./media/audio/de/safety.mp3 } }
  - id: two
    source: ./media/safety.mp4
    labels: { copy: second }
    tracks: { fr: ${track}, ja: { audio: ./media/audio/ja/safety.mp3, seed: 1 } }
`;

function folderOf(text: string): string {
  const folder = folderWith({}, { media: true });
  copyFileSync(join(folder, 'media/audio/de/safety.mp3'), join(folder, 'copy.mp3'));
  writeManifest(folder, text);
  return folder;
}

/** For a job in German only the second of two routes has room. */
const lists = manifest('max_usd: 9, languages: { de: { max_usd: 0.5 } }')
  .replace('provider: wavespeed', 'provider: [eachlabs, wavespeed]')
  .replace('providers: {', 'providers: { eachlabs: { price: { usd_per_second: 0.1 } },');

interface Waiting {
  readonly jobs: readonly string[];
  readonly unknown: readonly unknown[];
}

/** What everything is expected to cost and who waits for money, which plan and report tell too. */
async function told(folder: string) {
  const { cost, waiting_for_money: waiting, jobs } = await statusOf(folder);
  const planned = JSON.parse((await localize(folder, ['plan', '--json'])).stdout);
  const reported = JSON.parse((await localize(folder, ['report', '--format', 'json'])).stdout);
  expect(reported.cost.estimated_usd).toBe(cost.estimated_usd);
  const waits = ({ jobs: keys, unknown }: Waiting) => [...keys, ...unknown.map(() => 'unknown')];
  if (planned.waiting_for_money) expect(waits(planned.waiting_for_money)).toEqual(waits(waiting));
  const done = jobs.filter(({ state }: { state: string }) => state === 'succeeded').length;
  return { left: planned.total.price_usd, all: cost.estimated_usd, waits: waits(waiting), done };
}

const limited = (folder: string, ...flags: string[]) => localize(folder, ['run', '--yes', ...flags]);

describe('a job that is made of the very same as another', { timeout: 240_000 }, () => {
  test.each([
    ['', []],
    ['max_usd: 9', []],
    ['max_usd: 0.9', []],
    ['max_usd: 9, languages: { fr: { max_usd: 0.1 } }', []],
    ['max_usd: 9, labels: { copy: { second: { max_usd: 0.5 } } }', []],
    ['max_usd: 0.5', ['two/ja']],
    ['max_usd: 0.1', ['one/de', 'two/ja']],
    ['max_usd: 9, languages: { de: { max_usd: 0.1 }, fr: { max_usd: 0.1 } }', ['one/de']],
    ['max_usd: 0.9, languages: { de: { max_usd: 0.1 } }', []],
  ])('is to cost nothing, and waits for no money beside the first of them: %s', async (budget, waits) => {
    const folder = folderOf(manifest(budget));
    expect(await told(folder)).toEqual({ left: '0.80', all: '0.80', waits, done: 0 });
  });

  test('is bought for both where the first of them has no room', async () => {
    const folder = folderOf(manifest('max_usd: 9, languages: { de: { max_usd: 0.1 } }'));
    expect(await told(folder)).toEqual({ left: '0.80', all: '0.80', waits: [], done: 0 });
    expect((await limited(folder)).exit).toBe(0);
    expect(await told(folder)).toMatchObject({ left: '0.00', waits: [], done: 3 });
    expect((await statusOf(folder)).cost.billed_usd).toBe('0.80');
  });

  test('leaves its room to others where yet another of them is bought', async () => {
    const other = '{ audio: ./media/audio/ja/safety.mp3, seed: 1 }';
    const three = manifest('max_usd: 0.85, languages: { de: { max_usd: 0.1 } }')
      .replace('tracks: { fr:', 'tracks: { es: ./media/audio/de/safety.mp3, fr:')
      .replace(`ja: ${other}`, `de: ${other}, ko: ${other}`);
    const folder = folderOf(three);
    expect(await told(folder)).toEqual({ left: '0.80', all: '0.80', waits: [], done: 0 });
    expect((await limited(folder)).exit).toBe(0);
    expect(await told(folder)).toMatchObject({ left: '0.00', all: '0.80', waits: [], done: 5 });
  });

  test('waits for the route that the other is bought on, where that is the cheaper one', async () => {
    const folder = folderOf(lists);
    const args = ['--only', 'one/de', '--only', 'two/fr'];
    expect((await localize(folder, ['plan', ...args])).stdout).toContain('$0.40');
    const { exit, stderr } = await limited(folder, ...args);
    expect([exit, stderr]).toEqual([0, expect.not.stringContaining('is met')]);
    const { jobs, cost } = await statusOf(folder);
    expect(jobs.flatMap(({ attempts }: { attempts: unknown[] }) => attempts)).toHaveLength(1);
    expect(cost.billed_usd).toBe('0.40');
  });

  test('waits for the cheaper route of the other also where both are made again', async () => {
    const wide = lists.replace('max_usd: 0.5', 'max_usd: 0.9');
    const folder = folderOf(wide);
    const args = ['--only', 'one/de', '--only', 'two/fr'];
    expect((await limited(folder, ...args)).exit).toBe(0);
    writeManifest(folder, wide.replace('A presenter', 'A teacher'));
    expect((await localize(folder, ['plan', '--remake', ...args])).stdout).toContain('1 job to buy for $0.40');
    expect((await limited(folder, '--remake', ...args)).exit).toBe(0);
    const { jobs, cost } = await statusOf(folder);
    expect(jobs.flatMap(({ attempts }: { attempts: unknown[] }) => attempts)).toHaveLength(2);
    expect(cost.billed_usd).toBe('0.72');
  });

  test('waits to be made again with the one that the fewest caps keep back', async () => {
    const folder = folderOf(manifest('max_usd: 9'));
    const args = ['--only', 'one/de', '--only', 'two/fr'];
    expect((await limited(folder, ...args)).exit).toBe(0);
    const edited = (usd: string) =>
      manifest(`max_usd: ${usd}, languages: { de: { max_usd: 0.5 } }`).replace('A presenter', 'A teacher');
    writeManifest(folder, edited('0.5'));
    expect((await limited(folder, '--remake', ...args)).exit).toBe(3);
    const { waiting_for_money: waiting } = await statusOf(folder);
    expect(waiting).toMatchObject({ jobs: ['two/fr', 'two/ja'], needed_usd: '0.80' });
    writeManifest(folder, edited('0.85'));
    expect((await localize(folder, ['plan', ...args])).stdout).toContain('nothing to buy');
    expect((await limited(folder, ...args)).exit).toBe(0);
    expect((await statusOf(folder)).cost.billed_usd).toBe('0.40');
    expect((await limited(folder, '--remake', ...args)).exit).toBe(0);
    expect((await statusOf(folder)).cost.billed_usd).toBe('0.80');
  });

  test('waits with the first of them where a saved plan is carried out', async () => {
    const folder = folderOf(manifest('max_usd: 9, languages: { de: { max_usd: 0.1 }, fr: { max_usd: 0.1 } }'));
    expect((await localize(folder, ['plan', '--out', 'saved.plan'])).exit).toBe(0);
    const { exit, stderr } = await limited(folder, '--plan', 'saved.plan');
    expect([exit, stderr]).toEqual([3, expect.not.stringContaining('PLAN_CHANGED')]);
    expect(await told(folder)).toMatchObject({ waits: ['one/de'], done: 1 });
    const [, twin] = (await statusOf(folder)).jobs;
    expect(twin.reason).toMatch(/^takes the result of one\/de, .*once there is room for that$/);
  });

  test('is taken from the route that a saved plan buys it on', async () => {
    const folder = folderOf(lists);
    const args = ['--only', 'one/de', '--only', 'two/fr'];
    expect((await localize(folder, ['plan', ...args, '--out', 'saved.plan'])).stdout).toContain('$0.40');
    expect((await limited(folder, '--plan', 'saved.plan')).exit).toBe(0);
    const { jobs } = await statusOf(folder);
    expect(jobs.flatMap(({ attempts }: { attempts: unknown[] }) => attempts)).toHaveLength(1);
  });

  test('is to cost nothing before and after a run, whichever batch has bought it', async () => {
    const folder = folderOf(manifest('max_usd: 9, languages: { fr: { max_usd: 0.1 } }'));
    expect((await limited(folder, '--only', 'one/de')).exit).toBe(0);
    expect(await told(folder)).toEqual({ left: '0.40', all: '0.80', waits: [], done: 1 });

    for (const [batch, budget] of [
      ['uncapped', ''],
      ['capped', 'max_usd: 9, languages: { de: { max_usd: 0.1 }, fr: { max_usd: 0.1 } }'],
    ] as const) {
      writeManifest(folder, manifest(budget, { batch }).replaceAll('seed: 1', `seed: ${batch.length}`));
      expect(await told(folder)).toEqual({ left: '0.40', all: '0.40', waits: [], done: 0 });
      expect((await limited(folder, '--only', 'two/ja')).exit).toBe(0);
      expect(await told(folder)).toEqual({ left: '0.00', all: '0.40', waits: [], done: 1 });
    }
  });

  test('is to cost nothing as a copy, once runs have read both files', async () => {
    const folder = folderOf(manifest(''));
    expect((await limited(folder, '--only', 'one/de')).exit).toBe(0);
    const copied = manifest('', { batch: 'copied', track: './copy.mp3' });
    writeManifest(folder, copied);
    expect((await limited(folder, '--only', 'two/fr')).exit).toBe(0);
    writeManifest(folder, copied.replace('batch: copied', 'batch: again').replace('A presenter', 'A teacher'));
    expect(await told(folder)).toEqual({ left: '0.80', all: '0.80', waits: [], done: 0 });
  });
});
