import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secret, secretRemover } from '@localize/core';
import { startEmulator } from '@localize/emulator';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLogLine } from '../src/log/log-line.js';
import { openLogFile } from '../src/log/open-log-file.js';
import { filesBelow, folderWith, localize } from './support/cli.js';
import { SMALL, smallAt } from './support/manifests.js';

interface Line {
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

function linesOf(text: string): Line[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

describe('the log', { timeout: 120_000 }, () => {
  test('has every request with its id, time and status, and no key anywhere', async () => {
    const emulator = await startEmulator({ dir: folderWith(), speed: 600 });
    onTestFinished(() => emulator.close());
    const { eachlabs, wavespeed } = emulator.endpoints;
    const manifest = smallAt({ eachlabs: eachlabs.baseUrl, wavespeed: wavespeed.baseUrl });
    const folder = folderWith({ 'manifest.yaml': manifest }, { media: true });
    const keys = { EACHLABS_API_KEY: 'sesame-each-4711', WAVESPEED_API_KEY: 'sesame-wave-4712' };
    const run = await localize(folder, ['--verbose', '--log-format', 'json'], keys);
    expect(run.exit).toBe(0);

    const logged = linesOf(readFileSync(join(folder, '.localize/logs/localize.log'), 'utf8'));
    const exchanges = logged.filter(({ event }) => event === 'exchange');
    const creates = exchanges.filter(
      ({ method, url }) => method === 'POST' && /prediction\/$|infinitetalk/.test(`${url}`),
    );
    expect(creates.map(({ status, level, key }) => [status, level, key]).sort()).toEqual([
      [200, 'debug', 'safety/de'],
      [200, 'debug', 'safety/fr'],
    ]);
    expect(exchanges.some(({ url }) => `${url}`.endsWith('.mp4') || `${url}`.includes('/outputs/'))).toBe(true);
    expect(exchanges.map(({ request }) => request)).toEqual(exchanges.map((_, index) => index + 1));
    for (const { time } of logged) expect(new Date(time).toISOString()).toBe(time);
    expect(logged.at(-1)).toMatchObject({ event: 'run:ended', why: 'finished', batch: 'small' });

    const told = linesOf(run.stderr);
    expect(told.filter(({ event }) => event === 'exchange')).toHaveLength(exchanges.length);
    const everything = [run.stdout, run.stderr, ...filesBelow(folder).values()];
    expect(everything.filter((text) => text.includes('sesame'))).toEqual([]);
  });

  test('is not needed: a run goes on where it cannot be written, and says so', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL, '.localize/logs': 'a file in the way' }, { media: true });
    const { exit, stderr } = await localize(folder, ['--lang', 'de']);
    expect([exit, stderr]).toEqual([0, expect.stringContaining('no log is kept: ')]);
  });

  test('tells also what ends a command as a record', async () => {
    const { exit, stderr } = await localize(folderWith(), ['gone.yaml', '--log-format=json']);
    expect([exit, linesOf(stderr)]).toEqual([
      2,
      [expect.objectContaining({ level: 'error', code: 'MANIFEST_MISSING' })],
    ]);
    const wrong = await localize(folderWith(), ['--log-format', 'xml']);
    expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining('--log-format takes text or json')]);
  });

  test('takes keys and signatures out of whatever a record is made of', () => {
    const line = createLogLine(secretRemover([secret('id-4711:sesame-open')]), { batch: 'b' })({
      level: 'info',
      atMs: 0,
      event: 'x',
      msg: 'Key id-4711:sesame-open at https://h/x?X-Amz-Signature=4f5a&part=1',
      more: { deep: ['sesame-open', Buffer.from('sesame-open').toString('base64')] },
    });
    expect(JSON.parse(line)).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'info',
      batch: 'b',
      event: 'x',
      msg: 'Key [secret] at https://h/x?X-Amz-Signature=[redacted]&part=1',
      more: { deep: ['[secret]', '[secret]'] },
    });
  });

  test('takes out of a URL with a secret who logs in and its path, and leaves its host', () => {
    const url = 'http://visitor-47:sesame-open@127.0.0.1:9711/services/T4711/sesame-token-4711?token=sesame-query';
    const clean = secretRemover([secret(url)]);
    expect(clean('GET http://127.0.0.1:9711/v1/services 200')).toBe('GET http://127.0.0.1:9711/v1/services 200');
    expect(clean(`no answer of ${url}`)).toBe('no answer of [secret]');
    expect(clean(url.replace('visitor-47:sesame-open@', ''))).toBe('http://127.0.0.1:9711[secret]');
    for (const part of ['visitor-47', 'sesame-open', 'sesame-token-4711', 'sesame-query'])
      expect(clean(`x ${part} x`)).toBe('x [secret] x');
  });

  test('leaves the fields that a program reads as they are, also when a key is a common word', () => {
    const line = createLogLine(secretRemover([secret('test'), secret('de')]), { batch: 'test' })({
      level: 'info',
      atMs: 0,
      event: 'job:state',
      type: 'test',
      key: 'test-video/de',
      lane: 'test/de',
      underWay: [{ key: 'test/de' }],
      failure: { kind: 'provider', message: 'no test of de, model' },
      msg: 'tests of de, delayed',
    });
    expect(JSON.parse(line)).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'info',
      batch: 'test',
      event: 'job:state',
      type: 'test',
      key: 'test-video/de',
      lane: 'test/de',
      underWay: [{ key: 'test/de' }],
      failure: { kind: 'provider', message: 'no [secret] of [secret], model' },
      msg: '[secret]s of [secret], delayed',
    });
  });

  test('rotates by size and keeps so many files', async () => {
    const folder = folderWith();
    const faults: Error[] = [];
    for (let round = 0; round < 12; round += 1) {
      const file = openLogFile(folder, (error) => faults.push(error));
      for (let line = 0; line < 12; line += 1) file.write('x'.repeat(100_000));
      await file.close();
    }
    expect(faults).toEqual([]);
    const names = readdirSync(folder).sort();
    expect(names).toContain('localize.log');
    expect(names).toContain('localize.log.1');
    const written = names.map((name) => readFileSync(join(folder, name), 'utf8').length);
    expect(written.reduce((sum, bytes) => sum + bytes, 0)).toBe(12 * 12 * 100_001);
    expect(Math.max(...written)).toBeLessThan(11_000_000);
  });
});
