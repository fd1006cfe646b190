import { join } from 'node:path';
import { startEmulator } from '@localize/emulator';
import { describe, expect, onTestFinished, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { cappedManifest as manifest, serveProviders, statusOf, writeManifest } from './support/manifests.js';

const KEYS = { EACHLABS_API_KEY: 'sesame-each-4711', WAVESPEED_API_KEY: 'sesame-wave-4712' };

describe('a run that would spend', { timeout: 120_000 }, () => {
  test('more than confirm_above_usd, or an unknown amount, needs a yes', async () => {
    const folder = folderWith({}, { media: true });
    writeManifest(folder, manifest('budget: { confirm_above_usd: 0.10 }'));
    const priced = await localize(folder, [], KEYS);
    expect([priced.exit, priced.stderr]).toEqual([
      3,
      expect.stringMatching(
        /\[CONFIRMATION_NEEDED\] capped: 3 jobs for \$\d\.\d\d need a yes[\s\S]*--yes to spend it; localize plan manifest\.yaml shows/,
      ),
    ]);
    writeManifest(folder, manifest('on_uncertain: hold', 'eachlabs'));
    const unpriced = await localize(folder, [], KEYS);
    expect([unpriced.exit, unpriced.stderr]).toEqual([
      3,
      expect.stringContaining('3 jobs of unknown price need a yes'),
    ]);
  });

  test('is shown and asked at what the caps let it spend, on the routes that they let it take', async () => {
    const folder = folderWith({}, { media: true });
    const tight = 'budget: { max_usd: 0.7, confirm_above_usd: 0.05 }\nproviders: { fal: { max_frames: 721 } }';
    writeManifest(folder, manifest(tight, '[fal, wavespeed], prompt: A presenter, resolution: 480p'));
    const { by_route: byRoute, warnings } = JSON.parse((await localize(folder, ['plan', '--json'])).stdout);
    // The third waits for money, and would go where it goes first.
    expect(byRoute).toMatchObject([
      { name: 'wavespeed/infinitetalk', jobs: 2, price_usd: '0.48' },
      { name: 'fal/infinitalk', jobs: 1 },
    ]);
    expect(warnings).toContain('the budget has no room for 2 jobs on fal/infinitalk, so that a further route is taken');
    const asked = await localize(folder, [], { ...KEYS, FAL_KEY: 'sesame-fal-4713' });
    expect(asked.stderr).toContain('capped: 2 jobs for $0.48 (the budget has no room for 1 further job) need a yes');
  });

  test('waits when a refused key would make it dearer than what may be spent unasked', async () => {
    const folder = folderWith({}, { media: true });
    const refused = { kind: 'refuse-create', status: 401, provider: 'wavespeed' } as const;
    const emulator = await startEmulator({ dir: join(folder, 'server'), speed: 600, faults: [refused] });
    onTestFinished(() => emulator.close());
    const { wavespeed, fal } = emulator.endpoints;
    const at = `providers:
  wavespeed: { base_url: ${wavespeed.baseUrl}, poll: { first: 100ms, every: 100ms } }
  fal: { base_url: ${fal.baseUrl}, upload_url: ${fal.uploadUrl}, platform_url: ${fal.platformUrl}, max_frames: 721, poll: { first: 100ms, every: 100ms } }`;
    const text = manifest(`${at}\nbudget: { confirm_above_usd: 1 }`, '[wavespeed, fal], prompt: A presenter');
    writeManifest(folder, text);
    const keys = { ...KEYS, FAL_KEY: 'sesame-fal-4713' };
    const run = await localize(folder, [], keys);
    expect([run.exit, run.stderr]).toEqual([3, expect.stringContaining('the limit without --yes is met')]);
    const status = await statusOf(folder);
    expect(status.cost.billed_usd).toBe('0.00');
    expect(status.jobs[0]).toMatchObject({ state: 'pending', mend: 'localize manifest.yaml --yes' });
    expect((await localize(folder, ['--yes'], keys)).exit).toBe(0);
    expect(Number((await statusOf(folder)).cost.billed_usd)).toBeGreaterThan(1);
  });

  test('asks for what an earlier run had to hold and bought nothing of, and a saved plan has it', async () => {
    const folder = folderWith({}, { media: true });
    const refused = { kind: 'refuse-create', status: 401, provider: 'wavespeed' } as const;
    const emulator = await startEmulator({ dir: join(folder, 'server'), speed: 600, faults: [refused] });
    onTestFinished(() => emulator.close());
    const { wavespeed } = emulator.endpoints;
    const at = `providers: { wavespeed: { base_url: ${wavespeed.baseUrl}, poll: { first: 100ms, every: 100ms } } }`;
    writeManifest(folder, manifest(`${at}\nbudget: { confirm_above_usd: 0.1, max_usd: 0.5 }`));
    expect((await localize(folder, ['--yes'], KEYS)).exit).toBe(1);
    expect((await statusOf(folder)).totals).toMatchObject({ held: 3 });
    await fetch(new URL('/_emulator/faults', wavespeed.baseUrl), {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '[]',
    });
    const planned = JSON.parse((await localize(folder, ['plan', '--json', '--out', 'p.json'])).stdout);
    expect(planned.jobs.map((job: { state: string; to_buy: boolean }) => [job.state, job.to_buy])).toEqual([
      ['held', true],
      ['held', true],
      ['held', true],
    ]);
    expect([planned.total, planned.waiting_for_money.jobs, planned.problems]).toMatchObject([
      { jobs: 3, price_usd: '0.72' },
      ['safety/ja'],
      [expect.stringContaining('safety/ja waits for money')],
    ]);
    const asked = await localize(folder, [], KEYS);
    const question = 'capped: 2 jobs for $0.48 (the budget has no room for 1 further job) need a yes';
    expect([asked.exit, asked.stderr]).toEqual([3, expect.stringContaining(question)]);
    expect((await localize(folder, ['--plan', 'p.json', '--yes'], KEYS)).exit).toBe(3);
    expect((await statusOf(folder)).cost.billed_usd).toBe('0.48');
  });

  test('asks with the price of what is made again', async () => {
    const folder = folderWith({}, { media: true });
    const { wavespeed } = await serveProviders(folder);
    const at = `providers: { wavespeed: { base_url: ${wavespeed.baseUrl}, poll: { first: 100ms, every: 100ms } } }`;
    writeManifest(folder, manifest(`${at}\nbudget: { confirm_above_usd: 5 }`));
    expect((await localize(folder, [], KEYS)).exit).toBe(0);
    const changed = manifest(`${at}\nbudget: { confirm_above_usd: 0.10 }`).replace(
      '{ provider:',
      '{ seed: 7, provider:',
    );
    writeManifest(folder, changed);
    const again = await localize(folder, ['--remake'], KEYS);
    expect([again.exit, again.stderr]).toEqual([
      3,
      expect.stringMatching(/capped: 3 jobs \(3 of them finished and made again\) for \$\d\.\d\d need a yes/),
    ]);
    expect((await localize(folder, [], KEYS)).exit).toBe(0);

    // $0.72 is billed, so that there is room for one of them.
    const tight = changed.replace('usd: 0.10 }', 'usd: 0.10, max_usd: 1 }');
    writeManifest(folder, tight);
    const offered = JSON.parse((await localize(folder, ['plan', '--json'])).stdout).remakes;
    expect(offered.map((each: { waits_for_money: boolean }) => each.waits_for_money)).toEqual([false, true, true]);
    const remaking = JSON.parse((await localize(folder, ['plan', '--remake', '--json'])).stdout);
    expect(remaking.waiting_for_money).toMatchObject({ jobs: ['safety/fr', 'safety/ja'], needed_usd: '0.48' });
    expect(remaking.budget).toMatchObject([{ waiting_jobs: 2, short_usd: '0.44' }]);
    const capped = await localize(folder, ['--remake'], KEYS);
    expect([capped.exit, capped.stderr]).toEqual([
      3,
      expect.stringContaining(
        'capped: 1 job (1 of them finished and made again) for $0.24 (the budget has no room for 2 further jobs) needs a yes',
      ),
    ]);
    writeManifest(folder, changed);
    const dry = await localize(folder, ['--remake', '--dry-run', '--max-usd', '0.30'], KEYS);
    expect(dry.stdout.match(/the budget has no room for it/g)).toHaveLength(2);
    expect(dry.stdout).toMatch(
      /safety\/de .* made again\n[\s\S]*capped: 1 job to buy for \$0\.24; 2 of 3 jobs are made/,
    );
    writeManifest(folder, tight);
    // Nobody's room is taken by a video that cannot be paid for: it stays finished, and a re-make.
    const short = await localize(folder, ['--remake', '--yes'], KEYS);
    const why = 'making it again waits for money: it needs $0.24, for which budget.max_usd has no room';
    expect([short.exit, short.stderr]).toEqual([
      3,
      expect.stringContaining(`safety/fr changed since it was made (seed); ${why}`),
    ]);
    expect(short.stderr).not.toContain('--remake buys it again');
    expect(short.stderr).toContain('To go on: localize manifest.yaml --remake\n');
    expect(short.stdout).toMatch(/budget\.max_usd .*2 jobs wait for it: \$0\.44 short/);
    const { cost, totals, waiting_for_money: waiting, jobs } = await statusOf(folder);
    expect([cost.billed_usd, totals]).toMatchObject(['0.96', { succeeded: 3 }]);
    expect(waiting).toEqual({ jobs: ['safety/fr', 'safety/ja'], needed_usd: '0.48', unknown: [] });
    expect(jobs[1]).toMatchObject({
      state: 'succeeded',
      reason: why,
      mend: 'raise budget.max_usd in manifest.yaml, then: localize manifest.yaml --remake',
    });
    // The same where there is room for none, and of one run alone; without the word for it nothing waits.
    expect((await localize(folder, ['--remake', '--yes', '--max-usd', '0.1'], KEYS)).exit).toBe(3);
    expect((await statusOf(folder)).budget).toMatchObject([
      { waiting_jobs: 2 },
      { name: '--max-usd', waiting_jobs: 2 },
    ]);
    expect((await localize(folder, [], KEYS)).exit).toBe(0);
    expect((await statusOf(folder)).waiting_for_money.jobs).toEqual([]);
    const left = JSON.parse((await localize(folder, ['plan', '--json'])).stdout).remakes;
    expect(left.map(({ key }: { key: string }) => key)).toEqual(['safety/fr', 'safety/ja']);
    const es = ', es: { audio: ./media/audio/fr/safety.mp3, seed: 99 } }';
    writeManifest(folder, tight.replace('max_usd: 1 }', 'max_usd: 1.25 }').replace(/(ja\/safety.mp3) }/, `$1${es}`));
    const displacing = await localize(folder, ['plan', '--remake']);
    expect(displacing.stdout).toContain('1 job that has no video yet then waits for money');
  });
});
