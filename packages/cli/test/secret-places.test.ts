import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmulator } from '@localize/emulator';
import { describe, expect, onTestFinished, test } from 'vitest';
import { userConfigPath } from '../src/config/user-config-path.js';
import type { Finding } from '../src/doctor/finding.js';
import { filesBelow, folderWith, localize, localizeApart } from './support/cli.js';
import { smallAt } from './support/manifests.js';

/** A batch at providers that take one key each, and what the user has at home. */
async function scene(config: string, files: Readonly<Record<string, string>> = {}) {
  const server = folderWith();
  const emulator = await startEmulator({
    dir: server,
    speed: 600,
    accounts: { eachlabs: { 'sesame-each-4711': 'a' }, wavespeed: { 'sesame-wave-4712': 'b' } },
  });
  onTestFinished(() => emulator.close());
  const { eachlabs, wavespeed } = emulator.endpoints;
  const manifest = smallAt({ eachlabs: eachlabs.baseUrl, wavespeed: wavespeed.baseUrl });
  const folder = folderWith({ 'manifest.yaml': manifest, ...files }, { media: true });
  const home = folderWith({ 'localize/config.yaml': config });
  chmodSync(join(home, 'localize/config.yaml'), 0o600);
  return { folder, home, variables: { XDG_CONFIG_HOME: home } };
}

async function examine(folder: string, args: readonly string[], variables: Record<string, string>) {
  const { exit, stdout } = await localizeApart(folder, ['doctor', '--json', ...args], variables);
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return { exit, stdout, of: (about: string) => findings.find((finding) => finding.about === about) };
}

test('prices and tiers of the user’s own settings are said to be theirs', { timeout: 120_000 }, async () => {
  const set = 'tier: gold, price: { usd_per_second: 0.5 }, timeout: 1h';
  const { folder, home, variables } = await scene(`providers: { wavespeed: { ${set} } }\n`);
  const { of } = await examine(folder, [], variables);
  const path = join(home, 'localize/config.yaml');
  expect(of('own settings')?.found).toBe(`${path} (sets wavespeed.price, wavespeed.timeout, wavespeed.tier)`);
  expect(of('wavespeed limits')?.found).toContain('(tier gold of your own settings)');
  const routes = await localize(folder, ['routes', 'manifest.yaml'], variables);
  expect(routes.stdout).toContain('(price in your own settings)');
  expect(routes.stdout).toContain('(tier gold of your own settings)');
  // All that is the user's own goes before what the manifest says of the same.
  const text = readFileSync(join(folder, 'manifest.yaml'), 'utf8');
  const limited = text.replace('[WAVESPEED_API_KEY],', '[WAVESPEED_API_KEY], limits: { concurrent: 2 },');
  writeFileSync(join(folder, 'limited.yaml'), limited);
  expect((await localize(folder, ['routes', 'limited.yaml'], variables)).stdout).toContain('(tier gold of your own');
  const without = await localize(folder, ['routes', 'limited.yaml']);
  expect(without.stdout).toMatch(/, 2 open \((the provider’s own pages; )?limits of the manifest\)/);
  const plan = await localize(folder, ['plan'], variables);
  expect(plan.stdout).toContain('wavespeed/infinitetalk is priced by your own settings: $0.50 a second');
});

describe('keys from files and commands', { timeout: 120_000 }, () => {
  test('come from the user’s own settings below the environment, and from flags above it', async () => {
    const config = `keys:
  EACHLABS_API_KEY: { file: each.key }
  WAVESPEED_API_KEY: { command: "echo asked >> asked.txt; echo sesame-wave-4712" }
state: state/mine.db
providers: { eachlabs: { limits: { concurrent: 3 } } }
`;
    const { folder, home, variables } = await scene(config, { 'other.key': 'sesame-wave-4712\n' });
    writeFileSync(join(home, 'localize/each.key'), 'sesame-each-4711\n', { mode: 0o600 });
    const { exit, of, stdout } = await examine(folder, [], variables);
    const path = join(home, 'localize/config.yaml');
    expect(of('own settings')?.found).toBe(`${path} (sets eachlabs.limits)`);
    expect(of('state')?.found).toContain(`${join(home, 'localize/state/mine.db')} (${path};`);
    expect(of('eachlabs limits')?.found).toBe(
      '100 creates in 1m, 3 open (the provider’s own pages; limits of your own settings)',
    );
    expect(of('eachlabs key')?.found).toContain(`from ${join(home, 'localize/each.key')}, named in ${path}`);
    expect(of('wavespeed key')?.found).toContain(`from a command in ${path}`);
    expect([of('eachlabs account')?.level, of('wavespeed account')?.level, exit]).toEqual(['ok', 'ok', 0]);

    const environment = { ...variables, WAVESPEED_API_KEY: 'of-the-environment' };
    const refused = await examine(folder, [], environment);
    expect(refused.of('wavespeed account')?.found).toContain('wavespeed refuses WAVESPEED_API_KEY');
    const flags = ['--key-file', 'wavespeed=other.key'];
    const flagged = await examine(folder, flags, environment);
    expect(flagged.of('wavespeed key')).toMatchObject({
      level: 'warn',
      mend: `chmod 600 ${join(folder, 'other.key')}`,
    });
    expect(flagged.of('wavespeed account')?.level).toBe('ok');

    const run = await localizeApart(folder, ['--verbose', ...flags], environment);
    expect([run.exit, run.stdout.includes('2 succeeded')]).toEqual([0, true]);
    const told = [stdout, flagged.stdout, refused.stdout, run.stdout, run.stderr, ...filesBelow(home).values()];
    const ours = [...filesBelow(folder)].flatMap(([name, text]) => (name === 'other.key' ? [] : text));
    expect([...told, ...ours].filter((text) => text.includes('sesame') && !text.startsWith('sesame'))).toEqual([
      readFileSync(path, 'latin1'),
    ]);
    // Only what is needed is run, and once.
    expect(readFileSync(join(folder, 'asked.txt'), 'utf8')).toBe('asked\n');
  });

  test('that cannot be had are named with their reason, and nothing is written', async () => {
    const { folder, variables } = await scene('keys: { EACHLABS_API_KEY: { command: "echo no; exit 3" } }\n');
    const failed = await localize(folder, ['--key-file', 'wavespeed=gone.key'], variables);
    expect([failed.exit, failed.stderr]).toEqual([
      2,
      expect.stringContaining('error [KEY_UNREADABLE] EACHLABS_API_KEY cannot be read: its command ended with 3'),
    ]);
    const flags = ['--key-command', 'eachlabs=echo two words', '--key-file', 'wavespeed=gone.key'];
    const words = await localize(folder, flags, variables);
    expect(words.stderr).toContain('what its command prints is more than one word');
    const typo = await localize(folder, ['--key-file', 'wavespede=gone.key'], variables);
    expect([typo.exit, typo.stderr]).toEqual([2, expect.stringContaining('did you mean wavespeed?')]);
    expect([...filesBelow(folder).keys()].filter((name) => name.includes('.localize'))).toEqual([]);
  });

  test('are never taken from settings that others may write, nor shown when they stand there themselves', async () => {
    const { folder, home, variables } = await scene('keys: { EACHLABS_API_KEY: sesame-each-4711 }\n');
    const written = await localize(folder, ['doctor'], variables);
    expect(written.stdout).toContain('the user’s own settings have mistakes');
    const shown = await localize(folder, ['plan'], variables);
    expect([shown.exit, shown.stderr.includes('sesame')]).toEqual([2, false]);
    expect(shown.stderr).toContain('config.yaml:1:');
    chmodSync(join(home, 'localize/config.yaml'), 0o666);
    const loose = await localize(folder, ['plan'], variables);
    expect([loose.exit, loose.stderr]).toEqual([2, expect.stringMatching(/\[CONFIG_UNSAFE\][\s\S]*chmod go-w/)]);
  });
});

test('the user’s own settings lie where each system keeps such files', () => {
  expect(userConfigPath({ HOME: '/home/ana' }, 'linux')).toBe('/home/ana/.config/localize/config.yaml');
  expect(userConfigPath({ HOME: '/home/ana', XDG_CONFIG_HOME: '/x' }, 'darwin')).toBe('/x/localize/config.yaml');
  expect(userConfigPath({ APPDATA: '/appdata' }, 'win32')).toBe('/appdata/localize/config.yaml');
});
