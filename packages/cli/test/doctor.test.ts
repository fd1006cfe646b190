import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkMachine } from '../src/doctor/check-machine.js';
import { checkClock } from '../src/doctor/check-reach.js';
import type { Finding } from '../src/doctor/finding.js';
import { folderWith, localize, localizeApart, startLocalize, waitFor, waitUntil } from './support/cli.js';
import { SMALL, serveProviders, smallAt } from './support/manifests.js';

async function examine(folder: string, args: readonly string[], variables: Record<string, string> = {}) {
  const carryOut = 'NODE_OPTIONS' in variables ? localizeApart : localize;
  const { exit, stdout } = await carryOut(folder, ['doctor', '--json', ...args], variables);
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
  const all = (about: string) => findings.filter((finding) => finding.about === about);
  return { exit, ok, stdout, all, of: (about: string) => all(about)[0] };
}

describe('localize doctor', { timeout: 60_000 }, () => {
  test('says what is wrong with a database whose native part is not built, and looks no further', async () => {
    const folder = folderWith({
      'manifest.yaml': SMALL,
      'unbuilt.cjs':
        "process.dlopen = () => { throw new Error('Could not locate the bindings file.\\nTried:\\n a') };\n",
    });
    const { exit, of, all } = await examine(folder, [], { NODE_OPTIONS: `--require ${join(folder, 'unbuilt.cjs')}` });
    const mend = expect.stringContaining('install scripts allowed');
    expect(of('SQLite')).toEqual({
      level: 'fail',
      about: 'SQLite',
      found: 'Could not locate the bindings file.',
      mend,
    });
    expect([exit, all('state')]).toEqual([1, []]);
  });

  test('finds all well where it is, says where keys come from, and shows none', async () => {
    const folder = folderWith({ '.env': 'WAVESPEED_API_KEY=sesame-wave-4712\n' }, { media: true });
    const server = startLocalize(folder, ['emulate', '--json', '--dir', './server']);
    await waitFor(server.stdout, '\n');
    const { endpoints } = JSON.parse(server.stdout());
    const urls = { eachlabs: endpoints.eachlabs.baseUrl, wavespeed: endpoints.wavespeed.baseUrl };
    writeFileSync(join(folder, 'manifest.yaml'), smallAt(urls));
    const before = readdirSync(folder);
    chmodSync(join(folder, '.env'), 0o600);

    const { exit, ok, of, stdout } = await examine(folder, [], { EACHLABS_API_KEY: 'sesame-each-4711' });
    expect([exit, ok]).toEqual([0, true]);
    expect(of('Node')).toMatchObject({ level: 'ok', found: process.versions.node });
    expect(of('SQLite')?.found).toMatch(/^3\.\d+\.\d+$/);
    expect(of('state')?.found).toBe(`${join(folder, '.localize/state.db')} (beside the manifest; not made yet)`);
    expect(of('own settings')?.found).toBe('/nonexistent/localize/config.yaml (none)');
    expect(of('eachlabs limits')?.found).toBe('100 creates in 1m, 10 open (the provider’s own pages)');
    expect(of('eachlabs key')?.found).toBe('EACHLABS_API_KEY is set, from the environment');
    expect(of('wavespeed network')?.found).toMatch(/ answers in /);
    expect(of('wavespeed key')?.found).toBe(`WAVESPEED_API_KEY is set, from ${join(folder, '.env')}`);
    expect(of('eachlabs account')).toMatchObject({ level: 'ok', found: 'eachlabs takes EACHLABS_API_KEY' });
    expect(of('wavespeed account')).toMatchObject({ level: 'ok', found: 'wavespeed takes WAVESPEED_API_KEY' });
    expect(of('eachlabs network')?.found).toMatch(/^127\.0\.0\.1:\d+ answers in \d+ ms$/);
    expect(of('eachlabs hosts')?.found).toMatch(/^127\.0\.0\.1:\d+ may have the key \(the manifest\)$/);
    expect(of('output disk')?.level).toBe('ok');
    expect(stdout).not.toContain('sesame');
    expect(readdirSync(folder)).toEqual(before);
    chmodSync(join(folder, '.env'), 0o644);
    expect((await examine(folder, [], { EACHLABS_API_KEY: 'sesame-each-4711' })).of('wavespeed key')).toMatchObject({
      level: 'warn',
      found: `WAVESPEED_API_KEY is set, from ${join(folder, '.env')}, which others may read`,
      mend: `chmod 600 ${join(folder, '.env')}`,
    });
  });

  test('names what is wrong, with how to mend it, and ends with 1', async () => {
    const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const nobody = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise((resolve) => server.close(resolve));
    const manifest = smallAt({ eachlabs: nobody, wavespeed: 'https://keys.example.com' });
    const staging = `staging: { s3: { bucket: b, endpoint: "${nobody}", region: eu-1 } }\n`;
    const folder = folderWith({ 'manifest.yaml': manifest + staging }, { media: true });

    const { exit, of, all } = await examine(folder, ['--state', 'media/safety.mp4/state.db'], {
      EACHLABS_API_KEY: 'sesame',
      AWS_ACCESS_KEY_ID: 'sesame-id',
      AWS_SECRET_ACCESS_KEY: 'sesame-secret',
    });
    expect(all('bucket network')).toMatchObject([
      { level: 'fail', mend: expect.stringContaining('staging.s3.endpoint in the manifest') },
    ]);
    expect(all('bucket')).toEqual([]);
    expect(exit).toBe(1);
    expect(of('wavespeed key')).toMatchObject({ level: 'fail', mend: expect.stringContaining('.env') });
    expect(of('wavespeed hosts')).toMatchObject({ level: 'fail', mend: expect.stringContaining('--allow-host') });
    expect(of('wavespeed network')).toBeUndefined();
    expect(of('eachlabs network')).toMatchObject({ level: 'fail', found: expect.stringContaining('ECONNREFUSED') });
    expect(of('state folder')).toMatchObject({ level: 'fail', found: expect.stringContaining('is a file where') });
    expect(of('clock')).toMatchObject({ level: 'warn', found: expect.stringMatching(/^unknown: /) });
  });

  test('reads each key: names every one that cannot be read, and asks with those that can', async () => {
    const folder = folderWith({}, { media: true });
    const { eachlabs, wavespeed } = await serveProviders(folder);
    const manifest = smallAt({ eachlabs: eachlabs.baseUrl, wavespeed: wavespeed.baseUrl });
    writeFileSync(
      join(folder, 'manifest.yaml'),
      manifest.replace('[EACHLABS_API_KEY]', '[EACH_ONE, EACH_TWO, EACH_THREE]'),
    );
    const flags = ['EACH_ONE=./none', 'EACH_TWO=./media'].flatMap((each) => ['--key-file', each]);
    const { exit, all } = await examine(folder, [...flags, '--key-command', 'EACH_THREE=exit 3'], {
      WAVESPEED_API_KEY: 'sesame-wave-4712',
    });
    expect(exit).toBe(1);
    const keys = all('eachlabs key');
    expect(keys.map(({ level }) => level)).toEqual(['fail', 'fail', 'fail']);
    expect(keys.map(({ found }) => found)).toEqual([
      expect.stringMatching(/^EACH_ONE cannot be read: ENOENT.*none.*\(--key-file /),
      expect.stringMatching(/^EACH_TWO cannot be read: EISDIR/),
      expect.stringMatching(/^EACH_THREE cannot be read: its command ended with 3 \(--key-command\)/),
    ]);
    expect(keys.every(({ mend }) => !mend?.includes('doctor'))).toBe(true);
    expect(all('wavespeed account')).toMatchObject([{ level: 'ok', found: 'wavespeed takes WAVESPEED_API_KEY' }]);
  });

  test('says of a URL to tell people at that it is none, and nothing of an account that it could not ask after', async () => {
    const folder = folderWith({}, { media: true });
    const { eachlabs, wavespeed } = await serveProviders(folder);
    const manifest = smallAt({ eachlabs: eachlabs.baseUrl, wavespeed: wavespeed.baseUrl });
    writeFileSync(join(folder, 'manifest.yaml'), `${manifest}notify: { url_env: SLACK_URL }\n`);
    const keys = { EACHLABS_API_KEY: 'sesame-each-4711', WAVESPEED_API_KEY: 'sesame-wave-4712', SLACK_URL: 'notaurl' };
    const { of } = await examine(folder, [], keys);
    expect(of('notify')).toMatchObject({ level: 'warn', found: expect.stringContaining('is no https URL') });
    const home = folderWith({ 'localize/config.yaml': 'keys: { SLACK_URL: { file: /nonexistent/url } }\n' });
    const { SLACK_URL: _, ...others } = keys;
    const unread = await examine(folder, [], { ...others, XDG_CONFIG_HOME: home });
    expect(unread.of('notify')).toMatchObject({
      level: 'warn',
      found: expect.stringMatching(/^SLACK_URL cannot be read: ENOENT.*, named in .*, so nobody is told$/),
    });

    const slow = startLocalize(
      folder,
      ['doctor', '--key-command', 'EACHLABS_API_KEY=touch asked; sleep 2; echo k'],
      keys,
    );
    await waitUntil(
      () => existsSync(join(folder, 'asked')),
      () => slow.stderr(),
    );
    slow.child.kill('SIGINT');
    const { exit, stdout } = await slow.finished;
    expect([exit, stdout]).toEqual([130, '']);
  });

  test('looks at all else where the user’s own settings are broken', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL, 'config/localize/config.yaml': 'keyz: {}\n' }, { media: true });
    const { exit, of } = await examine(folder, [], { XDG_CONFIG_HOME: join(folder, 'config') });
    expect(exit).toBe(1);
    expect(of('own settings')).toMatchObject({ level: 'fail', found: expect.stringContaining('have mistakes') });
    expect(of('output disk')).toMatchObject({ level: 'ok' });
    expect(of('providers')).toMatchObject({ level: 'ok' });
  });

  test('says which state database is no database', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL, 'mine.emulated.db': 'no database at all' }, { media: true });
    const { exit, of } = await examine(folder, ['--state', 'mine.db']);
    expect(exit).toBe(1);
    expect(of('state')).toMatchObject({ level: 'fail', found: expect.stringContaining('mine.emulated.db') });
    expect(of('providers')).toMatchObject({ level: 'ok' });
  });

  test('shows no key that a server has sent back, and looks at hosts by the client of runs', async () => {
    const agents = new Set<string | undefined>();
    const server = createServer((request, response) => {
      agents.add(request.headers['user-agent']);
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: 'unlike sesame-each-one and sesame-each-two, this is no key' }));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => void server.close());
    const eachlabs = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const manifest = smallAt({ eachlabs, wavespeed: 'http://127.0.0.1:10080' });
    const keys = manifest.replace('keys: [EACHLABS_API_KEY]', 'keys: [EACH_ONE, EACH_TWO]');
    const folder = folderWith({ 'manifest.yaml': keys }, { media: true });
    const variables = { EACH_ONE: 'sesame-each-one', EACH_TWO: 'sesame-each-two', WAVESPEED_API_KEY: 'k-sesame' };
    const { stdout, all, of } = await examine(folder, [], variables);
    expect(all('eachlabs account').map(({ level }) => level)).toEqual(['fail', 'fail']);
    expect(stdout).not.toContain('sesame');
    expect([...agents]).toEqual(['localize']);
    // A browser’s client refuses some ports before it looks.
    expect(of('wavespeed network')?.found).toMatch(/^127\.0\.0\.1:10080 (cannot be reached: ECONNREFUSED|answers)/);
  });

  test('looks at the machine also without a manifest, and with a broken one', async () => {
    const none = await localize(folderWith(), ['doctor']);
    expect([none.exit, none.stdout]).toEqual([
      0,
      expect.stringMatching(/^ok {4}Node {6}\d+[\s\S]*warn {2}manifest {2}/),
    ]);
    const gone = await localize(folderWith(), ['doctor', 'gone.yaml']);
    expect([gone.exit, gone.stderr]).toEqual([
      2,
      expect.stringContaining('[MANIFEST_MISSING] there is no file gone.yaml'),
    ]);
    const broken = await localize(folderWith({ 'manifest.yaml': 'version: 1\n' }), ['doctor', '--quiet']);
    expect(broken.exit).toBe(1);
    expect(broken.stdout).toMatch(
      /^fail {2}manifest {2}the manifest has 2 mistakes\n +localize validate shows each\n$/,
    );
  });

  test('knows an old Node and a wrong clock', () => {
    expect(checkMachine('20.18.3')[0]).toMatchObject({ level: 'fail' });
    expect(checkMachine('22.1.0')[0]).toMatchObject({ level: 'ok' });
    expect(checkClock([-400, 90_000])).toMatchObject({ level: 'ok' });
    expect(checkClock([95_000, 96_000])).toMatchObject({ level: 'warn', found: '1m 35s ahead of the providers’' });
    expect(checkClock([])).toMatchObject({ level: 'warn', found: 'unknown: no host has said what time it is' });
  });
});
