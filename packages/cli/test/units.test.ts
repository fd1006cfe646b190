import { getEventListeners } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ERRORS, MANIFEST_ISSUE_CODES, NO_USER_CONFIG, type Snapshot } from '@localize/core';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { readEmulatedSpeed } from '../src/batch/emulated-speed.js';
import { nearestFile } from '../src/batch/nearest-file.js';
import { checkHosts } from '../src/keys/check-hosts.js';
import { LiveFeed } from '../src/live/live-feed.js';
import { chooseState } from '../src/state/choose-state.js';
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
      origin: 'the nearest .localize above the manifest',
      path: join(folder, 'a/.localize/emulated.db'),
      emulatedPath: join(folder, 'a/.localize/emulated.db'),
      emulatorDir: join(folder, 'a/.localize/emulator'),
      logDir: join(folder, 'a/.localize/logs'),
      plansDir: join(folder, 'a/.localize/plans'),
    });
  });

  test('is never shared by real and emulated batches, whatever --state says', () => {
    const override = { path: '/s/x.db', origin: '--state' };
    const real = locateState('/m/manifest.yaml', { emulate: false, override });
    const emulated = locateState('/m/manifest.yaml', { emulate: true, override });
    expect([real.path, emulated.path]).toEqual(['/s/x.db', '/s/x.emulated.db']);
  });
});

test('the emulator is as fast as the environment says, and a speed that is none is a mistake', () => {
  const speeds = ['600', ' 0.5 ', '', undefined].map((speed) => readEmulatedSpeed({ LOCALIZE_EMULATED_SPEED: speed }));
  expect(speeds).toEqual([600, 0.5, 60, 60]);
  for (const speed of ['fast', '0', '-1', 'Infinity']) {
    const wrong = expect.objectContaining({ code: 'USAGE', message: `LOCALIZE_EMULATED_SPEED is "${speed}"` });
    expect(() => readEmulatedSpeed({ LOCALIZE_EMULATED_SPEED: speed })).toThrow(wrong);
  }
});

test('the state is named by the flag, then the environment with .env, then the user’s own settings', () => {
  const folder = folderWith({ '.env': 'LOCALIZE_STATE=in-env.db\n' });
  const manifestPath = join(folder, 'manifest.yaml');
  const ownConfig = { ...NO_USER_CONFIG, path: '/own/config.yaml', exists: true, state: '/own/state.db' };
  const choose = (state: string | undefined, variables: Record<string, string>, manifest = manifestPath) =>
    chooseState(manifest, { cwd: '/cwd', state, variables, ownConfig });
  expect(choose('x.db', { LOCALIZE_STATE: 'y.db' })).toEqual({ path: '/cwd/x.db', origin: '--state' });
  expect(choose(undefined, { LOCALIZE_STATE: 'y.db' })?.path).toBe('/cwd/y.db');
  expect(choose(undefined, {})?.path).toBe(join(folder, 'in-env.db'));
  expect(choose(undefined, {}, '/elsewhere/manifest.yaml')).toEqual({
    path: '/own/state.db',
    origin: '/own/config.yaml',
  });
  expect(chooseState('/elsewhere/m.yaml', { cwd: '/', variables: {}, ownConfig: null })).toBeNull();
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

test('docs/errors.md has a section for every error, for every mistake in a manifest, and for no other', () => {
  const page = readFileSync(join(REPOSITORY, 'docs/errors.md'), 'utf8');
  const sections = [...page.matchAll(/^## ([A-Z_]+)$/gm)].map((match) => match[1]);
  expect(sections.sort()).toEqual(Object.keys(ERRORS).sort());
  const mistakes = [...page.matchAll(/^### ([A-Z_]+)$/gm)].map((match) => match[1]);
  expect(mistakes.sort()).toEqual([...MANIFEST_ISSUE_CODES].sort());
});

test('a listener of the live page that waits for many changes is heard of once by its connection', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const feed = new LiveFeed(() => ({}) as Snapshot);
  const gone = new AbortController();
  const waits = feed.after(30, gone.signal);
  for (let change = 0; change < 20; change += 1) {
    feed.changed();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(feed.state.version).toBe(21);
  expect(getEventListeners(gone.signal, 'abort')).toHaveLength(1);
  gone.abort();
  expect(await waits).toBeNull();
});

test('a path where nothing is is read as the nearest that there is', () => {
  const folder = folderWith({ 'Media/key note.mp4': '', 'Media/de/talk.mp3': '', 'Media/fr/talk.mp3': '' });
  const near = (path: string) => {
    const found = nearestFile(join(folder, path));
    return found === null ? null : relative(folder, found);
  };
  expect(near('media/key note.mp4')).toBe('Media/key note.mp4');
  expect(near('media/keynote.mp4')).toBe('Media/key note.mp4');
  expect(near('media/DE/talk.mp3')).toBe('Media/de/talk.mp3');
  // A track in the wrong language is worse than none.
  expect(near('media/nl/talk.mp3')).toBeNull();
  expect(near('media/de/talk.mp3/more')).toBeNull();
  symlinkSync('unmounted/talk.mp3', join(folder, 'Media/talk.mp3'));
  expect(near('Media/talk.mp3')).toBeNull();
});
