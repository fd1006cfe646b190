import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmulator } from '@localize/emulator';
import { expect, onTestFinished, test } from 'vitest';
import { folderWith, localize, startLocalize, waitUntil } from './support/cli.js';
import { smallAt } from './support/manifests.js';

const KEYS = { EACHLABS_API_KEY: 'sesame-each-4711', WAVESPEED_API_KEY: 'sesame-wave-4712' };
const NO_KEYS = { EACHLABS_API_KEY: '', WAVESPEED_API_KEY: '' };

test('settle --prediction asks the provider, for free, and takes no id that it cannot vouch for', {
  timeout: 90_000,
}, async () => {
  const folder = folderWith({}, { media: true });
  const emulator = await startEmulator({
    dir: join(folder, 'server'),
    speed: 300,
    faults: [{ kind: 'create-then-drop' }, { kind: 'refuse-listing', status: 503 }],
  });
  onTestFinished(() => emulator.close());
  const { eachlabs, wavespeed } = emulator.endpoints;
  const manifest = smallAt({ eachlabs: eachlabs.baseUrl, wavespeed: wavespeed.baseUrl })
    .replace('provider: eachlabs }', 'provider: eachlabs, prompt: de }')
    .replace('provider: wavespeed/infinitetalk', 'provider: eachlabs, prompt: fr');
  writeFileSync(join(folder, 'manifest.yaml'), manifest);
  const run = startLocalize(folder, ['--yes'], KEYS);
  await waitUntil(() => run.stderr().split(' is held,').length === 3, run.stderr);
  run.child.kill('SIGINT');
  expect((await run.finished).exit).toBe(130);
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
  const turned = await localize(folder, ['settle', 'safety/de', 'manifest.yaml', '--prediction', 'no-such-id'], KEYS);
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
    /^safety\/fr is canceled, while nobody knows whether its create was bought \(\$[\d.]+ at risk\); to settle it: localize settle manifest\.yaml safety\/fr --prediction .* --not-bought \| --abandon\n$/,
  );
  expect(await settle(idOf('fr'), trusted)).toEqual([0, says('was not checked')]);
  expect((await localize(folder, ['retry', '--lang', 'fr'], KEYS)).stdout).toContain(
    'safety/fr was bought before: its prediction is followed to its end, and fetched if it succeeds',
  );

  emulator.setFaults([]);
  expect((await localize(folder, ['--yes'], KEYS)).exit).toBe(0);
  expect(emulator.ledger().predictions).toHaveLength(2);
});
