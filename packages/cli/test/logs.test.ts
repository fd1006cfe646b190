import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { SMALL, serveProviders, serveSlowly, smallFor } from './support/manifests.js';

const KEYS = { EACHLABS_API_KEY: 'sesame-each-4711', WAVESPEED_API_KEY: 'sesame-wave-4712' };

interface Entry {
  readonly kind: string;
  readonly data: {
    readonly to?: string;
    readonly method?: string;
    readonly status?: number;
    readonly url?: string;
    readonly sent?: string;
  };
}

describe('localize logs', { timeout: 120_000 }, () => {
  test('shows a job’s whole history, with every exchange and without a key', async () => {
    const folder = folderWith({}, { media: true });
    const defaults = 'batch: small\ndefaults: { prompt: A presenter speaks, seed: 42 }';
    const manifest = smallFor(await serveProviders(folder)).replace('batch: small', defaults);
    writeFileSync(join(folder, 'manifest.yaml'), manifest);
    expect((await localize(folder, [], KEYS)).exit).toBe(0);

    const { exit, stdout } = await localize(folder, ['logs', 'safety/de', '--json']);
    expect(exit).toBe(0);
    const { job, entries } = JSON.parse(stdout) as { job: string; entries: Entry[] };
    expect(job).toBe('safety/de');
    const moves = entries.filter(({ kind }) => kind === 'job').map(({ data }) => data.to);
    expect(moves).toEqual(['staging', 'submitting', 'processing', 'downloading', 'succeeded']);
    expect(stdout).toContain('"prediction_id"');
    expect(stdout).toContain('"request_id"');
    expect(stdout.match(/^ *"\w*[A-Z]\w*":/gm)).toBeNull();
    const attempts = entries.filter(({ kind }) => kind === 'attempt').map(({ data }) => data.to);
    expect(attempts).toEqual(['intended', 'accepted', 'completed']);
    const exchanges = entries.filter(({ kind }) => kind === 'exchange').map(({ data }) => data);
    const creates = exchanges.filter(({ method, url }) => method === 'POST' && /\/prediction\/?$/.test(url ?? ''));
    expect(creates).toEqual([expect.objectContaining({ status: expect.any(Number), ms: expect.any(Number) })]);
    const sent = JSON.parse(creates[0]?.sent ?? '') as { input: { prompt: string; seed: number; audio_url?: string } };
    expect(sent.input).toMatchObject({ prompt: 'A presenter speaks', seed: 42 });
    expect(exchanges.map((each) => each.sent)).toContainEqual(
      expect.stringMatching(/^\d+ bytes of (video\/mp4|audio\/mpeg)$/),
    );

    const people = await localize(folder, ['logs', 'safety/de', 'manifest.yaml']);
    expect(people.stdout).toMatch(/attempt {3}eachlabs\/infinitalk on EACHLABS_API_KEY: intended -> accepted/);
    expect(people.stdout).toMatch(
      /exchange {2}POST http:\S+\/prediction\/? 20\d in \d+ ms\n {4}-> \{.*"prompt":"A presenter speaks".*\n {4}<- \{/,
    );
    expect(stdout + people.stdout).not.toContain('sesame');
  });

  test('takes a key whatever its case, as --only does, also of a job that has left the manifest', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const named = async (key: string) => {
      const { exit, stdout } = await localize(folder, ['logs', key, '--json']);
      return [exit, JSON.parse(stdout).job, JSON.parse(stdout).entries.length > 0];
    };
    expect(await named('Safety/FR')).toEqual([0, 'safety/fr', false]);
    expect((await localize(folder, [])).exit).toBe(0);
    writeFileSync(join(folder, 'manifest.yaml'), SMALL.replace(/ +fr: .*\n/, ''));
    expect(await named('Safety/FR')).toEqual([0, 'safety/fr', true]);
    expect(await named('SAFETY/de')).toEqual([0, 'safety/de', true]);
    const turned = await localize(folder, ['logs', 'manifest.yaml', 'SAFETY/de', '--json']);
    expect([turned.exit, JSON.parse(turned.stdout).job]).toEqual([0, 'safety/de']);
    const unknown = await localize(folder, ['logs', 'SAFETY/dee']);
    expect([unknown.exit, unknown.stderr]).toEqual([2, expect.stringContaining('did you mean safety/de?')]);
  });

  test('has what `retry` asks of a job that was given up waiting for, as has the log file', async () => {
    const folder = folderWith({}, { media: true });
    await serveSlowly(folder);
    const path = join(folder, 'manifest.yaml');
    writeFileSync(path, readFileSync(path, 'utf8').replace('keys: [EACH', 'timeout: 1s, keys: [EACH'));
    const only = ['--only', 'safety/de'];
    expect((await localize(folder, only, KEYS)).exit).toBe(1);
    expect((await localize(folder, ['retry', ...only, '--json'], KEYS)).stdout).toContain('"again":["safety/de"]');

    const { entries } = JSON.parse((await localize(folder, ['logs', 'safety/de', '--json'])).stdout) as {
      entries: Entry[];
    };
    const since = entries.slice(entries.findIndex(({ data }) => data.to === 'held') + 1);
    expect(since.map(({ kind, data }) => [kind, data.method ?? data.to])).toEqual([
      ['exchange', 'GET'],
      ['attempt', 'abandoned'],
      ['job', 'pending'],
    ]);
    const log = readFileSync(join(folder, '.localize/logs/localize.log'), 'utf8');
    const after = log.trim().split('\n').slice(-3);
    expect(after.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'exchange',
      'attempt:state',
      'job:state',
    ]);
  });

  test('says that a job has no history yet, and suggests the nearest job', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    expect((await localize(folder, ['logs', 'safety/de'])).stdout).toBe('safety/de has no history yet\n');
    const { exit, stderr } = await localize(folder, ['logs', 'safty/de']);
    expect([exit, stderr]).toEqual([2, expect.stringContaining('did you mean safety/de?')]);
    const keyless = await localize(folder, ['logs', 'manifest.yaml']);
    expect([keyless.exit, keyless.stderr]).toEqual([2, expect.stringContaining('localize logs KEY manifest.yaml')]);
  });
});
