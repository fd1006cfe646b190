import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmulator } from '@localize/emulator';
import { runBatch } from 'localize';
import { describe, expect, onTestFinished, test } from 'vitest';
import { keyFilter } from '../src/select/key-filter.js';
import { type Selection, selectJobs } from '../src/select/select-jobs.js';
import type { SelectableJob } from '../src/select/selectable-job.js';
import { folderWith, localize } from './support/cli.js';
import { SMALL, smallAt } from './support/manifests.js';

describe('--only', () => {
  test.each([
    ['keynote/de', ['keynote/de']],
    ['KEYNOTE/DE', ['keynote/de']],
    ['keynote', ['keynote/de', 'keynote/pt-BR']],
    ['*/pt-*', ['keynote/pt-BR', 'intro.v2/pt-PT']],
    ['{keynote,intro.v2}/{de,pt-PT}', ['keynote/de', 'intro.v2/pt-PT']],
    ['intro.v?', ['intro.v2/pt-PT']],
    ['introxv2', []],
    ['**', ['keynote/de', 'keynote/pt-BR', 'intro.v2/pt-PT']],
    ['{', []],
  ])('%s selects %j', (pattern, expected) => {
    const keys = ['keynote/de', 'keynote/pt-BR', 'intro.v2/pt-PT'];
    expect(keys.filter(keyFilter([pattern]))).toEqual(expected);
  });
});

const JOBS: readonly SelectableJob[] = [
  job('keynote/de', 'eachlabs/infinitalk', 'succeeded', { course: 'sales' }),
  job('keynote/pt-BR', 'wavespeed/infinitetalk', 'failed', { course: 'sales' }),
  job('intro.v2/de', 'wavespeed/infinitetalk', 'held', {}),
  job('intro.v2/pt-PT', 'wavespeed/infinitetalk-fast-multi', 'failed', {}),
];

function job(
  key: string,
  route: string,
  state: SelectableJob['state'],
  labels: SelectableJob['labels'],
): SelectableJob {
  const [videoId = '', language = ''] = key.split('/');
  return { key, videoId, language, labels, route, state };
}

function selected(selection: Selection): string[] {
  return JOBS.map(({ key }) => key).filter(selectJobs(() => JOBS, selection));
}

describe('a selection', () => {
  test.each<[Selection, string[]]>([
    [{}, JOBS.map(({ key }) => key)],
    [{ lang: ['de'] }, ['keynote/de', 'intro.v2/de']],
    [{ lang: ['pt'] }, ['keynote/pt-BR', 'intro.v2/pt-PT']],
    [{ lang: ['pt-br,de'] }, ['keynote/de', 'keynote/pt-BR', 'intro.v2/de']],
    [{ video: ['intro*'] }, ['intro.v2/de', 'intro.v2/pt-PT']],
    [{ provider: ['wavespeed'], lang: ['pt'] }, ['keynote/pt-BR', 'intro.v2/pt-PT']],
    [{ provider: ['wavespeed/infinitetalk'] }, ['keynote/pt-BR', 'intro.v2/de']],
    [{ only: ['course=sales'], lang: ['pt'] }, ['keynote/pt-BR']],
    [{ only: ['{keynote,intro.v2}/de', 'intro.v2/pt-PT'] }, ['keynote/de', 'intro.v2/de', 'intro.v2/pt-PT']],
    [{ failed: true }, ['keynote/pt-BR', 'intro.v2/pt-PT']],
    [{ failed: true, limit: 1 }, ['keynote/pt-BR']],
    [{ lang: ['de'], limit: '1' }, ['keynote/de']],
    [{ failed: true, lang: ['de'] }, []],
  ])('%j is %j', (selection, expected) => {
    expect(selected(selection)).toEqual(expected);
  });

  test.each<[Selection, string, string]>([
    [{ lang: ['fr'] }, 'no job is in fr', 'there are de, pt-BR, pt-PT'],
    [{ lang: ['english'] }, 'no job is in english', 'en'],
    [{ video: ['keynot'] }, 'no video matches keynot', 'did you mean keynote?'],
    [{ provider: ['fal'] }, 'no job goes to fal', 'localize plan shows the route of each'],
    [{ provider: ['wavespede'] }, 'there is no provider or route wavespede', 'did you mean wavespeed?'],
    [{ only: ['course=art'] }, 'no job has the label course=art', 'course is sales'],
    [{ only: ['team=art'] }, 'no job has a label team', 'there are course'],
    [{ lang: ['de'], provider: ['wavespeed'], video: ['keynote'] }, 'no job satisfies all', 'must overlap'],
  ])('%j is a mistake: %s', (selection, message, hint) => {
    expect(() => selected(selection)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      }),
    );
  });

  test.each<[Selection, string]>([
    [{ only: [''] }, '`--only` is empty'],
    [{ only: [] }, '`--only` is empty'],
    [{ only: [' , '] }, '`--only` is empty'],
    [{ only: ['keynote/de,'] }, '`--only` has an empty item'],
    [{ only: ['keynote/de', ''] }, '`--only` has an empty item'],
    [{ lang: [''] }, '`--lang` is empty'],
    [{ video: [''], lang: ['de'] }, '`--video` is empty'],
    [{ provider: ['fal,,wavespeed'] }, '`--provider` has an empty item'],
  ])('%j, which names nothing, is not all jobs', (selection, message) => {
    expect(() => selected(selection)).toThrow(
      expect.objectContaining({ code: 'USAGE', message, hint: expect.stringContaining('out for all jobs') }),
    );
  });

  test.each([{ only: ['intro.v2/[dp]*'] }, { only: ['!keynote/de'] }, { video: ['[ik]*'] }])(
    '%j says which signs a pattern has',
    (selection) => {
      expect(() => selected(selection)).toThrow(
        expect.objectContaining({ code: 'JOB_UNKNOWN', hint: expect.stringContaining('stand for themselves') }),
      );
    },
  );

  test.each(['0', '-1', '1.5', 'all', '1e3', '0x2', ''])('takes no --limit %s', (limit) => {
    expect(() => selected({ limit })).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('a selection on the command line', { timeout: 120_000 }, () => {
  test('means the same to every command, and shows jobs that the state does not know yet', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    expect((await localize(folder, ['--lang', 'fr', '--provider', 'wavespeed', '--limit', '1', '-q'])).exit).toBe(0);
    const keysOf = async (...args: string[]) => {
      const { stdout } = await localize(folder, [...args, '--json']);
      return (JSON.parse(stdout) as { jobs: { key: string }[] }).jobs.map(({ key }) => key);
    };
    expect(await keysOf('status')).toEqual(['safety/de', 'safety/fr']);
    expect(await keysOf('status', '--lang', 'de')).toEqual(['safety/de']);
    expect(await keysOf('plan', '--lang', 'de')).toEqual(['safety/de']);
    const [failed, retried] = await Promise.all([
      keysOf('status', '--failed'),
      localize(folder, ['retry', '--failed']),
    ]);
    expect([failed, retried.exit, retried.stdout]).toEqual([[], 0, 'nothing to retry: no job has failed\n']);
    const none = 'no job has failed: localize status manifest.yaml shows them all\n';
    expect((await localize(folder, ['status', '--failed'])).stdout).toBe(none);
    expect((await localize(folder, ['status', '--failed', '--watch'])).stdout).toBe(`${none}\n`);
    const wrong = await localize(folder, ['cancel', '--lang', 'ja']);
    expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining('no job is in ja')]);

    // One has left the manifest, one has come into it, and one is done.
    const edited = SMALL.replace(/ +de: .*\n/, '').replace('tracks:', 'labels: { course: art }\n    tracks:');
    writeFileSync(join(folder, 'manifest.yaml'), `${edited}      ja: ./media/audio/de/safety.mp3\n`);
    expect((await localize(folder, ['cancel', '--provider', 'eachlabs'])).stdout).toBe('safety/de is canceled\n');
    expect((await localize(folder, ['retry', '--only', 'course=art'])).stdout).toBe(
      'nothing to retry: of 2 jobs that are asked for none is failed, held or canceled (1 succeeded, 1 pending)\n',
    );
    expect((await localize(folder, ['cancel', '--lang', 'ja'])).stdout).toBe('nothing to cancel\n');
  });

  test('leaves out of a report what warns of other jobs alone', async () => {
    const manifest = SMALL.replace('fr/safety.mp3', 'fr/welcome.mp3');
    const folder = folderWith({ 'manifest.yaml': manifest }, { media: true });
    await localize(folder, ['-q']);
    const warned = async (...only: string[]) =>
      JSON.parse((await localize(folder, ['report', '--format', 'json', ...only])).stdout).warnings;
    const shorter = expect.stringContaining('the track of safety/fr');
    expect(await warned()).toContainEqual(shorter);
    expect(await warned('--lang', 'fr')).toContainEqual(shorter);
    expect(await warned('--lang', 'de')).not.toContainEqual(shorter);
  });

  test('is never everything because a value is empty: no command goes on', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const commands = ['plan', 'run', 'status', 'report', 'retry', 'cancel', 'preview'].map((name) => [
      name,
      '--only',
      '',
    ]);
    const others = [['--only='], ['run', '--only', ','], ['--lang', ''], ['--video', ''], ['plan', '--provider', '']];
    for (const args of [...commands, ...others]) {
      const { exit, stderr } = await localize(folder, args);
      expect([args, exit, stderr]).toEqual([
        args,
        2,
        expect.stringMatching(/^error \[USAGE\] `--\w+` is empty\n {2}hint leave/),
      ]);
    }
    const computed = runBatch('manifest.yaml', { cwd: folder, only: [] });
    await expect(computed).rejects.toMatchObject({ code: 'USAGE', message: '`--only` is empty' });
    expect(existsSync(`${folder}/.localize`)).toBe(false);
  });

  test('buys failed jobs again with --failed alone, and only those', async () => {
    const folder = folderWith({}, { media: true });
    const emulator = await startEmulator({
      dir: `${folder}/server`,
      speed: 600,
      faults: [{ kind: 'moderate-prediction', provider: 'eachlabs', times: 1 }],
    });
    onTestFinished(() => emulator.close());
    const { eachlabs, wavespeed } = emulator.endpoints;
    const manifest = smallAt({ eachlabs: eachlabs.baseUrl, wavespeed: wavespeed.baseUrl });
    const batch = folderWith({ 'manifest.yaml': manifest }, { media: true });
    const keys = { EACHLABS_API_KEY: 'sesame-each-4711', WAVESPEED_API_KEY: 'sesame-wave-4712' };
    expect((await localize(batch, ['--lang', 'de', '-q'], keys)).exit).toBe(1);
    expect((await localize(batch, ['--lang', 'de', '-q'], keys)).exit).toBe(1);
    const planned = await localize(batch, ['plan', '--failed', '--json'], keys);
    expect(JSON.parse(planned.stdout)).toMatchObject({ jobs: [{ key: 'safety/de', to_buy: true }] });
    expect((await localize(batch, ['--failed', '-q'], keys)).exit).toBe(0);
    const log = readFileSync(join(batch, '.localize/logs/localize.log'), 'utf8');
    expect(log).toMatch(/"key":"safety\/de","from":"failed","to":"pending"/);
    const status = JSON.parse((await localize(batch, ['status', '--json'], keys)).stdout);
    expect(status.totals).toMatchObject({ succeeded: 1, pending: 1 });
    expect(status.jobs[0].attempts).toHaveLength(2);
  });
});
