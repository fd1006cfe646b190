import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '@localize/core';
import { describe, expect, test } from 'vitest';
import { checkHosts } from '../src/keys/check-hosts.js';
import { formatDuration } from '../src/output/format-duration.js';
import { locateState } from '../src/state/locate-state.js';
import { folderWith, REPOSITORY } from './support/cli.js';

describe('the place of the state', () => {
  test('is beside the manifest, or in the nearest ancestor that has one already', () => {
    const folder = folderWith({ 'a/b/manifest.yaml': '' });
    const manifest = join(folder, 'a/b/manifest.yaml');
    expect(locateState(manifest, { emulate: false }).path).toBe(join(folder, 'a/b/.localize/state.db'));
    mkdirSync(join(folder, '.localize'));
    expect(locateState(manifest, { emulate: false }).path).toBe(join(folder, '.localize/state.db'));
    mkdirSync(join(folder, 'a/.localize'));
    expect(locateState(manifest, { emulate: true })).toEqual({
      path: join(folder, 'a/.localize/emulated.db'),
      emulatorDir: join(folder, 'a/.localize/emulator'),
    });
  });

  test('is never shared by real and emulated batches, whatever --state says', () => {
    const real = locateState('/m/manifest.yaml', { emulate: false, override: '/s/x.db' });
    const emulated = locateState('/m/manifest.yaml', { emulate: true, override: '/s/x.db' });
    expect([real.path, emulated.path]).toEqual(['/s/x.db', '/s/x.emulated.db']);
  });
});

describe('hosts that may have a key', () => {
  const facts = [{ id: 'p', ownHosts: ['api.p.ai', '.p.run'] }] as never;
  const check = (url: string, allowed: string[] = []) =>
    checkHosts([{ id: 'p', hosts: { base_url: url } }] as never, facts, allowed);

  test.each([
    'https://api.p.ai/v1',
    'https://API.P.AI/v1',
    'https://queue.p.run',
    'http://localhost:1/x',
    'http://127.0.0.1:80',
    'http://127.1',
    'http://[::1]:9',
  ])('%s', (url) => {
    expect(() => check(url)).not.toThrow();
  });

  test.each([
    'https://p.ai/v1',
    'https://api.p.ai.evil.example',
    'https://api.p.ai@evil.example',
    'https://evilp.run',
    'http://api.p.ai',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'file:///etc/passwd',
    'nonsense',
  ])('but not %s', (url) => {
    expect(() => check(url)).toThrow();
  });

  test('and one that the command line allows, over https', () => {
    expect(() => check('https://proxy.example/v1', ['proxy.example'])).not.toThrow();
    expect(() => check('http://proxy.example/v1', ['proxy.example'])).toThrow();
  });
});

test.each([
  [0, '0s'],
  [59_400, '59s'],
  [95_000, '1m 35s'],
  [3_600_000, '1h'],
  [5_400_000, '1h 30m'],
])('%d ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('docs/errors.md has a section for every error and for no other', () => {
  const page = readFileSync(join(REPOSITORY, 'docs/errors.md'), 'utf8');
  const sections = [...page.matchAll(/^## ([A-Z_]+)$/gm)].map((match) => match[1]);
  expect(sections.sort()).toEqual(Object.keys(ERRORS).sort());
});
