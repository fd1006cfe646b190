import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmulator } from '@localize/emulator';
import { ManifestInvalid, type RunBatchOptions, type RunEvent, runBatch } from 'localize';
import { describe, expect, onTestFinished, test } from 'vitest';
import { folderWith, REPOSITORY } from './support/cli.js';
import { SMALL, smallFor } from './support/manifests.js';

function abortedSoon(): AbortSignal {
  const stop = new AbortController();
  queueMicrotask(() => stop.abort());
  return stop.signal;
}

describe('the library', { timeout: 60_000 }, () => {
  test('runs a manifest, tells its events, and returns the snapshot', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const events: RunEvent[] = [];
    const result = await runBatch('manifest.yaml', { cwd: folder, onEvent: (event) => events.push(event) });
    expect(result.exit).toBe(0);
    expect(result.report).toBe(join(folder, 'localized/small.emulated/report/index.html'));
    expect(result.snapshot.jobs.map((job) => job.state)).toEqual(['succeeded', 'succeeded']);
    expect(events.at(0)?.type).toBe('run:started');
    expect(events.at(-1)?.type).toBe('run:ended');
  });

  test('throws every mistake of a manifest as one error', async () => {
    const folder = folderWith({ 'manifest.yaml': 'version: 1\nvideos: []\n' });
    const error = await runBatch('manifest.yaml', { cwd: folder }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ManifestInvalid);
    expect((error as ManifestInvalid).report).toContain('manifest.yaml:');
  });

  test('goes on to its end when its listener throws, and then throws that', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const told: string[] = [];
    const onEvent = (event: RunEvent) => {
      told.push(event.type);
      if (event.type === 'attempt:state') throw new Error('a mistake of mine');
    };
    await expect(runBatch('manifest.yaml', { cwd: folder, onEvent })).rejects.toThrow('a mistake of mine');
    expect(told.filter((type) => type === 'attempt:state')).toHaveLength(1);
    const { exit, snapshot } = await runBatch('manifest.yaml', { cwd: folder });
    expect([exit, snapshot.runs.length]).toEqual([0, 2]);
    expect(snapshot.jobs.map(({ state, attempts }) => [state, attempts.length])).toEqual([
      ['succeeded', 1],
      ['succeeded', 1],
    ]);
  });

  test('buys nothing that the command would ask about, unless it is told yes', async () => {
    const emulator = await startEmulator({ dir: folderWith({}), speed: 300 });
    onTestFinished(() => emulator.close());
    const text = smallFor(emulator.endpoints).replace(
      'batch: small',
      'batch: small\nbudget: { confirm_above_usd: 0.01 }',
    );
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const variables = { EACHLABS_API_KEY: 'each-4711', WAVESPEED_API_KEY: 'wave-4712' };
    const run = (more: RunBatchOptions) => runBatch('manifest.yaml', { cwd: folder, variables, ...more });
    await expect(run({})).rejects.toMatchObject({
      code: 'CONFIRMATION_NEEDED',
      message: expect.stringMatching(/^small: 2 jobs for .*\$0\.56 need a yes, and runBatch was given none$/),
      hint: expect.stringContaining('`yes: true`'),
    });
    expect(emulator.ledger().predictions).toEqual([]);
    expect((await run({ confirm: async () => false })).exit).toBe(3);
    expect((await run({ collect: true })).exit).toBe(3);
    expect(emulator.ledger().predictions).toEqual([]);
    expect((await run({ yes: true })).exit).toBe(0);
    expect(emulator.ledger().predictions).toHaveLength(2);
    // Nothing is left that a yes could be needed for.
    expect((await run({})).exit).toBe(0);
  });

  test('stops when its signal says so', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const stop = new AbortController();
    const onEvent = (event: RunEvent) => {
      if (event.type === 'attempt:state' && event.to === 'accepted') stop.abort();
    };
    const result = await runBatch('manifest.yaml', { cwd: folder, signal: stop.signal, onEvent });
    expect(result.exit).toBe(130);
  });

  test('stops as it does later when its signal comes before it has read the manifest, or meanwhile', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    for (const signal of [AbortSignal.abort(), AbortSignal.abort(new Error('enough')), abortedSoon()]) {
      const { exit, snapshot, reported } = await runBatch('manifest.yaml', { cwd: folder, signal });
      expect([exit, snapshot.jobs, reported]).toEqual([130, [], null]);
    }
    expect(readdirSync(folder).sort()).toEqual(['manifest.yaml', 'media']);
    // What an earlier run has carried out is known without a look at the media.
    expect((await runBatch('manifest.yaml', { cwd: folder, lang: ['de'] })).exit).toBe(0);
    const { exit, snapshot } = await runBatch('manifest.yaml', { cwd: folder, signal: AbortSignal.abort() });
    expect([exit, snapshot.jobs.map(({ state }) => state)]).toEqual([130, ['succeeded', 'pending']]);
    await expect(runBatch('gone.yaml', { cwd: folder, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'MANIFEST_MISSING',
    });
  });

  test.each([
    [{ onlyy: ['safety/de'] }, 'runBatch has no option `onlyy`', 'did you mean `only`?'],
    [{ only: 'safety/de' }, '`only` is of the type string', 'it takes a list of texts'],
    [{ only: [4] }, '`only` holds something that is no text', 'it takes a list of texts'],
    [
      { variables: { A: 'x', FAL_KEY: 4711 } },
      '`variables` holds something that is no text, at FAL_KEY',
      'it takes variables by their names, each a text',
    ],
    [{ variables: ['A'] }, '`variables` is a list', 'it takes variables by their names, each a text'],
    [{ emulate: 'no' }, '`emulate` is of the type string', 'it takes true or false'],
    [{ signal: new AbortController() }, '`signal` is of the type object', 'it takes an AbortSignal'],
    [{ onEvent: null }, '`onEvent` is null', 'it takes a function'],
  ])('refuses options that a compiler would have: %j', async (options, message, hint) => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const given = { cwd: folder, ...options } as RunBatchOptions;
    await expect(runBatch('manifest.yaml', given)).rejects.toMatchObject({ code: 'USAGE', message, hint });
    expect(readdirSync(folder).sort()).toEqual(['manifest.yaml', 'media']);
  });

  test('refuses a path that is no text', async () => {
    await expect(runBatch(5 as unknown as string)).rejects.toMatchObject({
      code: 'USAGE',
      message: 'the path of runBatch is of the type number',
    });
  });

  test('refuses numbers that are no limits, and selections that name nothing', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL });
    const wrong = [
      { maxMicros: 1.5 },
      { maxMicros: -1 },
      { stopAfterMs: -1 },
      { stopAfterMs: 2 ** 31 },
      { waitMs: Number.NaN },
    ];
    for (const options of [...wrong, { only: '' as unknown as string[] }, { only: [''] }]) {
      await expect(runBatch('manifest.yaml', { cwd: folder, ...options })).rejects.toMatchObject({ code: 'USAGE' });
    }
  });

  test('has the command as its first user: nothing else starts a run', () => {
    const sources = join(REPOSITORY, 'packages/cli/src');
    const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const starting = files.filter((name) => /\bexecuteRun\(/.test(readFileSync(join(sources, name), 'utf8')));
    expect(starting.sort()).toEqual(['batch/execute-run.ts', 'run-batch.ts']);
    const command = readFileSync(join(sources, 'commands/run.ts'), 'utf8');
    expect(command).toMatch(/await runBatch\(/);
  });
});
