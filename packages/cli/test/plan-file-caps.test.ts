import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { twoRoutes } from './support/manifests.js';

interface SavedJob {
  readonly key: string;
  readonly route: string;
  readonly to_buy: boolean;
  readonly waits?: { needed_usd: string; caps: string[] };
}

const manifest = (budget: string, { provider = '[wavespeed, eachlabs]', eachlabs = '0.04' } = {}) =>
  twoRoutes({ batch: 'narrowed', provider, eachlabs, budget });

const opened = (text: string) => {
  const folder = folderWith({ 'manifest.yaml': text }, { media: true });
  return {
    write: (changed: string) => writeFileSync(join(folder, 'manifest.yaml'), changed),
    run: (...args: string[]) => localize(folder, ['run', '--plan', 'plan.json', ...args]),
    cli: (...args: string[]) => localize(folder, args),
    save: async (...args: string[]) => {
      const { stdout } = await localize(folder, ['plan', ...args, '--out', 'plan.json']);
      const saved = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
      return { stdout, total: saved.total_usd, jobs: saved.jobs as SavedJob[] };
    },
    bought: async () => {
      const { jobs } = JSON.parse((await localize(folder, ['status', '--json'])).stdout);
      return jobs.flatMap(({ key, attempts }: { key: string; attempts: { route: string }[] }) =>
        attempts.map(({ route }) => `${key} ${route.split('/')[0]}`),
      );
    },
  };
};

describe('a saved plan that goes round caps', { timeout: 120_000 }, () => {
  test('is carried out route by route, also after an interruption', async () => {
    const { save, run, bought } = opened(manifest('{ max_usd: 9, providers: { wavespeed: { max_usd: 0.5 } } }'));
    const { jobs } = await save();
    const routes = jobs.map(({ key, route }) => `${key} ${route.split('/')[0]}`);
    expect(routes).toEqual(['one/de wavespeed', 'one/fr wavespeed', 'two/de eachlabs', 'two/fr eachlabs']);
    expect((await run('--dry-run')).stdout).toContain('4 jobs to buy for $1.12');
    expect((await run('--max-usd', '0.3')).exit).toBe(3);
    const done = await run();
    expect([done.exit, done.stderr]).toEqual([0, expect.not.stringContaining('PLAN_CHANGED')]);
    expect((await bought()).sort()).toEqual(routes);
    expect((await run()).exit).toBe(0);
  });

  test('is refused where a plan made now would go elsewhere', async () => {
    const { save, run, write } = opened(manifest('{ max_usd: 9, providers: { wavespeed: { max_usd: 0.5 } } }'));
    await save();
    write(manifest('{ max_usd: 9, providers: { wavespeed: { max_usd: 5 } } }'));
    const { exit, stderr } = await run();
    expect([exit, stderr]).toEqual([
      2,
      expect.stringContaining('two/de would go to wavespeed/infinitetalk, not to eachlabs'),
    ]);
  });

  test('goes round a route that a bill has closed', async () => {
    const budget = '{ max_usd: 9 }';
    // The emulator bills more than this.
    const text = manifest(budget, { provider: 'cheapest', eachlabs: '0.001' });
    const { save, run, cli, bought } = opened(text);
    await cli('run', '--limit', '1', '--yes');
    expect(await bought()).toEqual(['one/de eachlabs']);
    const { jobs } = await save('--only', 'two/de');
    expect(jobs).toMatchObject([{ key: 'two/de', route: 'wavespeed/infinitetalk' }]);
    const { exit, stderr } = await run();
    expect([exit, stderr]).toEqual([0, expect.not.stringContaining('PLAN_CHANGED')]);
    expect(await bought()).toContain('two/de wavespeed');
  });

  test('leaves a video at the route that has made it', async () => {
    const { save, run, write, cli } = opened(manifest('{ max_usd: 9 }', { provider: 'eachlabs' }));
    await cli('run', '--only', 'one/de', '--yes');
    write(manifest('{ max_usd: 9 }'));
    const { jobs } = await save('--only', 'one/*');
    expect(jobs).toMatchObject([
      { key: 'one/de', to_buy: false, route: expect.stringContaining('eachlabs/') },
      { key: 'one/fr', to_buy: true, route: 'wavespeed/infinitetalk' },
    ]);
    const { exit, stdout, stderr } = await run();
    expect([exit, stdout + stderr]).toEqual([0, expect.not.stringMatching(/changed|not as the manifest/)]);
  });

  test('buys none of the jobs that it had no room for, however much room there is by now', async () => {
    const { save, run, write, cli, bought } = opened(manifest('{ max_usd: 0.5 }', { provider: 'wavespeed' }));
    const { stdout, total, jobs } = await save();
    expect(stdout).toContain('(the budget has no room for 2 further jobs)');
    expect([total, jobs]).toMatchObject([
      '0.48',
      [
        { key: 'one/de', to_buy: true },
        { key: 'one/fr', to_buy: true },
        { key: 'two/de', to_buy: false, waits: { needed_usd: '0.24', caps: ['budget.max_usd'] } },
        { key: 'two/fr', to_buy: false, waits: { needed_usd: '0.24', caps: ['budget.max_usd'] } },
      ],
    ]);
    write(manifest('{ max_usd: 9 }', { provider: 'wavespeed' }));
    const dry = await run('--dry-run');
    expect(dry.stdout).toContain('2 jobs to buy for $0.48');
    const left =
      '2 jobs are not bought, since the plan says that the budget had no room: two/de ($0.24, budget.max_usd), two/fr';
    expect(dry.stdout).toContain(left);
    for (const _ of ['carried out', 'nothing left of it']) {
      const { exit, stderr } = await run();
      expect([exit, stderr]).toEqual([3, expect.stringContaining(left)]);
    }
    expect(await bought()).toEqual(['one/de wavespeed', 'one/fr wavespeed']);
    expect((await cli('run', '--yes')).exit).toBe(0);
    expect((await run()).exit).toBe(0);
  });
});
