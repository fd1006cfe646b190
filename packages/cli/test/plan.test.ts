import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { SMALL } from './support/manifests.js';

describe('localize plan', { timeout: 120_000 }, () => {
  test('shows every job with route and price, what is unknown, and writes nothing', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const { exit, stdout } = await localize(folder, ['plan']);
    expect(exit).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "safety/de  eachlabs/infinitalk          unknown
      safety/fr  wavespeed/infinitetalk  8 s    $0.24

      By provider
        eachlabs   1 job  1 job of unknown price
        wavespeed  1 job                   $0.24

      By language
        de  1 job  1 job of unknown price
        fr  1 job                   $0.24

      warning: 1 job: the source is 720p and wavespeed/infinitetalk makes 480p

      small: 2 jobs to buy for $0.24 and 1 job of unknown price (simulated: the batch runs on the emulator)
      A run wants 116 MB free on the outputs’ disk, 100 MB of them in reserve.
      At the real providers it would take about 5m; the emulator is much faster.
      "
    `);
    expect(existsSync(join(folder, '.localize'))).toBe(false);
    expect((await localize(folder, ['run', '--dry-run'])).stdout).toBe(stdout);
  });

  test('says why a route that is preferred gets nothing', async () => {
    const manifest = SMALL.replace('provider: eachlabs', 'provider: [vibedream, eachlabs]');
    const folder = folderWith({ 'manifest.yaml': manifest.replace('emulate: true\n', '') }, { media: true });
    const { stdout } = await localize(folder, ['plan']);
    expect(stdout).toMatch(/^Ruled out\n {2}vibedream\/infinitetalk-fast {2}\d jobs? {2}takes no local files/m);
    expect((await localize(folder, ['plan', '--verbose'])).stdout).not.toContain('Ruled out');
  });

  test('says null, never zero, of what nobody knows, and which of two prices it is', async () => {
    const folder = folderWith(
      { 'manifest.yaml': SMALL.replace('eachlabs }', '[eachlabs, wavespeed] }') },
      { media: true },
    );
    const { stdout } = await localize(folder, ['plan', '--json', '--only', 'safety/de']);
    expect(JSON.parse(stdout)).toMatchObject({
      total: { jobs: 1, price_usd: null, unpriced_jobs: 1 },
      by_provider: [{ name: 'eachlabs', price_usd: null }],
      runners_up: [
        {
          resolutions: ['480p'],
          chosen_resolutions: ['720p'],
          price_usd: '0.24',
          difference_usd: null,
          unpriced_jobs: 0,
          uncompared_jobs: 1,
        },
      ],
    });
    const text = await localize(folder, ['plan', '--only', 'safety/de']);
    expect(text.stdout).toContain(
      'wavespeed/infinitetalk  1 job  $0.24, beside an unknown price; at 480p, and what is chosen at 720p',
    );
    writeFileSync(join(folder, 'manifest.yaml'), SMALL.replace('wavespeed/infinitetalk }', '[wavespeed, eachlabs] }'));
    const other = await localize(folder, ['plan', '--json', '--only', 'safety/fr']);
    expect(JSON.parse(other.stdout).runners_up).toMatchObject([
      { route: 'eachlabs/infinitalk', price_usd: null, difference_usd: null, unpriced_jobs: 1 },
    ]);
  });

  test('says of a job that --keep-going leaves out that it is, and of nothing that it is made', async () => {
    const broken = SMALL.replace('de: { audio: ./media/audio/de/safety.mp3', 'de: { audio: ./gone.mp3');
    const folder = folderWith({ 'manifest.yaml': broken }, { media: true });
    const { stdout } = await localize(folder, ['plan', '--keep-going']);
    expect(stdout).toMatch(/^safety\/de +left out\s/);
    expect(stdout).toContain('problem: safety/de is left out: a file of it is missing or unusable');
    expect(stdout).toContain('; 1 of 2 jobs is not made by a run as it is');
    expect(stdout).not.toContain('no route');
    expect(stdout).not.toContain('made or under way');
  });

  test('counts jobs that are left out beyond the first few', async () => {
    const tags = ['de', 'es', 'fr', 'it', 'ja', 'ko', 'nl', 'pl'];
    const tracks = tags.map((tag) => `${tag}: ./gone.${tag}.mp3`).join(', ');
    const broken = SMALL.replace(/ {4}tracks:.*/s, `    provider: eachlabs\n    tracks: { ${tracks} }\n`);
    const folder = folderWith({ 'manifest.yaml': broken }, { media: true });
    const { stdout } = await localize(folder, ['plan', '--keep-going']);
    expect(stdout.match(/is left out: a file of it/g)).toHaveLength(5);
    expect(stdout).toContain('problem: 3 more jobs left out for want of a file');
  });

  test('says each warning once, and nothing of providers that no job can go to', async () => {
    const text = `${SMALL.replace('./media/safety.mp4', './media/safety.mp4\n    duration: 20s')}providers: { vibedream: {}, eachlabs: {}, wavespeed: {} }\n`;
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const times = ({ stdout, stderr }: { stdout: string; stderr: string }) =>
      `${stderr}${stdout}`.split('the track of safety/de is').length - 1;
    const plan = await localize(folder, ['plan']);
    expect(times(plan)).toBe(1);
    expect(plan.stdout).not.toContain('the limits of vibedream are assumed');
    const run = await localize(folder, []);
    expect([run.exit, times(run)]).toEqual([0, 1]);
    // Later commands have not said it yet.
    expect(times(await localize(folder, ['status']))).toBe(1);
  });

  test('is machine-readable with --json', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const { stdout } = await localize(folder, ['plan', '--json', '--only', 'safety/fr']);
    expect(JSON.parse(stdout)).toMatchObject({
      batch: 'small',
      emulated: true,
      total: { jobs: 1, unpriced_jobs: 0 },
      jobs: [
        {
          key: 'safety/fr',
          route: 'wavespeed/infinitetalk',
          resolution: '480p',
          billed_seconds: 8,
          to_buy: true,
          state: 'pending',
        },
      ],
    });
  });
});
