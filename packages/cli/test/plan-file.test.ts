import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';

const manifest = (changes: { seed?: number; price?: string; tracks?: string; provider?: string } = {}) => `version: 1
batch: planned
emulate: true
defaults: { provider: ${changes.provider ?? 'cheapest'}, prompt: A presenter, seed: ${changes.seed ?? 1} }
providers:
  wavespeed: { price: { usd_per_second: ${changes.price ?? '0.03'} } }
  vibedream: {}
  fal: { max_frames: 721 }
videos:
  - id: safety
    source: ./media/safety.mp4
    tracks: { de: ./media/audio/de/safety.mp3, fr: ./media/audio/fr/safety.mp3${changes.tracks ?? ''} }
`;

const write = (folder: string, text: string) => writeFileSync(join(folder, 'manifest.yaml'), text);
const attemptsOf = async (folder: string) => {
  const { jobs } = JSON.parse((await localize(folder, ['status', '--json'])).stdout);
  return jobs.map(({ key, attempts }: { key: string; attempts: { route: string }[] }) => [key, attempts.length]);
};

describe('a saved plan', { timeout: 120_000 }, () => {
  test('is carried out exactly, and again after an interruption', async () => {
    const folder = folderWith({ 'manifest.yaml': manifest() }, { media: true });
    const saved = await localize(folder, ['plan', '--only', 'safety/de', '--out', 'plan.json']);
    expect([saved.exit, saved.stderr]).toEqual([0, expect.stringContaining('localize run --plan plan.json')]);
    expect(existsSync(join(folder, '.localize'))).toBe(false);
    expect(JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'))).toMatchObject({
      format: 'localize-plan',
      batch: 'planned',
      jobs: [{ key: 'safety/de', to_buy: true, route: 'wavespeed/infinitetalk', price_usd: '0.24' }],
    });
    expect((await localize(folder, ['run', '--plan', 'plan.json'])).exit).toBe(0);
    expect(await attemptsOf(folder)).toEqual([
      ['safety/de', 1],
      ['safety/fr', 0],
    ]);
    // Under way or done as planned is no change.
    expect((await localize(folder, ['run', '--plan', 'plan.json'])).exit).toBe(0);
    // What it has made is asked for differently now.
    write(folder, manifest({ seed: 2 }));
    const changed = await localize(folder, ['run', '--plan', 'plan.json']);
    expect([changed.exit, changed.stderr]).toEqual([
      2,
      expect.stringContaining('safety/de is asked for differently: seed'),
    ]);
  });

  test('makes finished jobs again where it says so, and nowhere else', async () => {
    const folder = folderWith({ 'manifest.yaml': manifest() }, { media: true });
    const refusal = async (...args: string[]) =>
      (await localize(folder, ['run', '--plan', 'plan.json', ...args])).stderr;
    expect((await localize(folder, ['run', '--only', 'safety/de', '--yes'])).exit).toBe(0);
    write(folder, manifest({ seed: 2 }));
    await localize(folder, ['plan', '--only', 'safety/de', '--out', 'plan.json']);
    expect(await refusal('--remake')).toContain('[USAGE] plan.json does not say to make finished videos again');
    expect(await refusal('--remake', '--dry-run')).toContain('[USAGE]');
    const shown = await localize(folder, ['plan', '--only', 'safety/de', '--remake', '--out', 'plan.json']);
    expect(shown.stdout).toContain('1 job to buy for $0.24');
    expect(JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'))).toMatchObject({
      remake: true,
      total_usd: '0.24',
      jobs: [{ key: 'safety/de', to_buy: true, remake: true, price_usd: '0.24' }],
    });
    expect(await refusal('--include-approved')).toContain('[USAGE]');
    for (const _ of ['carried out', 'nothing left of it'])
      expect((await localize(folder, ['run', '--plan', 'plan.json', '--yes'])).exit).toBe(0);
    expect(await attemptsOf(folder)).toEqual([
      ['safety/de', 2],
      ['safety/fr', 0],
    ]);
  });

  test('ends at the limit, as the run itself does, where the budget has no room to make all of them again', async () => {
    const folder = folderWith({ 'manifest.yaml': manifest() }, { media: true });
    expect((await localize(folder, ['run', '--yes'])).exit).toBe(0);
    write(folder, manifest({ seed: 2 }).replace('emulate:', 'budget: { max_usd: 0.8 }\nemulate:'));
    await localize(folder, ['plan', '--remake', '--out', 'plan.json']);
    const { jobs } = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
    expect(jobs).toMatchObject([
      { key: 'safety/de', remake: true },
      { key: 'safety/fr', to_buy: false, waits: { needed_usd: '0.24', caps: ['budget.max_usd'] } },
    ]);
    const run = await localize(folder, ['run', '--plan', 'plan.json', '--yes']);
    expect([run.exit, run.stderr]).toEqual([
      3,
      expect.stringMatching(/safety\/fr changed .*waits for money[\s\S]*To go on: localize manifest\.yaml --remake\n/),
    ]);
    expect(await attemptsOf(folder)).toEqual([
      ['safety/de', 2],
      ['safety/fr', 1],
    ]);
  });

  test('is what a dry run shows, or what has changed since', async () => {
    const folder = folderWith({ 'manifest.yaml': manifest() }, { media: true });
    await localize(folder, ['plan', '--only', 'safety/de', '--out', 'plan.json']);
    const dry = (...args: string[]) => localize(folder, ['run', '--plan', 'plan.json', '--dry-run', ...args]);
    const { exit, stdout } = await dry('--json');
    expect([exit, JSON.parse(stdout).jobs]).toMatchObject([0, [{ key: 'safety/de', route: 'wavespeed/infinitetalk' }]]);
    expect((await dry('--only', 'safety/fr')).stderr).toContain('[USAGE]');
    write(folder, manifest({ seed: 2 }));
    expect((await dry()).stderr).toContain('[PLAN_CHANGED]');
    expect(existsSync(join(folder, '.localize'))).toBe(false);
  });

  test('is refused with every change named, before anything is bought', async () => {
    const folder = folderWith({ 'manifest.yaml': manifest() }, { media: true });
    await localize(folder, ['plan', '--out', 'plan.json']);
    const refusal = async (text: string) => {
      write(folder, text);
      const { exit, stderr } = await localize(folder, ['run', '--plan', 'plan.json']);
      expect(exit).toBe(2);
      return stderr;
    };
    const seed = await refusal(manifest({ seed: 2, tracks: ', ja: ./media/audio/ja/safety.mp3' }));
    expect(seed).toContain('[PLAN_CHANGED] since plan.json was made, something has changed: ');
    expect(seed).toContain('safety/de is asked for differently: seed');
    expect(seed).toContain('safety/ja is new');
    expect(await refusal(manifest({ price: '0.04' }))).toContain('safety/fr costs $0.32, not $0.24');
    const capped = manifest().replace('emulate:', 'budget: { max_usd: 9 }\nemulate:');
    expect(await refusal(capped)).toContain('budget.max_usd is $9.00, and was not set');
    write(folder, capped);
    await localize(folder, ['plan', '--out', 'plan.json']);
    expect(await refusal(capped.replace('usd: 9', 'usd: 8'))).toContain('budget.max_usd is $8.00, not $9.00');
    // More room is what the run itself advises where a cap is met.
    write(folder, capped.replace('usd: 9', 'usd: 10'));
    expect((await localize(folder, ['run', '--plan', 'plan.json', '--dry-run'])).exit).toBe(0);
    const settings = `${capped.replace('usd: 9', 'usd: 9, margin: 10%')}on_uncertain: resubmit\noutput: { dir: elsewhere }\n`;
    expect(await refusal(settings)).toContain(
      'on_uncertain is resubmit, not hold; budget.margin is 10%, not 0%; output.dir is elsewhere, not localized',
    );
    expect(await refusal(`${capped}output: { name: '{lang}/{video}.mp4' }\n`)).toContain(
      'safety/de would be saved as de/safety.mp4, not as safety/safety.de.mp4',
    );
    const labelled = (labels: string) => `${capped}labels: { ${labels} }\n`;
    expect(await refusal(labelled('team: hr'))).toContain('safety/de is labelled team=hr, and was not');
    write(folder, labelled('team: hr'));
    await localize(folder, ['plan', '--out', 'plan.json']);
    expect(await refusal(labelled('team: sales'))).toContain('safety/fr is labelled team=sales, not hr');
    expect(await refusal(capped)).toContain('safety/de has no label team, and had hr');
    write(folder, capped);
    await localize(folder, ['plan', '--out', 'plan.json']);
    const elsewhere = await refusal(manifest({ provider: 'vibedream' }));
    expect(elsewhere).toContain('safety/de would go to vibedream/infinitetalk-fast, not to wavespeed/infinitetalk');
    expect(await refusal(manifest().replace(', fr: ./media/audio/fr/safety.mp3', ''))).toContain(
      'safety/fr is not in the manifest any more',
    );
    write(folder, manifest());
    writeFileSync(join(folder, 'media/audio/de/safety.mp3'), readFileSync(join(folder, 'media/audio/fr/safety.mp3')));
    expect(await refusal(manifest())).toContain('safety/de is asked for differently: voices');
    expect((await attemptsOf(folder)).flatMap(([, count]: [string, number]) => count)).toEqual([0, 0]);
  });

  test('names buckets that are others by now', async () => {
    const section = (bucket: string, more = '') =>
      `{ s3: { bucket: ${bucket}, endpoint: "https://s3.example.com", region: eu-1${more} } }`;
    const text = manifest().replace('emulate: true\n', '');
    const into = (bucket: string, more?: string) => `${text}output: ${section(bucket, more)}\n`;
    const folder = folderWith({ 'manifest.yaml': into('films') }, { media: true });
    await localize(folder, ['plan', '--out', 'plan.json']);
    const dry = async (changed: string) => {
      write(folder, changed);
      return (await localize(folder, ['run', '--plan', 'plan.json', '--dry-run'])).stderr;
    };
    const was = 'not films/ at https://s3.example.com (eu-1)';
    expect(await dry(into('shots'))).toContain(`output.s3 is shots/ at https://s3.example.com (eu-1), ${was}`);
    expect(await dry(into('films', ', prefix: de/'))).toContain(`output.s3 is films/de/ at https://s3`);
    expect(await dry(into('films').replace('s3.example', 's4.example'))).toContain('films/ at https://s4.example.com');
    expect(await dry(text)).toContain(`output.s3 is not set, ${was}`);
    expect(await dry(`${into('films')}staging: ${section('in')}\n`)).toContain(
      'staging.s3 is in/ at https://s3.example.com (eu-1), and was not set',
    );
    expect(await dry(into('films'))).not.toContain('PLAN_CHANGED');
  });

  test('of a price of which only a minimum was known is refused once others’ bills have shown more, not its own', async () => {
    const text = manifest({ provider: 'vibedream' });
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    await localize(folder, ['plan', '--out', 'plan.json']);
    // Another batch of the same state, with other videos to make.
    write(folder, manifest({ provider: 'vibedream', seed: 3 }).replace('planned', 'other'));
    expect((await localize(folder, ['--only', 'safety/de'])).exit).toBe(0);
    write(folder, text);
    const refused = await localize(folder, ['run', '--plan', 'plan.json']);
    expect([refused.exit, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/safety\/de costs \$\d\.\d\d, not \$0\.17/),
    ]);
    await localize(folder, ['plan', '--out', 'anew.json']);
    expect((await localize(folder, ['run', '--plan', 'anew.json', '--max-usd', '0.01'])).exit).toBe(3);
    expect((await localize(folder, ['run', '--plan', 'anew.json'])).exit).toBe(0);
    expect((await localize(folder, ['run', '--plan', 'anew.json'])).exit).toBe(0);
  });

  test('must be one, of this batch, and alone say which jobs', async () => {
    const folder = folderWith({ 'manifest.yaml': manifest() }, { media: true });
    const refusalOf = async (text: string) => {
      writeFileSync(join(folder, 'other.json'), text);
      return (await localize(folder, ['run', '--plan', 'other.json'])).stderr;
    };
    expect(await refusalOf('{"format":"localize-report","version":1}')).toContain(
      '[PLAN_UNUSABLE] other.json is no plan that localize plan --out saved',
    );
    expect(await refusalOf('{"format":"localize-plan","version":2}')).toContain(
      'other.json is a plan of another version of localize',
    );
    expect(await refusalOf('{"format":"localize-plan","version":1}')).toContain(
      'other.json is a damaged plan: its batch is missing or wrong',
    );
    const nowhere = await localize(folder, ['plan', '--out', 'none/plan.json']);
    expect([nowhere.exit, nowhere.stderr]).toEqual([2, expect.stringContaining('there is no such folder')]);
    expect((await localize(folder, ['run', '--plan', 'none.json'])).stderr).toContain('[PLAN_UNUSABLE]');
    await localize(folder, ['plan', '--out', 'plan.json']);
    expect((await localize(folder, ['run', '--plan', 'plan.json', '--lang', 'de'])).stderr).toContain('[USAGE]');
    write(folder, manifest().replace('batch: planned', 'batch: another'));
    expect((await localize(folder, ['run', '--plan', 'plan.json'])).stderr).toContain('a plan of the batch planned');
  });
});

describe('a file that is in the way of a document', { timeout: 120_000 }, () => {
  test.each([
    'plan --out',
    'report --format csv --output',
    'report --format json --output',
    'report --format markdown --output',
    'report --output',
  ])('is left as it is by %s, unless it is a former one', async (line) => {
    const command = line.split(' ');
    const folder = folderWith({ 'manifest.yaml': manifest() }, { media: true });
    const video = readFileSync(join(folder, 'media/safety.mp4'));
    for (const file of ['manifest.yaml', 'media/safety.mp4']) {
      const refused = await localize(folder, [...command, file]);
      expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining(`[FILE_EXISTS] ${file} is there`)]);
    }
    expect(readFileSync(join(folder, 'manifest.yaml'), 'utf8')).toBe(manifest());
    expect(readFileSync(join(folder, 'media/safety.mp4')).equals(video)).toBe(true);
    expect((await localize(folder, [...command, 'document'])).exit).toBe(0);
    expect((await localize(folder, [...command, 'document'])).exit).toBe(0);
  });
});

describe('localize plan', { timeout: 60_000 }, () => {
  test('shows the runners-up, the budget and every problem', async () => {
    const text = `${manifest()}labels: { course: onboarding }\nbudget: { max_usd: 0.30, languages: { fr: { max_usd: 0.10 } } }\n`;
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const { stdout } = await localize(folder, ['plan']);
    expect(stdout).toMatchInlineSnapshot(`
      "safety/de  wavespeed/infinitetalk  8 s  $0.24
      safety/fr  wavespeed/infinitetalk  8 s  $0.24

      By provider
        wavespeed  2 jobs  $0.48

      By language
        de  1 job  $0.24
        fr  1 job  $0.24

      By label
        course=onboarding  2 jobs  $0.48

      Runners-up: what choosing another route would cost
        fal/infinitalk               2 jobs  $5.40, $4.92 more; at 480p
        vibedream/infinitetalk-fast  2 jobs  at least $0.34, at most $0.14 less

      Budget
        budget.max_usd               $0.30  $0.00 spent  $0.18 short for 1 job
        budget.languages.fr.max_usd  $0.10  $0.00 spent  $0.14 short for 1 job

      warning: vibedream/infinitetalk-fast has only a known minimum price, so \`cheapest\` takes it last until a bill has shown more: set providers.vibedream.price
      warning: wavespeed/infinitetalk is priced by the manifest: $0.03 a second, at least 5 s
      warning: 2 jobs: the source is 720p and wavespeed/infinitetalk makes 480p
      warning: the limits of vibedream are assumed: no current page states them; set providers.vibedream.limits if yours differ
      warning: the limits of fal are assumed: no current page states them; set providers.fal.limits if yours differ

      problem: safety/fr waits for money: it needs $0.24, for which budget.max_usd and budget.languages.fr.max_usd have no room

      planned: 1 job to buy for $0.24 (simulated: the batch runs on the emulator) (the budget has no room for 1 further job)
      A run wants 116 MB free on the outputs’ disk, 100 MB of them in reserve.
      At the real providers it would take about 2m 35s; the emulator is much faster.
      "
    `);
    const json = JSON.parse((await localize(folder, ['plan', '--json'])).stdout);
    expect(json.by_label).toMatchObject([{ name: 'course=onboarding', jobs: 2, price_usd: '0.48' }]);
    expect(json.runners_up.map(({ route }: { route: string }) => route)).toEqual([
      'fal/infinitalk',
      'vibedream/infinitetalk-fast',
    ]);
    expect(json.prices.find(({ route }: { route: string }) => route === 'wavespeed/infinitetalk').from).toBe(
      'manifest',
    );
    expect(json.problems).toEqual([expect.stringContaining('safety/fr waits for money')]);
    const routes = await localize(folder, ['routes', 'manifest.yaml']);
    expect(routes.stdout).toContain('$0.03 a second, at least 5 s (price in the manifest)');
  });
});
