import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MoneyWait, Plan } from '@localize/core';
import { startEmulator } from '@localize/emulator';
import { type ReportJson, type ReviewMark, writeReview } from '@localize/report';
import type { JobStanding } from '@localize/runner';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';

import { offerRemakes } from '../src/commands/offer-remakes.js';
import type { TextSink } from '../src/definitions.js';
import { folderWith, localize } from './support/cli.js';
import { HOLDER_KEYS, SMALL, smallAt } from './support/manifests.js';

describe('localize review', { timeout: 240_000 }, () => {
  test('takes in the marks of several reviewers, shows conflicts, and the next report carries them', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    await localize(folder, []);
    const jobs = readJobs(folder);
    const mark = (key: string, over: Partial<ReviewMark> = {}): ReviewMark => {
      const sha256 = jobs.find((job) => job.key === key)?.output_sha256 ?? '';
      return { key, sha256, verdict: 'approve', route: null, note: '', at: '2026-03-14T10:00:00.000Z', ...over };
    };
    const file = (name: string, text: string) => writeFileSync(join(folder, name), text);
    file('ana.json', writeReview('small', 'Ana', [mark('safety/de'), mark('safety/fr')]));
    file('ben.json', writeReview('small', 'Ben', [mark('safety/fr', { verdict: 'redo', note: 'lips run ahead' })]));
    file('old.json', writeReview('small', '', [mark('safety/de', { sha256: 'c'.repeat(64) })]));
    file('other.json', writeReview('autumn', 'Ana', [mark('safety/de')]));

    const mixed = await localize(folder, ['review', 'ana.json', 'other.json']);
    expect([mixed.exit, mixed.stderr]).toEqual([2, expect.stringContaining('it is of the batch autumn')]);

    file(
      'typo.json',
      writeReview('small', 'Cem', [
        mark('safety/de', { verdict: 'redo', route: 'wavespeed/infinitalk' }),
        mark('safety/fr'),
      ]),
    );
    // One slip keeps none of the others out.
    const typo = await localize(folder, ['review', 'typo.json']);
    expect([typo.exit, typo.stdout]).toEqual([
      1,
      [
        'safety/de: the mark of Cem names the route wavespeed/infinitalk, which is none; did you mean wavespeed/infinitetalk?; not applied',
        '1 of 2 marks taken in; 1 approved, 0 to be made again, 0 in dispute',
        '',
      ].join('\n'),
    ]);
    const taken = JSON.parse((await localize(folder, ['review', 'typo.json', '--json'])).stdout);
    expect(taken.marks.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['known', 'unknown-route']);
    await localize(folder, ['review', '--withdraw', '**']);

    const first = await localize(folder, ['review', 'ana.json']);
    expect([first.exit, first.stdout]).toEqual([0, expect.stringContaining('2 of 2 marks taken in; 2 approved')]);

    const second = await localize(folder, ['review', 'ben.json', 'old.json', '-m', 'manifest.yaml']);
    expect(second.exit).toBe(1);
    expect(second.stdout).toBe(
      [
        'safety/de: the mark of old.json is of another video than the one that is there now; not applied',
        'safety/fr: the reviewers disagree',
        '  Ana: approve',
        '  Ben: redo: lips run ahead',
        '1 of 2 marks taken in; 1 approved, 0 to be made again, 1 in dispute',
        '',
      ].join('\n'),
    );

    // Two reviewers without a name, whose files have one.
    for (const [place, verdict] of [
      ['a', 'approve'],
      ['b', 'redo'],
    ] as const) {
      mkdirSync(join(folder, place));
      file(`${place}/review.json`, writeReview('small', '', [mark('safety/fr', { verdict })]));
    }
    const nameless = await localize(folder, ['review', 'a/review.json', 'b/review.json']);
    expect(nameless.stdout).toMatch(/ {2}a\/review\.json: approve\n {2}b\/review\.json: redo\n/);
    const withdrawn = await localize(folder, ['review', '--withdraw', 'safety/f*']);
    expect(withdrawn.stdout).toContain('safety/fr: the mark of a/review.json is withdrawn\n');
    expect(withdrawn.stdout).toContain('1 approved, 0 to be made again, 0 in dispute');
    const nobody = await localize(folder, ['review', '--withdraw', 'safety/f*']);
    expect(nobody.stdout).toMatch(/^nothing to withdraw: nobody has marked these videos as they are now\n/);
    expect((await localize(folder, ['review', 'ana.json', 'ben.json'])).exit).toBe(1);
    expect((await localize(folder, ['review'])).stderr).toContain('review takes files with marks, or --withdraw');
    // A variable that was not set takes nothing back.
    const nothing = await localize(folder, ['review', '--withdraw', '']);
    expect([nothing.exit, nothing.stdout, nothing.stderr]).toEqual([
      2,
      '',
      expect.stringContaining('`--withdraw` is empty'),
    ]);

    const plan = readFileSync(join(folder, 'manifest.yaml'), 'utf8').replace('tracks:', 'prompt: slowly\n    tracks:');
    file('manifest.yaml', plan);
    const remade = await localize(folder, ['--remake']);
    expect([remade.exit, remade.stderr]).toEqual([
      0,
      expect.stringContaining('safety/de changed since it was made (prompt) and is approved'),
    ]);

    expect((await localize(folder, ['--include-approved'])).exit).toBe(2);
    const html = readFileSync(join(folder, REPORT, 'index.html'), 'utf8');
    expect(html).toContain('"note":"lips run ahead"');
    const csv = readFileSync(join(folder, REPORT, 'jobs.csv'), 'utf8');
    expect(csv).toMatch(/safety\/de.*,approved,,,,prompt\r\n.*safety\/fr.*,disputed,,,,prompt\r\n/);
  });

  test('takes no mark of a video in whose place another file lies, before any run has looked', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    await localize(folder, []);
    const marks = readJobs(folder).map<ReviewMark>(({ key, output_sha256 }) => {
      const said = { verdict: 'approve', route: null, note: '', at: '2026-03-14T10:00:00.000Z' } as const;
      return { key, sha256: output_sha256 ?? '', ...said };
    });
    writeFileSync(join(folder, 'ana.json'), writeReview('small', 'Ana', marks));
    const video = join(folder, 'localized/small.emulated/safety/safety.fr.mp4');
    const own = readFileSync(video);
    writeFileSync(video, Buffer.concat([own, Buffer.from('more')]));
    const refused = await localize(folder, ['review', 'ana.json']);
    expect(refused.exit).toBe(1);
    expect(refused.stdout).toBe(
      [
        'safety/fr: the mark of Ana is of the video that was there; not applied: the output on disk is not the file that was downloaded; it is left alone; move the file away, then: localize manifest.yaml, and take it in again',
        '1 of 2 marks taken in; 1 approved, 0 to be made again, 0 in dispute',
        '',
      ].join('\n'),
    );
    const status = async () => JSON.parse((await localize(folder, ['status', '--json'])).stdout).jobs[1];
    expect(await status()).toMatchObject({
      state: 'succeeded',
      mend: 'move the file away, then: localize manifest.yaml',
    });
    writeFileSync(video, own);
    expect(await status()).toMatchObject({ state: 'succeeded', reason: null });
    expect((await localize(folder, ['review', 'ana.json'])).stdout).toContain('1 of 2 marks taken in; 2 approved');

    // Deleted, it is told by everybody until a run has it again.
    rmSync(video);
    const words = 'its video is not on disk; the next run fetches it again, for free';
    const told = await localize(folder, ['review', 'ana.json']);
    expect([told.exit, told.stderr]).toEqual([0, `safety/fr: ${words}: localize manifest.yaml\n`]);
    expect(await status()).toMatchObject({ state: 'succeeded', output: null, reason: words });
    const page = await localize(folder, ['report', '--lang', 'fr']);
    expect(page.stderr).toBe(`safety/fr is left out: ${words}; localize manifest.yaml\n`);
    const json = JSON.parse((await localize(folder, ['report', '--format', 'json'])).stdout) as ReportJson;
    expect(json.needs_a_person).toMatchObject([{ key: 'safety/fr', state: 'missing' }]);
    // Also where the manifest asks for another one by now.
    const manifest = join(folder, 'manifest.yaml');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('tracks:', 'prompt: slowly\n    tracks:'));
    expect((await localize(folder, ['--yes'])).exit).toBe(0);
    expect(readFileSync(video)).toEqual(own);
  });

  test('takes for free what was made as the reviewers ask for another job, and is done with it then', async () => {
    const tracks = 'tracks: { de: ./media/audio/de/safety.mp3 }';
    const video = (id: string) =>
      `  - { id: ${id}, source: ./media/safety.mp4, provider: [eachlabs, wavespeed/infinitetalk], ${tracks} }\n`;
    const manifest = `version: 1\nbatch: small\nemulate: true\nvideos:\n${video('one')}${video('two')}`;
    const folder = folderWith({ 'manifest.yaml': manifest }, { media: true });
    await localize(folder, []);
    const asked = {
      verdict: 'redo',
      route: 'wavespeed/infinitetalk',
      note: '',
      at: '2026-03-14T10:00:00.000Z',
    } as const;
    const marks = readJobs(folder).map<ReviewMark>(({ key, output_sha256 }) => ({
      ...asked,
      key,
      sha256: output_sha256 ?? '',
    }));
    writeFileSync(join(folder, 'ana.json'), writeReview('small', 'Ana', marks));
    await localize(folder, ['review', 'ana.json']);
    expect((await localize(folder, ['--remake', '--only', 'one/de', '--yes'])).exit).toBe(0);
    const standing = await localize(folder, ['review', 'ana.json']);
    expect(standing.stdout).toContain('two/de takes a video that was made like this and paid for before, for free\n');
    expect(standing.stdout).toContain('1 to be made again, 1 of them for free, 0 in dispute\n');
    expect(standing.stdout).toContain('To take what was paid for before: localize manifest.yaml\n');
    await localize(folder, []);
    const two = readJobs(folder).find(({ key }) => key === 'two/de');
    expect(two).toMatchObject({ route: 'wavespeed/infinitetalk', redo: { waits: false } });
  });

  test('has a video made again with a new seed, then on a named route, and keeps what came of it', async () => {
    const priced = 'emulate: true\nproviders: { eachlabs: { price: { usd_per_second: 0.04 } } }\n';
    const written = SMALL.replace('emulate: true\n', priced);
    const folder = folderWith({ 'manifest.yaml': written }, { media: true });
    await localize(folder, ['--only', '*/fr']);
    const read = () => readJobs(folder)[1];
    const redo = async (name: string, route: string | null, at: string) => {
      const sha256 = read()?.output_sha256 ?? '';
      const mark = { key: 'safety/fr', sha256, verdict: 'redo', route, note: 'lips run ahead', at } as const;
      writeFileSync(join(folder, name), writeReview('small', 'Ana', [mark]));
      return localize(folder, ['review', name]);
    };
    const why = 'the manifest sends nothing to fal';
    const refused = await redo('elsewhere.json', 'fal/infinitalk', '2026-03-13T10:00:00.000Z');
    expect(refused.stdout).toContain(`safety/fr is not made again: ${why}\n`);
    expect(refused.stdout).toContain('0 approved, 0 to be made again, 1 that cannot be, 0 in dispute');
    const redoNow = async () =>
      JSON.parse((await localize(folder, ['report', '--format', 'json'])).stdout).jobs[1].redo;
    expect(await redoNow()).toMatchObject({ waits: true, refused: why, estimated_usd: null });
    // An edit has it made again, and not as the reviewer asks: that is said of it, and nothing else.
    writeFileSync(join(folder, 'manifest.yaml'), written.replace('tracks:', 'prompt: slowly\n    tracks:'));
    expect((await localize(folder, ['review', 'elsewhere.json'])).stdout).toContain(
      '0 to be made again, 1 that cannot be',
    );
    writeFileSync(join(folder, 'manifest.yaml'), written);
    const { stdout } = await localize(folder, ['plan', '--only', '*/fr']);
    expect(stdout).toContain(`safety/fr: the redo on fal/infinitalk is not possible, so nothing is made again: ${why}`);

    const first = await redo('ana.json', null, '2026-03-14T10:00:00.000Z');
    expect([first.exit, first.stdout]).toEqual([
      0,
      expect.stringMatching(/safety\/fr is to be made again with seed \d+ on wavespeed\/infinitetalk, for \$0\.\d+\n/),
    ]);
    expect(first.stdout).toContain('To make it again: localize manifest.yaml --remake');
    const again = await localize(folder, ['review', 'ana.json', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ marks: [{ outcome: 'known' }], redo: [{ possible: true }] });

    const kept = await localize(folder, ['--only', '*/fr']);
    expect(kept.stderr).toContain('safety/fr changed since it was made (seed); --remake buys it again');
    expect(read()?.attempts).toHaveLength(1);
    const unwanted = read()?.output_sha256;
    await localize(folder, ['--remake', '--only', '*/fr']);
    expect(read()?.attempts).toHaveLength(2);
    // Another seed, another video: it did not come out the same, and waits to be looked at.
    expect(read()?.output_sha256).not.toBe(unwanted);
    expect(await redoNow()).toMatchObject({ waits: false, came_out_the_same: false });

    const second = await redo('ben.json', 'eachlabs/infinitalk', '2026-03-15T10:00:00.000Z');
    const price = /on eachlabs\/infinitalk, for \$([\d.]+)\n/.exec(second.stdout)?.[1];
    // What making it again costs there, which is not what the video cost that is there now.
    expect(await redoNow()).toMatchObject({ waits: true, refused: null, estimated_usd: price });
    await localize(folder, ['--remake', '--only', '*/fr']);
    expect(read()?.route).toBe('eachlabs/infinitalk');
    // It is what the plan asks for now, so nothing asks for the first one back.
    expect((await localize(folder, ['plan', '--only', '*/fr'])).stdout).not.toContain('changed');

    // The manifest is edited after the review: the newer word counts.
    const manifest = written.replace(
      'provider: wavespeed/infinitetalk }',
      'provider: wavespeed/infinitetalk, seed: 7 }',
    );
    writeFileSync(join(folder, 'manifest.yaml'), manifest);
    expect((await localize(folder, ['plan', '--only', '*/fr'])).stdout).toMatch(/changed: .*route.*seed/);
  });

  test('tells of a redo that was agreed to and that nothing was bought for yet, with its price', async () => {
    const folder = folderWith({}, { media: true });
    const refused = { kind: 'refuse-create', status: 401, provider: 'wavespeed', skip: 1 } as const;
    const emulator = await startEmulator({ dir: join(folder, 'server'), speed: 600, faults: [refused] });
    onTestFinished(() => emulator.close());
    const { eachlabs, wavespeed } = emulator.endpoints;
    writeFileSync(join(folder, 'manifest.yaml'), smallAt({ eachlabs: eachlabs.baseUrl, wavespeed: wavespeed.baseUrl }));
    const only = ['--only', '*/fr', '--yes'];
    expect((await localize(folder, only, HOLDER_KEYS)).exit).toBe(0);
    const { jobs } = JSON.parse((await localize(folder, ['report', '--format', 'json'])).stdout);
    const said = { verdict: 'redo', route: null, note: '', at: '2026-03-14T10:00:00.000Z' } as const;
    const mark = { key: 'safety/fr', sha256: jobs[1].output_sha256, ...said };
    writeFileSync(join(folder, 'ana.json'), writeReview('small', 'Ana', [mark]));
    expect((await localize(folder, ['review', 'ana.json'])).exit).toBe(0);
    expect((await localize(folder, ['--remake', ...only], HOLDER_KEYS)).exit).toBe(1);
    const { stdout } = await localize(folder, ['review', 'ana.json']);
    expect(stdout).toMatch(
      /^safety\/fr is to be made again with seed \d+ on wavespeed\/infinitetalk, for \$0\.24, as agreed/,
    );
    expect(stdout).toMatch(
      /; making it again is held: no lane that may take it is open.*then: localize manifest\.yaml\n/,
    );
    expect(stdout).toContain('0 approved, 1 to be made again, 0 in dispute\n');
    expect(stdout).toMatch(/A run makes again what was agreed to, without asking: localize manifest\.yaml\n$/);
    const told = JSON.parse((await localize(folder, ['review', 'ana.json', '--json'])).stdout);
    expect(told.redo).toMatchObject([{ possible: true, estimated_usd: expect.stringMatching(/^0\.24/) }]);
    expect(told.not_on_disk).toEqual([]);

    // The folder for a reviewer has the video until another takes its place; once it is deleted, that is said.
    const out = join(folder, 'fr');
    const sent = await localize(folder, ['report', '--lang', 'fr', '--output', 'fr']);
    expect([sent.exit, sent.stderr]).toEqual([0, '']);
    const copy = join(out, 'videos/safety.fr.mp4');
    const video = join(folder, jobs[1].output);
    expect(readFileSync(copy)).toEqual(readFileSync(video));
    rmSync(video);
    const left = await localize(folder, ['report', '--lang', 'fr', '--output', 'fr']);
    expect(left.stderr).toMatch(
      /^safety\/fr is left out: making it again is held: .*; its video is not on disk; mend the key/,
    );
    expect(left.stderr).toContain('| localize review --withdraw safety/fr -m manifest.yaml\n');
    const gone = await localize(folder, ['review', 'ana.json', '--json']);
    expect(JSON.parse(gone.stdout).not_on_disk).toMatchObject([
      { key: 'safety/fr', reason: expect.stringMatching(/; its video is not on disk$/) },
    ]);
    expect((await localize(folder, ['review', '--withdraw', 'safety/fr'])).exit).toBe(0);
    expect((await localize(folder, ['--only', '*/fr', '--yes'], HOLDER_KEYS)).exit).toBe(0);
    expect(readFileSync(video)).toEqual(readFileSync(copy));

    // A redo of it was canceled since: its earlier video goes with the folder, and is missed where it is gone.
    const state = new Database(join(folder, '.localize/state.db'));
    state.exec(`UPDATE jobs SET state = 'canceled', output = NULL, standing = json_object('output', json(output),
      'attemptId', attempt_id, 'fingerprint', fingerprint) WHERE key = 'safety/fr'`);
    state.close();
    rmSync(out, { recursive: true });
    expect((await localize(folder, ['report', '--lang', 'fr', '--output', 'fr'])).stderr).toBe('');
    expect(readFileSync(copy)).toEqual(readFileSync(video));
    expect((await localize(folder, ['report', '--lang', 'fr', '--output', 'fr'])).exit).toBe(0);
    rmSync(video);
    const words = /; its earlier video is not on disk/;
    expect((await localize(folder, ['report', '--lang', 'fr', '--output', 'fr'])).stderr).toMatch(words);
    const both = await localize(folder, ['review', 'ana.json', '--json']);
    expect(JSON.parse(both.stdout).not_on_disk).toMatchObject([
      { key: 'safety/fr', reason: expect.stringMatching(words) },
    ]);
  });
});

describe('the offer to make videos again', () => {
  const WAIT: MoneyWait = { neededMicros: 1, caps: ['budget.max_usd'] };
  const changed = [{ key: 'safety/fr', fields: ['seed'] }];
  const again = { plan: testPlan(), waiting: new Map<string, MoneyWait>(), displaced: 0 };
  const from = { standings: new Map<string, JobStanding>(), changed, selected: () => true };

  test('names each with its price, and a yes is a yes', async () => {
    const said: string[] = [];
    const err = { write: (text: string) => said.push(text) } as unknown as TextSink;
    const ask = async (question: string) => said.push(question) > 0;
    expect(await offerRemakes({ ask, err }, again, from)).toBe(true);
    expect(said.join('')).toMatch(/safety\/fr: seed, price unknown\nMake this video again for an unknown price\?$/);
  });

  test('is made of what the budget has room for', async () => {
    const said: string[] = [];
    const err = { write: (text: string) => said.push(text) } as unknown as TextSink;
    const ask = async (question: string) => said.push(question) > 0;
    const both = { ...from, changed: [...changed, { key: 'safety/de', fields: ['seed'] }] };
    const some = { ...again, waiting: new Map([['safety/fr', WAIT]]), displaced: 2 };
    expect(await offerRemakes({ ask, err }, some, both)).toBe(true);
    expect(said.join('')).toContain('safety/fr: seed, price unknown, for which the budget has no room\n');
    expect(said.at(-1)).toBe(
      'Make 1 of these 2 videos again for an unknown price; 2 jobs that have no video yet then wait for money?',
    );
    const none = { ...again, waiting: new Map(['safety/fr', 'safety/de'].map((key) => [key, WAIT])) };
    const refuse = () => Promise.reject(new Error('asked'));
    expect(await offerRemakes({ ask: refuse, err }, none, both)).toBe(false);
    expect(said.at(-1)).toBe('The budget has no room to make any of them again; they stay as they are.\n');
  });

  test('is not made for approved videos, nor where nobody can answer', async () => {
    const refuse = () => Promise.reject(new Error('asked'));
    const err = { write: () => undefined } as unknown as TextSink;
    const approved: JobStanding = {
      state: 'succeeded',
      route: 'eachlabs/infinitalk',
      isTakenUpAgain: false,
      approved: true,
    };
    const standings = new Map([['safety/fr', approved]]);
    expect(await offerRemakes({ ask: refuse, err }, again, { ...from, standings })).toBe(false);
    expect(await offerRemakes({ ask: null, err }, again, from)).toBe(false);
  });
});

const REPORT = 'localized/small.emulated/report';

/** The jobs as the last run's report has them. */
function readJobs(folder: string): readonly ReadJob[] {
  return JSON.parse(readFileSync(join(folder, REPORT, 'report.json'), 'utf8')).jobs;
}

interface ReadJob {
  readonly key: string;
  readonly output_sha256: string;
  readonly route: string;
  readonly attempts: readonly unknown[];
}

function testPlan(): Plan {
  return {
    batch: 'small',
    emulate: false,
    jobs: [],
    providers: {},
    outputDir: '/out',
    onUncertain: 'hold',
    failoverOnRejection: false,
    budget: { caps: [], marginPercent: 0, confirmAboveMicros: 0 },
    prices: {},
    staging: null,
    warnings: [],
  };
}
