import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probe } from '@localize/media';
import { describe, expect, test } from 'vitest';
import { filesBelow, folderWith, localize, startLocalize, waitFor } from './support/cli.js';
import { HOLDER_KEYS, SMALL, smallAt, startHolder } from './support/manifests.js';

describe('a run on the emulator', { timeout: 120_000 }, () => {
  test('makes playable videos, a report and a state of its own; a second run skips what is done', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    writeFileSync(join(folder, 'step.md'), 'what was there before\n');
    const first = await localize(folder, [], { GITHUB_STEP_SUMMARY: join(folder, 'step.md') });
    expect([first.exit, first.stderr.match(/error|warning|Warning/)]).toEqual([0, null]);
    expect(readFileSync(join(folder, 'step.md'), 'utf8')).toMatch(
      /^what was there before\n## small: All 2 videos are done/,
    );
    expect(first.stdout).toContain('2 succeeded');
    expect(first.stdout).toContain('Report: localized/small.emulated/report/index.html');

    const output = 'localized/small.emulated/safety/safety.de.mp4';
    const facts = await probe(join(folder, output));
    expect(facts.video?.codec).toBe('avc');
    expect(facts.audio).not.toBeNull();
    for (const name of ['index.html', 'jobs.csv', 'attempts.csv', 'report.json', 'summary.md']) {
      expect(existsSync(join(folder, 'localized/small.emulated/report', name))).toBe(true);
    }
    expect(readFileSync(join(folder, '.localize/.gitignore'), 'utf8')).toBe('*\n');
    expect(existsSync(join(folder, '.localize/emulated.db'))).toBe(true);
    expect(existsSync(join(folder, '.localize/state.db'))).toBe(false);

    const second = await localize(folder, ['resume', '--json']);
    expect(second.exit).toBe(0);
    const events = second.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(events.map((event) => event.type)).toEqual(['run:started', 'run:ended', 'totals']);
    expect(events[0]).toMatchObject({ jobs: 2, done: 2 });
    expect(events.at(-1)).toMatchObject({ exit: 0, batch: 'small', totals: { jobs: 2, succeeded: 2 } });
  });

  test('runs only what --only names, and says so when that is nothing', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const one = await localize(folder, ['--only', '*/de', '--quiet']);
    expect([one.exit, one.stderr]).toEqual([0, '']);
    const { stdout } = await localize(folder, ['status', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ totals: { jobs: 2, succeeded: 1, pending: 1 } });
    const none = await localize(folder, ['--only', 'safty/*']);
    expect(none.exit).toBe(2);
    expect(none.stderr).toContain('no job matches safty/*');
  });

  test('holds its batch against a second run, which ends with 5', async () => {
    const folder = folderWith({}, { media: true });
    await startHolder(folder);
    const second = await localize(folder, [], HOLDER_KEYS);
    expect(second.exit).toBe(5);
    const held =
      /error \[BATCH_LOCKED\] the batch small is held by process (\d+) on .*\n.*stop it \(Ctrl-C, or: kill -INT \1\)/;
    expect(second.stderr).toMatch(held);
    expect(second.stderr).toContain('; localize manifest.yaml --wait goes on after it\n');
    const byHand = [['cancel', '--lang', 'de'], ['retry'], ['settle', 'safety/de', '--abandon'], ['adopt', '.']];
    for (const args of byHand) {
      const { exit, stderr } = await localize(folder, args, HOLDER_KEYS);
      expect([exit, stderr]).toEqual([5, expect.stringMatching(held)]);
      expect(stderr).toContain(
        'localize status manifest.yaml shows how far it is; once it has ended, give this command again\n',
      );
    }
    const { totals } = JSON.parse((await localize(folder, ['status', '--json'])).stdout);
    expect(totals).toMatchObject({ canceled: 0, running: 2 });
    // Renamed, and moved too: it is still that run's.
    const path = join(folder, 'manifest.yaml');
    for (const named of ['manifest.yaml', 'moved.yaml']) {
      renameSync(path, join(folder, named));
      writeFileSync(
        join(folder, named),
        readFileSync(join(folder, named), 'utf8').replace('batch: small', 'batch: other'),
      );
      for (const args of [
        ['cancel', named],
        ['retry', named],
        ['settle', named, 'safety/de', '--abandon'],
        ['run', named],
      ])
        expect(await localize(folder, args, HOLDER_KEYS)).toMatchObject({
          exit: 5,
          stderr: expect.stringMatching(held),
        });
      const skipped = await localize(folder, ['run', named, '--skip-if-running'], HOLDER_KEYS);
      expect(skipped).toMatchObject({ exit: 0, stderr: expect.stringContaining('skipped: the batch small is held') });
    }
  });

  test('names its own state in the command that goes on with it', async () => {
    const manifest = SMALL.replace('emulate: true\n', '');
    const folder = folderWith({ 'manifest.yaml': manifest }, { media: true });
    const running = startLocalize(folder, ['--emulate', '--state', 'mine.db', '--verbose']);
    await waitFor(running.stderr, ': accepted');
    running.child.kill('SIGTERM');
    const { exit, stderr } = await running.finished;
    expect([exit, stderr]).toEqual([
      130,
      expect.stringContaining('localize manifest.yaml --emulate --state mine.db\n'),
    ]);
    const files = [...filesBelow(folder).keys()];
    expect(files).toContain('mine.emulated.db');
    // The user's own folder is not ours to keep out of git.
    expect(files).not.toContain('.gitignore');
  });

  test.each([
    ['Ctrl-C', 'SIGINT'],
    ['a kill that can be heard', 'SIGTERM'],
    ['its terminal being closed', 'SIGHUP'],
  ] as const)('stops at %s with 130, says how to go on, and goes on', async (_, signal) => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const running = startLocalize(folder, ['manifest.yaml', '--verbose']);
    await waitFor(running.stderr, ': accepted');
    running.child.kill(signal);
    const stopped = await running.finished;
    expect(stopped.exit).toBe(130);
    expect(stopped.stderr).toContain('stopping: no further create leaves');
    expect(stopped.stderr).toContain('To go on: localize manifest.yaml');
    const again = await localize(folder, ['manifest.yaml']);
    expect(again.exit).toBe(0);
    const status = JSON.parse((await localize(folder, ['status', '--json'])).stdout);
    expect(status.jobs.map((job: { attempts: unknown[] }) => job.attempts.length)).toEqual([1, 1]);
  });
});

describe('a run with keys', { timeout: 120_000 }, () => {
  test('talks to the hosts that it is given, and leaves no key anywhere', async () => {
    const folder = folderWith({}, { media: true });
    const server = startLocalize(folder, ['emulate', '--json', '--speed', '60', '--dir', './server']);
    await waitFor(server.stdout, '\n');
    const { endpoints } = JSON.parse(server.stdout());
    const urls = { eachlabs: endpoints.eachlabs.baseUrl, wavespeed: endpoints.wavespeed.baseUrl };
    const batch = folderWith({ 'batch.yaml': smallAt(urls) }, { media: true });
    const keys = { EACHLABS_API_KEY: 'sesame-each-4711', WAVESPEED_API_KEY: 'sesame-wave-4712' };
    const done = await localize(batch, ['batch.yaml', '--verbose'], keys);
    expect([done.exit, done.stdout.match(/simulated/)]).toEqual([0, null]);
    const status = await localize(batch, ['status', 'batch.yaml', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ totals: { succeeded: 2 } });

    const told = [done.stdout, done.stderr, status.stdout, ...filesBelow(batch).values()];
    expect(told.filter((text) => text.includes('sesame'))).toEqual([]);
    server.child.kill('SIGINT');
    expect((await server.finished).exit).toBe(0);
  });

  test('can be pointed at `emulate` by pasting what that prints', async () => {
    const folder = folderWith({}, { media: true });
    const server = startLocalize(folder, ['emulate', '--speed', '30', '--dir', './server']);
    await waitFor(server.stdout, 'platform_url');
    const text = server.stdout();
    const pasted = text.slice(text.indexOf('providers:'));
    expect(pasted.match(/ {4}poll: \{ first: 0.5s, every: 0.5s \}\n/g)).toHaveLength(4);
    writeFileSync(join(folder, 'manifest.yaml'), SMALL.replace('emulate: true\n', pasted));
    const { exit, stdout } = await localize(folder, ['validate']);
    expect([exit, stdout]).toEqual([0, expect.stringContaining('2 jobs')]);
    const second = await localize(folder, ['emulate', '--dir', './server']);
    expect([second.exit, second.stderr]).toEqual([2, expect.stringMatching(/another emulator is at work in .*server/)]);
  });

  test('follows what it bought at a provider that the manifest no longer names', async () => {
    const server = startLocalize(folderWith({}, { media: true }), [
      'emulate',
      '--json',
      '--speed',
      '20',
      '--dir',
      './s',
    ]);
    await waitFor(server.stdout, '\n');
    const { endpoints } = JSON.parse(server.stdout());
    const hosts = `  wavespeed: { base_url: ${endpoints.wavespeed.baseUrl}, poll: { first: 100ms, every: 100ms } }
  eachlabs: { base_url: ${endpoints.eachlabs.baseUrl}, poll: { first: 100ms, every: 100ms } }`;
    const only = (provider: string) =>
      SMALL.replace('emulate: true\n', `providers:\n${hosts}\n`)
        .replace(/ {6}fr:.*\n/, '')
        .replace('provider: eachlabs', `provider: ${provider}`);
    const folder = folderWith({ 'batch.yaml': only('eachlabs') }, { media: true });
    const first = startLocalize(folder, ['batch.yaml', '--verbose'], { EACHLABS_API_KEY: 'each-key' });
    await waitFor(first.stderr, ': accepted');
    first.child.kill('SIGTERM');
    await first.finished;
    writeFileSync(join(folder, 'batch.yaml'), only('wavespeed'));

    const keyless = await localize(folder, ['batch.yaml'], { WAVESPEED_API_KEY: 'wave-key' });
    expect(keyless.exit).toBe(1);
    const held = JSON.parse((await localize(folder, ['status', 'batch.yaml', '--json'])).stdout).jobs[0];
    expect(held).toMatchObject({ state: 'held', reason: expect.stringContaining('EACHLABS_API_KEY') });
    const keys = { WAVESPEED_API_KEY: 'wave-key', EACHLABS_API_KEY: 'each-key' };
    expect((await localize(folder, ['batch.yaml'], keys)).exit).toBe(0);
    const done = JSON.parse((await localize(folder, ['status', 'batch.yaml', '--json'])).stdout).jobs[0];
    expect(done.attempts).toEqual([expect.objectContaining({ route: 'eachlabs/infinitalk', state: 'completed' })]);
  });

  test('asks before it spends much, and stops with 3 where nobody can answer', async () => {
    const rows = Array.from({ length: 40 }, (_, index) => `  - ${video(index)}`).join('\n');
    const text = `version: 1\nbatch: dear\nvideos:\n${rows}\n`;
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const { exit, stderr } = await localize(folder, [], { WAVESPEED_API_KEY: 'sesame' });
    expect(exit).toBe(3);
    expect(stderr).toMatch(/error \[CONFIRMATION_NEEDED\] dear: 40 jobs for \$\d+\.\d\d need a yes/);
    expect(stderr).toContain('--yes');
  });
});

function video(index: number): string {
  const track = '{ de: ./media/audio/de/safety.mp3 }';
  return `{ id: v${index}, source: ./media/safety.mp4, provider: wavespeed/infinitetalk, resolution: 720p, seed: ${index}, tracks: ${track} }`;
}
