import { join } from 'node:path';
import { openStore } from '@localize/runner';
import { describe, expect, test } from 'vitest';
import { folderWith, localize, startLocalize, waitUntil } from './support/cli.js';
import { cappedManifest as manifest, statusOf, twoRoutes, writeManifest } from './support/manifests.js';

describe('a budget', { timeout: 120_000 }, () => {
  test('ends the run with 3 when it is met; status says who waits for how much, plan what is in the way', async () => {
    const folder = folderWith({}, { media: true });
    writeManifest(folder, manifest('emulate: true\nbudget: { languages: { de: { max_usd: 0.01 } }, max_usd: 5 }'));
    const run = await localize(folder, []);
    expect([run.exit, run.stderr]).toEqual([3, expect.stringContaining('budget.languages.de.max_usd is met')]);
    expect(run.stdout).toMatch(/budget\.languages\.de\.max_usd .*1 job waits for it: \$0\.\d+ short/);
    const status = await statusOf(folder);
    const price = status.jobs.find(({ key }: { key: string }) => key === 'safety/fr').attempts[0].cost_usd;
    expect(status.totals).toMatchObject({ succeeded: 2, pending: 1 });
    expect(status.waiting_for_money.jobs).toEqual(['safety/de']);
    expect(status.lanes).toMatchObject([{ waits_for: 'budget' }]);
    expect(JSON.parse((await localize(folder, ['limits', '--json'])).stdout).lanes).toEqual(status.lanes);
    expect(status.budget).toMatchObject([
      { name: 'budget.max_usd', cap_usd: '5.00', billed_usd: status.cost.billed_usd, waiting_jobs: 0 },
      { name: 'budget.languages.de.max_usd', billed_usd: '0.00', left_usd: '0.01', waiting_jobs: 1 },
    ]);
    expect(status.jobs.find(({ key }: { key: string }) => key === 'safety/de')).toMatchObject({
      reason: expect.stringContaining('waits for money'),
      mend: 'raise budget.languages.de.max_usd in manifest.yaml, then: localize manifest.yaml',
      needs_usd: expect.stringMatching(/^0\.\d\d$/),
    });
    expect(status.by_label).toMatchObject([
      { name: 'course=onboarding', totals: { jobs: 3 }, cost: { billed_usd: status.cost.billed_usd } },
    ]);
    expect(status.jobs[1].attempts[0]).toMatchObject({ estimated_usd: price, money: 'billed' });
    expect((await localize(folder, ['status'])).stdout).toContain('waits for money');

    writeManifest(folder, manifest('emulate: true\nbudget: { max_usd: 5 }'));
    expect((await localize(folder, [])).exit).toBe(0);

    // Under another name status counts it before the first run already, and no job that its results serve.
    const { billed_usd } = (await statusOf(folder)).cost;
    const capped = manifest(`emulate: true\nbudget: { max_usd: ${billed_usd} }`);
    writeManifest(folder, capped.replace('batch: capped', 'batch: renamed'));
    const spent = [{ billed_usd, left_usd: '0.00', waiting_jobs: 0 }];
    expect(JSON.parse((await localize(folder, ['plan', '--json'])).stdout).budget).toMatchObject(spent);
    expect((await statusOf(folder)).budget).toMatchObject(spent);
    expect((await localize(folder, ['status'])).stdout).toContain('also count');
    const reported = JSON.parse((await localize(folder, ['report', '--format', 'json'])).stdout);
    expect([reported.budget, reported.warnings]).toMatchObject([
      spent,
      expect.arrayContaining([expect.stringContaining('also count')]),
    ]);
    const watch = startLocalize(folder, ['status', '--watch', '--json']);
    await waitUntil(() => watch.stdout().includes('\n'), watch.stderr);
    expect(JSON.parse(watch.stdout()).budget).toMatchObject(spent);
  });

  test('of one run is --max-usd', async () => {
    const folder = folderWith({}, { media: true });
    writeManifest(folder, manifest('emulate: true'));
    expect((await localize(folder, ['--max-usd', 'much'])).exit).toBe(2);
    const run = await localize(folder, ['--max-usd', '0']);
    expect([run.exit, run.stderr]).toEqual([3, expect.stringContaining('--max-usd is met')]);
    expect((await statusOf(folder)).totals).toMatchObject({ pending: 3 });
    expect((await localize(folder, ['--max-usd', '5'])).exit).toBe(0);
  });

  test('over a route without a price is an error before anything is spent', async () => {
    const folder = folderWith({}, { media: true });
    writeManifest(folder, manifest('emulate: true\nbudget: { max_usd: 5 }', 'eachlabs'));
    const run = await localize(folder, []);
    expect([run.exit, run.stderr]).toEqual([2, expect.stringContaining('error [PRICE_UNKNOWN] 3 jobs have no known')]);
    expect(run.stderr).toContain('safety/de, safety/fr, safety/ja on eachlabs/infinitalk');
    const line = 'say in the manifest what a second costs: providers: { eachlabs: { price: { usd_per_second: … } } }';
    expect(run.stderr).toContain(`${line}, or choose another provider for these jobs`);
    writeManifest(folder, manifest('emulate: true\nbudget: { max_usd: 5 }', '[eachlabs, wavespeed]'));
    const either = await localize(folder, []);
    expect(either.stderr).toContain(`${line}, or choose provider: wavespeed/infinitetalk for these jobs`);
    expect((await statusOf(folder)).jobs.flatMap(({ attempts }: { attempts: unknown[] }) => attempts)).toEqual([]);
    const capped = await localize(folder, ['--max-usd', '1']);
    expect(capped.exit).toBe(2);
    const price = 'providers: { eachlabs: { price: { usd_per_second: 0.01 } } }';
    writeManifest(folder, manifest(`emulate: true\nbudget: { max_usd: 5 }\n${price}`, 'eachlabs'));
    expect((await localize(folder, [])).exit).toBe(0);
  });

  test('over what was bought at a price that nobody knows is an error until there is one', async () => {
    const folder = folderWith({}, { media: true });
    const planned = async () => JSON.parse((await localize(folder, ['plan', '--json'])).stdout);
    writeManifest(folder, manifest('emulate: true', 'eachlabs'));
    expect((await localize(folder, ['--only', 'safety/de'])).exit).toBe(0);
    // As where the provider does not state what it billed.
    const store = openStore(join(folder, '.localize', 'emulated.db'));
    store.sqlite.exec(`UPDATE attempts SET billed_micros = NULL, cost_source = 'none'`);
    store.close();
    const caps = 'emulate: true\nbudget: { max_usd: 5, per_day_usd: 5, languages: { fr: { max_usd: 5 } } }';
    writeManifest(folder, manifest(caps));
    const said =
      'budget.max_usd counts 1 attempt of which nobody knows what it costs: safety/de of batch capped on eachlabs/infinitalk';
    const refused = await localize(folder, []);
    expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining(`[PRICE_UNKNOWN] ${said}`)]);
    expect(refused.stderr).toMatch(/costs: providers: { eachlabs: { price: { usd_per_second: … } } }\n/);
    const unpriced = (one: { budget: { unpriced_attempts: number }[] }) =>
      one.budget.map(({ unpriced_attempts: number }) => number);
    const before = await planned();
    expect(before.problems).toContainEqual(expect.stringContaining(said));
    expect([unpriced(before), unpriced(await statusOf(folder))]).toEqual([
      [1, 1, 0],
      [1, 1, 0],
    ]);
    expect((await localize(folder, ['plan'])).stdout).toMatch(
      /\$0\.00 and 1 unknown amount spent +at most \$[\d.]+ left/,
    );
    // Nobody can say what the jobs need that it leaves no room for.
    const mend = 'set providers.eachlabs.price, then: localize manifest.yaml';
    const { waiting_for_money: waiting, cost } = await statusOf(folder);
    expect(cost).toMatchObject({ billed_usd: '0.00', unpriced_attempts: 1 });
    const spent = waiting.unknown.map((each: object) => ({ ...each, reason: expect.stringContaining(said) }));
    expect(waiting).toEqual({ jobs: ['safety/fr', 'safety/ja'], needed_usd: '0.00', unknown: spent });
    expect(spent).toMatchObject([{ jobs: ['safety/fr', 'safety/ja'], mend }]);
    const people = (await localize(folder, ['status'])).stdout.replace(/\s+/g, ' ');
    expect(people).toContain(`An amount that nobody knows keeps it from being bought: ${said}`);
    expect(people).toContain('Set providers.eachlabs.price, then: localize manifest.yaml');
    // Another batch has no share in it, but for the day.
    const other = manifest(caps).replace('capped', 'other');
    writeManifest(folder, other);
    expect((await localize(folder, [])).stderr).toContain(said.replace('max', 'per_day'));
    writeManifest(folder, other.replace(', per_day_usd: 5', ''));
    expect(unpriced(await planned())).toEqual([0, 0]);

    writeManifest(
      folder,
      manifest(`${caps}\nproviders: { eachlabs: { price: { usd_per_second: 0.01 } }, wavespeed: {} }`),
    );
    const { budget } = await planned();
    expect(budget[0]).toMatchObject({ unpriced_attempts: 0, billed_usd: '0.00' });
    expect(Number(budget[0].at_risk_usd)).toBeGreaterThan(0.05);
    expect((await localize(folder, [])).exit).toBe(0);
    const { jobs, budget: after } = await statusOf(folder);
    const { at_risk_usd: atRisk } = budget[0];
    expect(after).toMatchObject([{ at_risk_usd: atRisk }, { at_risk_usd: atRisk }, { at_risk_usd: '0.00' }]);
    expect(jobs[0].attempts).toMatchObject([
      { cost_usd: null, cost_source: 'none', estimated_usd: null, expected_usd: atRisk },
    ]);
  });
});

describe('a route that billed more than was reserved', { timeout: 120_000 }, () => {
  test('is named by the plan, the status and the summary, before a run holds its jobs', async () => {
    const folder = folderWith({}, { media: true });
    const price = 'providers: { vibedream: { price: { usd_per_second: 0.001, usd_per_job: 0.001 } } }';
    writeManifest(folder, manifest(`emulate: true\nbudget: { max_usd: 5 }\n${price}`, 'vibedream'));
    const closed = /vibedream\/infinitetalk-fast takes no further creates: it billed \$\d\.\d+ for safety\/de/;
    expect((await localize(folder, ['plan'])).stdout).not.toContain('problem');
    const run = await localize(folder, ['--only', 'safety/de']);
    expect([run.exit, run.stdout.replace(/\s+/g, ' ')]).toEqual([0, expect.stringMatching(closed)]);
    expect(JSON.parse((await localize(folder, ['plan', '--json'])).stdout).problems).toEqual([
      expect.stringMatching(new RegExp(`^2 jobs would be held: ${closed.source}`)),
    ]);
    const { jobs, waiting_for_money: waiting } = await statusOf(folder);
    expect(waiting).toEqual({
      jobs: ['safety/fr', 'safety/ja'],
      needed_usd: '0.00',
      unknown: [
        {
          jobs: ['safety/fr', 'safety/ja'],
          reason: expect.stringMatching(closed),
          mend: 'set its price in manifest.yaml, then: localize manifest.yaml | accept what it billed: localize retry manifest.yaml',
        },
      ],
    });
    expect(jobs.find(({ key }: { key: string }) => key === 'safety/fr')).toMatchObject({
      state: 'pending',
      reason: expect.stringMatching(closed),
      mend: 'set its price in manifest.yaml, then: localize manifest.yaml | accept what it billed: localize retry manifest.yaml',
    });
    expect((await localize(folder, [])).exit).toBe(1);
    // Held by now: bought once the price is another, and not before.
    const toBuy = async () => JSON.parse((await localize(folder, ['plan', '--json'])).stdout).total.jobs;
    expect(await toBuy()).toBe(0);
    writeManifest(
      folder,
      manifest(`emulate: true\nbudget: { max_usd: 5 }\n${price.replace('0.001', '0.2')}`, 'vibedream'),
    );
    expect(await toBuy()).toBe(2);
    // Another batch has a further route to go to.
    const both = manifest(`emulate: true\nbudget: { max_usd: 5 }\n${price}`, '[vibedream, wavespeed], prompt: Another');
    writeManifest(folder, both.replace('capped', 'other'));
    const planned = JSON.parse((await localize(folder, ['plan', '--json'])).stdout);
    expect(planned.by_route).toMatchObject([{ name: 'wavespeed/infinitetalk', jobs: 3, unpriced_jobs: 0 }]);
    expect([planned.problems, planned.runners_up]).toEqual([[], []]);
    expect(planned.warnings).toContainEqual(expect.stringMatching(closed));
    const other = await localize(folder, []);
    expect(other.exit).toBe(0);
    expect((await statusOf(folder)).cost.billed_usd).toBe(planned.total.price_usd);
  });
});

describe('a price of which only a minimum is published', { timeout: 120_000 }, () => {
  test('is from the first bill on what was seen a second, in the plan as in the reservation', async () => {
    const folder = folderWith({}, { media: true });
    writeManifest(folder, manifest('emulate: true\nbudget: { max_usd: 5 }', 'vibedream'));
    const priceOf = async (key: string) => {
      const { jobs } = JSON.parse((await localize(folder, ['plan', '--json'])).stdout);
      const job = jobs.find((each: { key: string }) => each.key === key);
      return [job.price_usd, job.certainty];
    };
    expect(await priceOf('safety/fr')).toEqual(['0.17', 'floor']);
    expect((await localize(folder, ['--only', 'safety/de'])).exit).toBe(0);
    const [usd, certainty] = await priceOf('safety/fr');
    expect(certainty).toBe('seen');
    expect(Number(usd)).toBeGreaterThan(0.17);
    expect((await localize(folder, ['plan'])).stdout).toContain(`about $${usd}`);
    expect((await localize(folder, ['cancel', '--only', 'safety/fr'])).exit).toBe(0);
    const retried = await localize(folder, ['retry', '--only', 'safety/fr']);
    expect(retried.stdout).toBe(`safety/fr will be bought for about $${usd}\n`);
    expect((await localize(folder, [])).exit).toBe(0);
    const { jobs } = await statusOf(folder);
    expect(jobs.find(({ key }: { key: string }) => key === 'safety/fr').attempts[0].estimated_usd).toBe(usd);
    // Another batch of the same state has not run yet, and expects the same.
    const other = manifest('emulate: true\nbudget: { max_usd: 5 }', 'vibedream, prompt: Another');
    writeManifest(folder, other.replace('capped', 'other'));
    const { total } = JSON.parse((await localize(folder, ['plan', '--json'])).stdout);
    expect((await statusOf(folder)).cost.estimated_usd).toBe(total.price_usd);
    expect(Number(total.price_usd)).toBeGreaterThan(3 * 0.17);
  });
});

describe('a budget over several routes', { timeout: 120_000 }, () => {
  test('says of a job what the least of them needs, in plan, run and status', async () => {
    const text = twoRoutes({ provider: '[eachlabs, wavespeed]', eachlabs: '0.12', budget: '{ max_usd: 0.3 }' });
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const waits = async () => {
      const { jobs } = JSON.parse((await localize(folder, ['status', '--json'])).stdout);
      return jobs.flatMap(({ needs_usd }: { needs_usd: string | null }) => needs_usd ?? []);
    };
    const planned = async () => (await localize(folder, ['plan'])).stdout.match(/needs \$[\d.]+/g);
    const each = ['needs $0.24', 'needs $0.24', 'needs $0.24'];
    expect(await planned()).toEqual(each);
    // The first run moves jobs on to the other route, and the second begins anew.
    for (const _ of ['first', 'second']) {
      const { exit, stderr } = await localize(folder, ['run', '--yes']);
      expect([exit, stderr]).toEqual([3, expect.stringContaining('the cheapest job left needs $0.24')]);
      expect(await waits()).toEqual(['0.24', '0.24', '0.24']);
      expect(await planned()).toEqual(each);
    }
  });

  test('of single providers says what a job needs on the other one, where that is less', async () => {
    const budget = '{ providers: { eachlabs: { max_usd: 0.5 }, wavespeed: { max_usd: 0.1 } } }';
    const text = twoRoutes({ provider: '[eachlabs, wavespeed]', eachlabs: '0.12', budget });
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const { exit, stderr } = await localize(folder, ['run', '--yes']);
    const said = 'needs $0.96, and it leaves $0.50; on another of its routes a job needs $0.24';
    expect([exit, stderr]).toEqual([3, expect.stringContaining(said)]);
  });

  test('says so where a run has moved jobs on to a dearer route that had no room either', async () => {
    const budget = '{ max_usd: 9, providers: { wavespeed: { max_usd: 0.3 }, eachlabs: { max_usd: 0.4 } } }';
    const text = twoRoutes({ provider: 'cheapest', eachlabs: '0.05', budget }).replace(
      ', fr: ./media/audio/fr/safety.mp3',
      '',
    );
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const told = async () => {
      const status = await statusOf(folder);
      const planned = JSON.parse((await localize(folder, ['plan', '--json'])).stdout);
      expect(status.budget).toEqual(planned.budget);
      const route = (jobs: { key: string; route: string }[]) => jobs.find(({ key }) => key === 'two/fr')?.route;
      expect(route(status.jobs)).toBe(route(planned.jobs));
      return [status.waiting_for_money, planned.waiting_for_money];
    };
    const waits = { jobs: ['two/fr'], needed_usd: '0.24', unknown: [] };
    expect(await told()).toEqual([waits, waits]);
    for (let runs = 0; runs < 2; runs += 1) {
      expect((await localize(folder, ['run', '--yes'])).exit).toBe(3);
      expect(await told()).toEqual([waits, waits]);
    }
  });
});
