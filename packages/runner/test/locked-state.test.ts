import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { RunOptions } from '../src/index.js';
import { rescuePaths } from '../src/store/rescue/rescue-file.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { lockState } from '../testing/lock-state.js';

const LANGUAGES = ['de', 'fr', 'es', 'it'];

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(LANGUAGES);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await batch.close();
});

const rescueFiles = () => rescuePaths(batch.store.path, 'spring');
const textOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const problems = () => batch.events.filter(({ type }) => type === 'problem');

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5);
}

/** A run whose replies all come once another program has the state locked, and until each of their ids is in a file. */
async function runIntoLock(options: Partial<RunOptions> = {}) {
  let reply = () => {};
  batch.scripted.gate.open = new Promise((resolve) => {
    reply = resolve;
  });
  const running = batch.run(options).then(
    ({ exit }) => ({ exit }),
    (error: { code: string; hint: string }) => error,
  );
  await until(() => batch.scripted.starts.length === LANGUAGES.length);
  const release = await lockState(batch.store.path);
  onTestFinished(release);
  reply();
  const ids = batch.scripted.starts.map(({ id }) => id);
  await until(() => ids.every((id) => textOf(rescueFiles().reserved).includes(`"${id}"`)));
  return { running, release, ids };
}

describe('a state that another program has locked while no reply is out', () => {
  it('does not keep the run from hearing a stop', async () => {
    for (const nth of LANGUAGES.keys())
      batch.scripted.statuses.set(`prediction-${nth + 1}`, { state: 'pending', phase: 'running' });
    const stop = new AbortController();
    const accepted = () => batch.events.filter((event) => event.type === 'attempt:state' && event.to === 'accepted');
    const running = batch.run({ stop: stop.signal }).catch((error: { code: string }) => error);
    await until(() => accepted().length === LANGUAGES.length);
    const release = await lockState(batch.store.path);
    onTestFinished(release);
    // What its polls have seen is to be written by then.
    await sleep(500);
    stop.abort();
    await until(() => batch.events.some(({ type }) => type === 'run:stopping'));
    expect(batch.events).toContainEqual(expect.objectContaining({ type: 'run:stopping', why: 'interrupted' }));
    await release();
    await running;
    batch.scripted.statuses.clear();
    batch.reopen();
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(LANGUAGES.length);
  }, 30_000);
});

describe('a state that another program has just locked', () => {
  it('does not keep a run that waits for its next poll from ending when it is told to', async () => {
    const plan = batch.plan(LANGUAGES);
    const acme = { ...plan.providers.acme!, poll: { firstMs: 60_000, everyMs: 60_000 } };
    const stop = new AbortController();
    const accepted = () => batch.events.filter((event) => event.type === 'attempt:state' && event.to === 'accepted');
    const running = batch.run({ stop: stop.signal }, { ...plan, providers: { acme } }).then(
      () => 'waited for it',
      ({ code }: { code: string }) => code,
    );
    await until(() => accepted().length === LANGUAGES.length);
    // Shorter than the patience of a write, longer than that of a run that is told to end.
    const release = await lockState(batch.store.path, 6_000);
    onTestFinished(release);
    stop.abort();
    expect(await running).toBe('STATE_UNUSABLE');
    await release();
    batch.reopen();
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(LANGUAGES.length);
  }, 30_000);
});

describe('a state that another program has locked while replies of creates come', () => {
  it('leaves their ids in the rescue file until the state has them, and a line that stays there changes nothing', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const { running, release } = await runIntoLock();
    const kept = textOf(rescueFiles().reserved);
    await release();
    expect(await running).toEqual({ exit: 0 });
    expect(existsSync(rescueFiles().reserved) || existsSync(rescueFiles().shared)).toBe(false);
    expect(said).not.toHaveBeenCalled();

    // As if the process had died before it took them out.
    writeFileSync(rescueFiles().reserved, kept);
    expect((await batch.run()).exit).toBe(0);
    expect(problems()).toEqual([]);
    expect(batch.scripted.starts).toHaveLength(LANGUAGES.length);
  }, 30_000);

  it('does not keep the run from hearing a stop: it ends while the lock lasts, says so, and the next one buys nothing', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const stop = new AbortController();
    const { running, release, ids } = await runIntoLock({ stop: stop.signal });
    stop.abort();
    await until(() => batch.events.some(({ type }) => type === 'run:stopping'));
    expect(await running).toMatchObject({
      code: 'ID_NOT_SAVED',
      hint: expect.stringContaining('holds the state’s lock'),
    });
    for (const id of ids) {
      expect(said.mock.calls.join('')).toContain(id);
      expect(textOf(rescueFiles().shared)).toContain(id);
    }
    expect(existsSync(rescueFiles().reserved) && textOf(rescueFiles().reserved).trim()).toBeFalsy();
    await release();
    batch.reopen();
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(LANGUAGES.length);
  }, 30_000);
});
