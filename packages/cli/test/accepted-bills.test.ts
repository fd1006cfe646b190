import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { twoRoutes } from './support/manifests.js';

/** The emulator bills eight seconds at Eachlabs higher than this. */
const manifest = (provider: string, { batch = 'mine', eachlabs = '0.001', budget = '{ max_usd: 9 }' } = {}) =>
  twoRoutes({ batch, provider, eachlabs, budget });

const opened = (text: string) => {
  const folder = folderWith({ 'manifest.yaml': text }, { media: true });
  return {
    folder,
    write: (name: string, changed: string) => writeFileSync(join(folder, name), changed),
    cli: (...args: string[]) => localize(folder, args),
    saved: () => JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')),
  };
};

const OPENED =
  'eachlabs/infinitalk takes creates again, in every batch of this state, and is expected at what it billed';

describe('a bill that has closed a route', { timeout: 120_000 }, () => {
  test('is accepted also while no job is held for it', async () => {
    const { cli } = opened(manifest('eachlabs'));
    expect((await cli('run', '--limit', '1', '--yes')).exit).toBe(0);
    expect((await cli('status')).stdout).toContain('or accept it with `localize retry`');
    const { stdout, stderr } = await cli('retry');
    expect([stdout, stderr]).toEqual([
      expect.stringContaining(OPENED),
      expect.stringContaining('To carry it out: localize'),
    ]);
    expect((await cli('retry')).stdout).toContain('nothing to retry');
    expect((await cli('run', '--yes')).exit).toBe(0);
  });

  test.each(['manifest.yaml', 'other.yaml'])(
    'is accepted by %s: all of it is finished, or it has not run',
    async (name) => {
      const [one = ''] = manifest('eachlabs').split(/, fr: .*/s);
      const { cli, write } = opened(`${one} } }\n`);
      write('other.yaml', manifest('eachlabs', { batch: 'other' }).replace('A presenter', 'Another'));
      expect((await cli('run', '--yes')).exit).toBe(0);
      const told = async () => (await cli('status', name)).stdout.replace(/\s+/g, ' ');
      expect(await told()).toContain('or accept it with `localize retry`');
      expect((await cli('retry', name)).stdout).toContain(OPENED);
      expect(await told()).not.toContain('accept it with');
      const again = await cli('retry', name);
      expect(`${again.stdout}${again.stderr}`).toMatch(/nothing to retry|the state knows no batch other/);
    },
  );

  test('is accepted where another route would take the jobs, which still go to the cheaper one', async () => {
    const { cli } = opened(manifest('cheapest'));
    await cli('run', '--limit', '1', '--yes');
    expect((await cli('retry')).stdout).toContain(OPENED);
    const { jobs } = JSON.parse((await cli('plan', '--json')).stdout);
    const choices = (job: { choices: { route: string }[] }) => job.choices.map(({ route }) => route);
    expect(jobs.slice(1).map(choices)).toEqual(
      Array(3).fill(expect.arrayContaining(['wavespeed/infinitetalk', 'eachlabs/infinitalk'])),
    );
    expect(jobs.slice(1).map(({ route }: { route: string }) => route)).toEqual(Array(3).fill('wavespeed/infinitetalk'));
    const status = JSON.parse((await cli('status', '--json')).stdout);
    expect(status.jobs.map(({ route }: { route: string }) => route.split('/')[0])).toEqual([
      'eachlabs',
      ...Array(3).fill('wavespeed'),
    ]);
    expect((await cli('run', '--yes')).exit).toBe(0);
  });

  test('is told beside what the batch’s own price says of the same, also where another batch’s has closed it', async () => {
    const { cli, write } = opened(manifest('eachlabs'));
    await cli('run', '--limit', '1', '--yes');
    const other = manifest('eachlabs', { batch: 'other', eachlabs: '0.002' });
    write('other.yaml', other.replace('A presenter', 'Another'));
    expect((await cli('run', 'other.yaml', '--yes')).exit).toBe(1);
    const { stdout } = await cli('retry', 'other.yaml');
    expect(stdout).toMatch(/expected at what it billed: \$0\.\d+ for what its price puts at \$0\.016$/m);
  });

  test('has a saved plan refused that would buy there, with the reason', async () => {
    const { cli, write, saved } = opened(manifest('eachlabs', { budget: '{ per_day_usd: 3 }' }));
    await cli('plan', '--out', 'plan.json');
    expect(saved().jobs).toHaveLength(4);
    write('other.yaml', manifest('eachlabs', { batch: 'other' }).replaceAll('seed: 2', 'seed: 3'));
    await cli('run', 'other.yaml', '--only', 'two/de', '--yes');
    const { exit, stderr } = await cli('run', '--plan', 'plan.json');
    expect([exit, stderr]).toEqual([
      2,
      expect.stringMatching(
        /two\/fr would be held: eachlabs\/infinitalk takes no further creates: it billed \S+ for two\/de/,
      ),
    ]);
  });

  test('is named by what refuses a saved plan that would buy there, where another route takes the jobs', async () => {
    const { cli, write } = opened(manifest('[eachlabs, wavespeed]'));
    await cli('plan', '--out', 'plan.json');
    write('other.yaml', manifest('eachlabs', { batch: 'other' }).replaceAll('seed: 2', 'seed: 3'));
    await cli('run', 'other.yaml', '--only', 'two/de', '--yes');
    const { exit, stderr } = await cli('run', '--plan', 'plan.json');
    expect([exit, stderr]).toEqual([
      2,
      expect.stringMatching(
        /two\/fr would go to wavespeed\/infinitetalk, not to eachlabs\/infinitalk, which takes no further creates: it billed \S+ for two\/de/,
      ),
    ]);
  });

  test('or another has taken the room of some jobs, which is told beside what else has a saved plan refused', async () => {
    const text = (prompt: string, batch = 'mine') =>
      manifest('wavespeed', { batch, budget: '{ per_day_usd: 1 }' }).replace('A presenter', prompt);
    const { cli, write } = opened(text('A presenter'));
    await cli('plan', '--out', 'plan.json');
    write('other.yaml', text('Another', 'other'));
    await cli('run', 'other.yaml', '--only', 'two/de', '--yes');
    write('manifest.yaml', text('A speaker'));
    const { exit, stderr } = await cli('run', '--plan', 'plan.json');
    expect([exit, stderr]).toEqual([2, expect.stringContaining('one/de is asked for differently: prompt')]);
    expect(stderr).toContain('two/fr has no room under the budget now');
    write('manifest.yaml', text('A presenter'));
    expect((await cli('run', '--plan', 'plan.json')).exit).toBe(3);
  });
});
