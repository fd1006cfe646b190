import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { SMALL } from './support/manifests.js';

describe('localize plan', () => {
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

  test('is machine-readable with --json', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const { stdout } = await localize(folder, ['plan', '--json', '--only', 'safety/fr']);
    expect(JSON.parse(stdout)).toMatchObject({
      batch: 'small',
      emulated: true,
      total: { jobs: 1, unpriced_jobs: 0 },
      jobs: [{ key: 'safety/fr', route: 'wavespeed/infinitetalk', billed_seconds: 8, to_buy: true, state: 'pending' }],
    });
  });
});
