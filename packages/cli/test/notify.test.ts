import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Fault, startEmulator } from '@localize/emulator';
import { openStore } from '@localize/runner';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createNotifier } from '../src/notify/notifier.js';
import { filesBelow, folderWith, localize, localizeApart } from './support/cli.js';
import { smallAt } from './support/manifests.js';

const KEYS = { EACHLABS_API_KEY: 'sesame-each-4711', WAVESPEED_API_KEY: 'sesame-wave-4712' };

/** A receiver of notices that answers with `status`, or never. */
async function receiver(status: number | 'never' = 200) {
  const texts: string[] = [];
  const logins: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      logins.push(request.headers.authorization);
      texts.push((JSON.parse(body) as { text: string }).text);
      if (status !== 'never') response.writeHead(status).end('ok');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { texts, logins, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/sesame-hook-4713` };
}

async function batchWith(notify: string, faults: readonly Fault[] = []) {
  const emulator = await startEmulator({ dir: folderWith(), speed: 600, faults });
  onTestFinished(() => emulator.close());
  const { eachlabs, wavespeed } = emulator.endpoints;
  const manifest = smallAt({ eachlabs: eachlabs.baseUrl, wavespeed: wavespeed.baseUrl });
  return folderWith({ 'manifest.yaml': `${manifest}${notify}` }, { media: true });
}

describe('notices', { timeout: 120_000 }, () => {
  test('tell of what waits for a person and of the end, once, and keep the URL secret', async () => {
    const { texts, url } = await receiver();
    const faults: Fault[] = [{ kind: 'short-output', provider: 'eachlabs' }];
    const folder = await batchWith('notify: { url_env: SLACK_URL }\n', faults);
    const variables = { ...KEYS, SLACK_URL: url };
    const run = await localize(folder, ['--verbose'], variables);
    expect(run.exit).toBe(1);
    expect(texts).toEqual([
      expect.stringMatching(
        /^small: safety\/de waits for a person\n- safety\/de: the result is shorter[\s\S]*localize status/,
      ),
      expect.stringMatching(
        /^small: the run has ended: 1 of 2 done, 1 held, \$0\.\d\d\nlocalize status manifest.yaml$/,
      ),
    ]);
    expect((await localize(folder, ['-q'], variables)).exit).toBe(1);
    expect(texts).toHaveLength(2);
    const manifest = join(folder, 'manifest.yaml');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('fr:', 'it:'));
    expect((await localize(folder, ['-q'], variables)).exit).toBe(1);
    expect(texts.slice(2)).toEqual([
      expect.stringContaining('small: the run has ended: 1 of 2 done, 1 held, 1 not in manifest, $'),
    ]);
    const told = [run.stdout, run.stderr, ...filesBelow(folder).values()];
    expect(told.filter((text) => text.includes('sesame'))).toEqual([]);
  });

  test('tell of what needs a person, not of what the next run looks at, and of nothing anew that a next run only looks at', async () => {
    const { texts, url } = await receiver();
    const faults: Fault[] = [
      { kind: 'refuse-create', status: 401, provider: 'wavespeed' },
      { kind: 'fail-prediction', provider: 'eachlabs' },
    ];
    const folder = await batchWith('notify: { url_env: SLACK_URL, on: [needs_person, finished] }\n', faults);
    const variables = { ...KEYS, SLACK_URL: url };
    expect((await localize(folder, ['-q'], variables)).exit).toBe(1);
    expect(texts).toEqual([
      expect.stringMatching(
        /^small: safety\/de waits for a person\n- safety\/de: It failed at the provider: .*\nlocalize status/,
      ),
      expect.stringMatching(/^small: the run has ended: 0 of 2 done, 1 failed, 1 held, /),
    ]);
    for (let run = 0; run < 2; run += 1) expect((await localize(folder, ['-q'], variables)).exit).toBe(1);
    expect(texts).toHaveLength(2);

    expect((await localize(folder, ['retry', '--lang', 'de'], variables)).exit).toBe(0);
    expect((await localize(folder, ['-q'], variables)).exit).toBe(1);
    expect(texts.slice(2)).toEqual([
      expect.stringContaining('small: safety/de waits for a person'),
      expect.stringContaining('small: the run has ended: 0 of 2 done, 1 failed, 1 held, '),
    ]);
  });

  test('tell of a used up budget once a day, and of a closed lane, to those who asked for these', async () => {
    const { texts, url } = await receiver();
    const faults: Fault[] = [{ kind: 'refuse-create', status: 401, provider: 'eachlabs' }];
    const notify = 'notify: { url_env: SLACK_URL, on: [budget, lane_closed] }\nbudget: { max_usd: 0.01 }\n';
    const folder = await batchWith(notify, faults);
    const variables = { ...KEYS, SLACK_URL: url };
    expect((await localize(folder, ['-q'], variables)).exit).toBe(3);
    expect(texts).toEqual([expect.stringMatching(/^small: .*max_usd.* is met, and no further create leaves/)]);
    expect((await localize(folder, ['-q'], variables)).exit).toBe(3);
    expect(texts).toHaveLength(1);

    const unbound = await batchWith('notify: { url_env: SLACK_URL, on: [lane_closed] }\n', faults);
    await localize(unbound, ['-q', '--lang', 'de'], variables);
    expect(texts.slice(1)).toEqual([expect.stringContaining('small: EACHLABS_API_KEY takes no new work')]);
    await localize(unbound, ['-q', '--lang', 'de'], variables);
    expect(texts).toHaveLength(2);
  });

  test('log in where the URL has a name and a password, which are written nowhere', async () => {
    const { logins, url } = await receiver();
    const folder = await batchWith('notify: { url_env: HOOK_URL, on: [finished] }\n');
    const variables = { ...KEYS, HOOK_URL: url.replace('//', '//sesame-user:sesame%2Fword@') };
    const run = await localize(folder, ['--verbose', '--lang', 'de'], variables);
    const login = Buffer.from('sesame-user:sesame/word').toString('base64');
    expect([run.exit, logins]).toEqual([0, [`Basic ${login}`]]);
    const told = [run.stdout, run.stderr, ...filesBelow(folder).values()];
    expect(told.filter((text) => /sesame|c2VzYW1l/.test(text))).toEqual([]);
  });

  test('hold no run up: who is not there, never answers or refuses is a warning', async () => {
    const { texts, url } = await receiver(500);
    const folder = await batchWith('notify: { url_env: SLACK_URL }\n');
    const refused = await localize(folder, ['--lang', 'de'], { ...KEYS, SLACK_URL: url });
    expect([refused.exit, refused.stderr, texts.length]).toEqual([
      0,
      expect.stringContaining('SLACK_URL was not told: the answer was 500'),
      1,
    ]);
    const silent = await receiver('never');
    const unset = await localize(folder, ['--limit', '1'], KEYS);
    expect([unset.exit, unset.stderr]).toEqual([
      0,
      expect.stringContaining('nobody is notified: SLACK_URL is not set'),
    ]);
    const home = folderWith({ 'localize/config.yaml': 'keys: { SLACK_URL: { file: /nonexistent/url } }\n' });
    const unread = await localize(folder, ['--limit', '1'], { ...KEYS, XDG_CONFIG_HOME: home });
    expect([unread.exit, unread.stderr]).toEqual([
      0,
      expect.stringMatching(/nobody is notified: SLACK_URL cannot be read: ENOENT/),
    ]);
    const slow = await localize(folder, ['--lang', 'fr'], { ...KEYS, SLACK_URL: silent.url });
    expect([slow.exit, slow.stderr]).toEqual([0, expect.stringContaining('SLACK_URL was not told: no answer in time')]);
  });

  test('tell at once of a lost create that no run can look up, and of no other before the run is over', async () => {
    const store = openStore(join(folderWith(), 'state.db'));
    onTestFinished(() => store.close());
    const told: string[] = [];
    const deliver = async ({ text }: { text: string }) => void told.push(text);
    const targets = [{ name: 'me', kinds: ['needs_person'] as const, deliver }];
    const notifier = createNotifier({ batch: 'b', again: 'm.yaml', store, targets, onProblem: () => undefined });
    const lost = (key: string, route: string) => {
      const attempt = { attemptId: key, route, lane: 'KEY', from: 'intended', to: 'uncertain' } as const;
      notifier.onEvent({ atMs: 0, type: 'attempt:state', key, ...attempt });
      notifier.onEvent({ atMs: 0, type: 'job:state', key, from: 'submitting', to: 'held', reason: 'uncertain' });
    };
    lost('a/de', 'wavespeed/infinitetalk');
    lost('b/de', 'vibedream/infinitetalk-fast');
    lost('c/de', 'vibedream/infinitetalk-fast');
    notifier.onEvent({ atMs: 0, type: 'job:state', key: 'c/de', from: 'held', to: 'pending' });
    await notifier.finish(null);
    expect(told).toEqual([expect.stringMatching(/^b: b\/de waits for a person\n/)]);
  });

  test('run a command of the command line or of the user’s own settings, never one of a manifest', async () => {
    const folder = await batchWith('');
    const home = folderWith({ 'localize/config.yaml': 'notify: { command: "echo own >> own.txt", on: [finished] }\n' });
    chmodSync(join(home, 'localize/config.yaml'), 0o600);
    const variables = { ...KEYS, XDG_CONFIG_HOME: home };
    expect((await localizeApart(folder, ['-q', '--lang', 'de'], variables)).exit).toBe(0);
    expect(readFileSync(join(folder, 'own.txt'), 'utf8')).toBe('own\n');
    const flag = ['--notify-command', 'echo "$LOCALIZE_EVENT $LOCALIZE_BATCH: $LOCALIZE_TEXT" > flag.txt'];
    expect((await localizeApart(folder, ['-q', ...flag], variables)).exit).toBe(0);
    expect(readFileSync(join(folder, 'flag.txt'), 'utf8')).toMatch(/^finished small: small: the run has ended: 2 of 2/);
    expect(readFileSync(join(folder, 'own.txt'), 'utf8')).toBe('own\n');

    const evil = await batchWith('notify: { command: "touch evil.txt" }\n');
    const refused = await localizeApart(evil, ['-q'], KEYS);
    expect([refused.exit, refused.stderr]).toEqual([
      2,
      expect.stringContaining('`command` is unknown in `notify` (a command runs as you: --notify-command names one'),
    ]);
    expect(existsSync(join(evil, 'evil.txt'))).toBe(false);
  });
});
