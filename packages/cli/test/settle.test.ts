import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatUsd } from '@localize/core';
import { type Endpoints, startEmulator } from '@localize/emulator';
import { expect, onTestFinished, test } from 'vitest';
import { folderWith, localize, startLocalize, waitUntil } from './support/cli.js';
import { smallFor } from './support/manifests.js';

const KEYS = { EACHLABS_API_KEY: 'sesame-each-4711', WAVESPEED_API_KEY: 'sesame-wave-4712' };
const NO_KEYS = { EACHLABS_API_KEY: '', WAVESPEED_API_KEY: '' };

const ABANDONED =
  /^safety\/fr is settled \(the create of \d{4}-\S+Z at fal\/infinitalk, expected to cost \$[\d.]+\)\. It is canceled; to have it bought: localize retry manifest\.yaml --only safety\/fr\nThe report shows that after the next run, or at once by: localize report manifest\.yaml\n$/;

/** A batch of two whose creates both lost their replies, at a provider whose list cannot be read; its run is over. */
async function loseBothReplies(
  keys: Readonly<Record<string, string>>,
  manifestOf: (small: string, endpoints: Endpoints) => string,
) {
  const folder = folderWith({}, { media: true });
  const emulator = await startEmulator({
    dir: join(folder, 'server'),
    speed: 300,
    faults: [{ kind: 'create-then-drop' }, { kind: 'refuse-listing', status: 503 }],
  });
  onTestFinished(() => emulator.close());
  const manifest = manifestOf(smallFor(emulator.endpoints), emulator.endpoints);
  writeFileSync(join(folder, 'manifest.yaml'), manifest);
  const run = startLocalize(folder, ['--yes'], keys);
  await waitUntil(() => run.stderr().split(' is held,').length === 3, run.stderr);
  run.child.kill('SIGINT');
  expect((await run.finished).exit).toBe(130);
  return { folder, emulator };
}

test('settle --prediction asks the provider, for free, and takes no id that it cannot vouch for', {
  timeout: 90_000,
}, async () => {
  const { folder, emulator } = await loseBothReplies(KEYS, (manifest) =>
    manifest
      .replace('provider: eachlabs }', 'provider: eachlabs, prompt: de }')
      .replace('provider: wavespeed/infinitetalk', 'provider: eachlabs, prompt: fr'),
  );
  const { predictions } = emulator.ledger();
  const idOf = (language: string) => predictions.find(({ inputs }) => inputs.prompt === language)?.id ?? '';
  const settle = async (id: string, { key = 'safety/de', keys = KEYS, more = [] as string[] } = {}) => {
    const { exit, stderr } = await localize(
      folder,
      ['settle', 'manifest.yaml', key, '--prediction', id, ...more],
      keys,
    );
    return [exit, stderr];
  };
  const says = (words: string) => expect.stringContaining(words);

  const unnamed = await localize(folder, ['settle', 'safety/de', '--prediction', 'no-such-id'], KEYS);
  const turned = await localize(folder, ['settle', 'Safety/DE', 'manifest.yaml', '--prediction', 'no-such-id'], KEYS);
  for (const { exit, stderr } of [unnamed, turned]) expect([exit, stderr]).toEqual([2, says('[PREDICTION_UNPROVEN]')]);
  expect(await settle('no-such-id')).toEqual([2, says('eachlabs knows no prediction no-such-id')]);
  expect(await settle(idOf('fr'))).toEqual([2, says('was not made of what was sent for safety/de')]);
  const asked = (id: string) => new RegExp(`GET \\S+/prediction/${id}\\b\\S* \\d+ in `);
  const { stdout: history } = await localize(folder, ['logs', 'safety/de']);
  const log = readFileSync(join(folder, '.localize/logs/localize.log'), 'utf8');
  for (const id of ['no-such-id', idOf('fr')]) {
    for (const told of [history, log]) expect(told).toMatch(asked(id));
  }
  expect(await settle(idOf('de'))).toEqual([0, says('was made of what was sent')]);
  const french = { key: 'safety/fr', keys: NO_KEYS };
  expect(await settle(idOf('fr'), french)).toEqual([2, says('none of the keys of eachlabs is at hand')]);
  const trusted = { ...french, more: ['--unchecked'] };
  const canceled = await localize(folder, ['cancel', '--lang', 'fr'], KEYS);
  expect(canceled.stdout).toMatch(
    /^safety\/fr is canceled, while nobody knows whether its create was bought \(\$[\d.]+ at risk\); to settle it: localize settle manifest\.yaml safety\/fr --prediction .* --not-bought \| --charged <[^>]+> \| --abandon\n$/,
  );
  expect(await settle(idOf('fr'), trusted)).toEqual([0, says('was not checked')]);
  expect((await localize(folder, ['retry', '--lang', 'fr'], KEYS)).stdout).toContain(
    'safety/fr was bought before: its prediction is followed to its end, and fetched if it succeeds',
  );

  emulator.setFaults([]);
  expect((await localize(folder, ['--yes'], KEYS)).exit).toBe(0);
  expect(emulator.ledger().predictions).toHaveLength(2);
});

test('settle --prediction goes by what the list says where a look tells no inputs, and says what carries the job on', {
  timeout: 90_000,
}, async () => {
  const keys = { ...KEYS, FAL_KEY: 'sesame-fal-4713' };
  const { folder, emulator } = await loseBothReplies(keys, (manifest, { fal }) =>
    manifest
      .replace(
        'providers:',
        `providers:\n  fal: { base_url: ${fal.baseUrl}, platform_url: ${fal.platformUrl}, upload_url: ${fal.uploadUrl}, keys: [FAL_KEY], max_frames: 300, poll: { first: 100ms, every: 100ms } }`,
      )
      .replace('provider: eachlabs }', 'provider: fal, prompt: de }')
      .replace('provider: wavespeed/infinitetalk', 'provider: fal, prompt: fr'),
  );
  const { predictions } = emulator.ledger();
  const idOf = (language: string) => predictions.find(({ inputs }) => inputs.prompt === language)?.id ?? '';
  const settle = async (key: string, ...what: string[]) => {
    const { exit, stdout, stderr } = await localize(folder, ['settle', 'manifest.yaml', key, ...what], keys);
    if (what.includes('--json')) return JSON.parse(stdout) as unknown;
    return [exit, stderr];
  };
  const says = (words: string) => expect.stringContaining(words);

  expect(await settle('safety/de', '--prediction', ' ')).toEqual([2, says('--prediction needs the prediction’s id')]);
  emulator.setFaults([]);
  expect(await settle('safety/de', '--prediction', idOf('fr'))).toEqual([2, says('was not made of what was sent')]);
  expect(await settle('safety/de', '--prediction', idOf('de'))).toEqual([0, says('To go on: localize manifest.yaml')]);
  expect(await settle('safety/fr', '--abandon')).toEqual([0, expect.stringMatching(ABANDONED)]);
  const settled = { key: 'safety/fr', as: 'prediction', route: 'fal/infinitalk', prediction_id: idOf('fr') };
  expect(await settle('safety/fr', '--prediction', idOf('fr'), '--json')).toMatchObject({
    settled: { ...settled, identified: 'same', expected_usd: says('.'), open_attempts: [] },
  });
  expect((await localize(folder, ['--yes'], keys)).exit).toBe(0);
  expect(emulator.ledger().predictions).toHaveLength(2);
});

test('settle --charged books what its provider has charged for a failure, and the sums are those of its bill', {
  timeout: 60_000,
}, async () => {
  const folder = folderWith({}, { media: true });
  const emulator = await startEmulator({
    dir: join(folder, 'server'),
    speed: 300,
    faults: [{ kind: 'fail-prediction', charged: true }],
  });
  onTestFinished(() => emulator.close());
  // Its list of what was billed is not to be had: an ordinary key may not read it either.
  const { baseUrl, uploadUrl } = emulator.endpoints.fal;
  const keys = { FAL_KEY: 'sesame-fal-4714' };
  writeFileSync(
    join(folder, 'manifest.yaml'),
    `version: 1
batch: small
defaults: { provider: fal, prompt: Speak }
providers:
  fal: { base_url: ${baseUrl}, platform_url: ${baseUrl}/none, upload_url: ${uploadUrl}, max_frames: 300, poll: { first: 100ms, every: 100ms } }
videos:
  - { id: safety, source: ./media/safety.mp4, tracks: { de: ./media/audio/de/safety.mp3 } }
`,
  );
  expect(await localize(folder, ['--yes'], keys)).toMatchObject({ exit: 1 });
  const [failed] = emulator.ledger().predictions;
  expect(failed).toMatchObject({ state: 'failed', charged: true });
  const usd = formatUsd(failed?.billedMicros ?? 0);
  const status = async () => JSON.parse((await localize(folder, ['status', '--json'])).stdout);
  // By fal's pages such a failure is free.
  expect((await status()).cost).toMatchObject({ billed_usd: '0.00', at_risk_usd: '0.00' });

  const settle = (...what: string[]) => localize(folder, ['settle', 'safety/de', ...what]);
  for (const [what, why] of [
    ['0', '--charged takes more than nothing'],
    ['.36', '--charged 0.36'],
    ['0.0000001', '--charged takes no less than a millionth of a dollar, not 0.0000001'],
    ['much', '--charged takes US dollars such as 25 or 0.50, not much'],
  ] as const) {
    expect(await settle('--charged', what)).toMatchObject({ exit: 2, stderr: expect.stringContaining(why) });
  }
  expect(await settle('--charged', usd)).toMatchObject({
    exit: 0,
    stderr: expect.stringMatching(
      /^safety\/de is settled: \$[\d.]+ is booked as charged, instead of nothing \(prediction \S+ of \S+Z at fal\/infinitalk, expected to cost \$[\d.]+\)\. To have it bought again: localize retry manifest.yaml --only safety\/de\nThe report shows that after the next run, .*\n$/,
    ),
  });
  expect(await settle('--charged', usd, '--abandon')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('--prediction ID says which failed prediction is meant'),
  });
  expect((await status()).cost).toMatchObject({ billed_usd: usd, at_risk_usd: '0.00' });
  const { predictions } = emulator.ledger();
  expect((await localize(folder, ['logs', 'safety/de'])).stdout).toMatch(
    /attempt {3}2 at fal\/infinitalk on FAL_KEY: /,
  );
  for (const [number, words] of [
    ['2', `prediction ${predictions[1]?.id} of`],
    ['9', 'safety/de has no attempt 9'],
    ['second', '--attempt takes the number of an attempt, from 1'],
  ] as const) {
    expect((await settle('--charged', usd, '--attempt', number)).stderr).toContain(words);
  }
  const doubly = await settle('--charged', usd, '--attempt', '2', '--prediction', predictions[1]?.id ?? '');
  expect([doubly.exit, doubly.stderr]).toEqual([2, expect.stringContaining('both say which is meant')]);
  for (const { id, billedMicros } of predictions) {
    const settled = await settle('--charged', formatUsd(billedMicros ?? 0), '--prediction', id);
    expect(settled).toMatchObject({ exit: 0, stderr: expect.stringContaining(`prediction ${id} of`) });
  }
  const whole = formatUsd(predictions.reduce((sum, { billedMicros }) => sum + (billedMicros ?? 0), 0));
  expect((await status()).cost).toMatchObject({ billed_usd: whole, at_risk_usd: '0.00' });
  const { stdout: csv } = await localize(folder, ['report', '--format', 'csv']);
  const [head = '', row = ''] = csv.split('\r\n');
  expect(row.split(',')[head.split(',').indexOf('charged_but_failed_usd')]).toBe(whole);
});

test('settle and cancel ask with the next key of the account where one is refused', { timeout: 60_000 }, async () => {
  const folder = folderWith({}, { media: true });
  const accounts = { eachlabs: { 'sesame-each-4711': 'main', 'sesame-each-4718': 'main' } };
  const emulator = await startEmulator({
    dir: join(folder, 'server'),
    speed: 0.1,
    accounts,
    faults: [
      { kind: 'create-then-drop', times: 1 },
      { kind: 'refuse-listing', status: 503 },
    ],
  });
  onTestFinished(() => emulator.close());
  const manifest = smallFor(emulator.endpoints)
    .replace('[EACHLABS_API_KEY]', '[{ env: KEY_A, account: main }, { env: KEY_B, account: main }]')
    .replace('provider: eachlabs }', 'provider: eachlabs, prompt: de }')
    .replace('provider: wavespeed/infinitetalk', 'provider: eachlabs, prompt: fr');
  writeFileSync(join(folder, 'manifest.yaml'), manifest);
  const keys = { KEY_A: 'sesame-each-4711', KEY_B: 'sesame-each-4718' };
  const run = startLocalize(folder, ['--yes', '--verbose'], keys);
  await waitUntil(() => run.stderr().includes(' is held,') && run.stderr().includes(': accepted'), run.stderr);
  run.child.kill('SIGINT');
  await run.finished;

  const revoked = { ...keys, KEY_A: 'sesame-each-4799' };
  const { jobs } = JSON.parse((await localize(folder, ['status', '--json'], revoked)).stdout);
  const lost = jobs.find(({ state }: { state: string }) => state === 'held').key;
  const id = emulator.ledger().predictions.find(({ inputs }) => `safety/${inputs.prompt}` === lost)?.id ?? '';
  const settled = await localize(folder, ['settle', 'manifest.yaml', lost, '--prediction', id], revoked);
  expect(settled).toMatchObject({ exit: 0, stderr: expect.stringContaining('was made of what was sent') });
  const { stdout } = await localize(folder, ['cancel'], revoked);
  expect(stdout.match(/ is canceled; eachlabs was asked: recorded as canceled/g)).toHaveLength(2);
});
