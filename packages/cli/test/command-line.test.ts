import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CommandContext } from '../src/definitions.js';
import { buildProgram } from '../src/program.js';
import { BIN, folderWith, localize, MODULES, REPOSITORY, startLocalize } from './support/cli.js';
import { SMALL } from './support/manifests.js';

describe('the command line', () => {
  test('shows help and loads nothing of the work for it', async () => {
    const coverage = mkdtempSync(join(tmpdir(), 'localize-coverage-'));
    onTestFinished(() => rmSync(coverage, { recursive: true }));
    const { exit, stdout } = await startLocalize(folderWith(), ['--help'], { NODE_V8_COVERAGE: coverage }, MODULES)
      .finished;
    expect(exit).toBe(0);
    expect(stdout).toContain('Usage: localize');
    expect(stdout).toContain('Nothing is bought twice.');
    const loaded = readdirSync(coverage).map((name) => readFileSync(join(coverage, name), 'utf8'));
    expect(loaded.join('')).toContain('commander');
    expect(loaded.join('')).not.toMatch(/node_modules\/(zod|drizzle-orm|undici|better-sqlite3|mediabunny|yaml)\//);
  });

  test.each([
    ['.', './localize'],
    ['some/where', '../../localize'],
  ])('names every example as it was called from %s, one below the other', (cwd, name) => {
    const folder = folderWith({ 'some/where/manifest.yaml': '' });
    symlinkSync(BIN, join(folder, 'localize'));
    const args = [join(folder, 'localize'), '--help'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: join(folder, cwd), encoding: 'utf8' });
    const examples = (stdout.split('Examples:\n')[1] ?? '').split('\n\n')[0]?.split('\n') ?? [];
    expect(examples).toHaveLength(5);
    expect(examples.filter((line) => !line.startsWith(`  ${name} `))).toEqual([]);
    const columns = examples.map((line) => line.trimEnd().search(/(?<= {3})\S(?!.* {3})/));
    expect(new Set(columns).size).toBe(1);
  });

  test('shows each command in the list as its own help does', async () => {
    const [list, settle] = await Promise.all(
      [['--help'], ['settle', '--help']].map((args) => localize(folderWith(), args)),
    );
    expect(settle?.stdout).toContain('Usage: localize settle [options] [manifest] <key>\n');
    expect(list?.stdout).toContain('  settle [options] [manifest] <key> ');
    expect(list?.stdout).toContain('  run|resume [options] [manifest] ');
  });

  test('prints its version', async () => {
    const { exit, stdout } = await localize(folderWith(), ['--version']);
    const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'packages/cli/package.json'), 'utf8'));
    expect([exit, stdout]).toEqual([0, `${version}\n`]);
  });

  test('ends with 2 on an option that it does not know', async () => {
    const { exit, stderr } = await localize(folderWith(), ['plan', '--jsn']);
    expect(exit).toBe(2);
    expect(stderr).toContain("unknown option '--jsn'");
    expect(stderr).toContain('--json');
  });

  test('shows an example in the help of every command', async () => {
    const sink = { write: () => undefined, isTerminal: false, columns: 80, rows: 24 };
    const program = buildProgram(
      { ...({} as CommandContext), version: '0', out: sink, err: sink },
      async () => undefined,
    );
    const without = program.commands.filter((command) => {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) });
      command.outputHelp();
      return !/\nExamples?:\n {2}localize /.test(help);
    });
    expect(without.map((command) => command.name())).toEqual([]);
    const { stdout } = await localize(folderWith(), ['logs', '--help']);
    expect(stdout).toContain('Example:\n  localize logs keynote/de batch.yaml  every request and reply of one job\n');
  });

  test('suggests the nearest command', async () => {
    const one = await localize(folderWith(), ['statsu']);
    expect([one.exit, one.stderr]).toEqual([2, expect.stringContaining('did you mean localize status?')]);
    const two = await localize(folderWith(), ['pln', 'batch.yaml']);
    expect([two.exit, two.stderr]).toEqual([2, expect.stringContaining('did you mean localize plan?')]);
  });

  test('prints the manifest’s JSON Schema, which lies beside the examples', async () => {
    const { exit, stdout } = await localize(folderWith(), ['schema']);
    const hint = 'to renew it: ./localize schema > manifests/manifest.schema.json';
    expect(readFileSync(join(REPOSITORY, 'manifests/manifest.schema.json'), 'utf8'), hint).toBe(stdout);
    expect([exit, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ title: 'localize manifest' })]);
    const examples = readdirSync(join(REPOSITORY, 'manifests')).filter((name) => name.endsWith('.yaml'));
    expect(examples).toContain('demo.yaml');
    for (const name of examples) {
      const example = readFileSync(join(REPOSITORY, 'manifests', name), 'utf8');
      expect(example, name).toMatch(/^# yaml-language-server: \$schema=\.\/manifest\.schema\.json\n/);
    }
  });

  test('takes ./manifest.yaml, a file, or a folder that has one', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const valid = 'manifest.yaml is valid: 2 jobs of 1 video in 2 languages\n';
    expect((await localize(folder, ['validate'])).stdout).toBe(valid);
    expect((await localize(folder, ['validate', 'manifest.yaml'])).stdout).toBe(valid);
    expect((await localize(folder, ['validate', '.'])).stdout).toBe(valid);
  });

  test('says what is missing when there is no manifest, and ends with 2', async () => {
    const none = await localize(folderWith(), []);
    expect(none.exit).toBe(2);
    expect(none.stderr).toMatchInlineSnapshot(`
      "error [MANIFEST_MISSING] there is no manifest.yaml in this folder
        hint name one: localize path/to/manifest.yaml; localize init writes one; localize --help lists the commands
      "
    `);
    const named = await localize(folderWith(), ['batch.yaml']);
    expect(named.exit).toBe(2);
    expect(named.stderr).toContain('there is no file batch.yaml');
  });

  test('names the keys of the manifest in its routes', async () => {
    const keys = 'providers: { eachlabs: { keys: [EL_ONE, EL_TWO] }, wavespeed: { keys: [WS_ONE] } }\n';
    const folder = folderWith({ 'manifest.yaml': `${SMALL}${keys}` }, { media: true });
    const { stdout } = await localize(folder, ['routes', 'manifest.yaml']);
    expect(stdout).toMatch(/^ +key +EL_ONE, EL_TWO$/m);
    expect(stdout).toMatch(/^ +key +WS_ONE$/m);
    expect(stdout).not.toMatch(/(EACHLABS|WAVESPEED)_API_KEY/);
    expect(stdout).toContain('FAL_KEY');
    const { providers } = JSON.parse((await localize(folder, ['routes', 'manifest.yaml', '--json'])).stdout);
    const eachlabs = { id: 'eachlabs', keyVariable: 'EL_ONE', keyVariables: ['EL_ONE', 'EL_TWO'] };
    expect(providers).toContainEqual(expect.objectContaining(eachlabs));
  });

  test('shows the limits that a command has set in the routes of a manifest', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    expect((await localize(folder, ['limits', 'eachlabs', '--concurrent', '3'])).exit).toBe(0);
    const { stdout } = await localize(folder, ['routes', 'manifest.yaml']);
    expect(stdout).toContain('100 creates in 1m, 3 open (the provider’s own pages; set with localize limits)');
  });

  test('prints the catalogue of routes', async () => {
    const { exit, stdout } = await localize(folderWith(), ['routes']);
    expect(exit).toBe(0);
    for (const route of [
      'vibedream/infinitetalk-fast',
      'eachlabs/infinitalk',
      'wavespeed/infinitetalk',
      'wavespeed/infinitetalk-fast-multi',
      'fal/infinitalk',
    ]) {
      expect(stdout).toContain(route);
    }
    expect(stdout).toContain('$0.03 at 480p, $0.06 at 720p a second, at least 5 s');
  });
});

test('commands that call nobody load no HTTP client', { timeout: 60_000 }, async () => {
  const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
  const loads = `
const { main } = require(${JSON.stringify(join(REPOSITORY, 'packages/cli/dist/launch/main.cjs'))});
main(process.argv).then(() => console.error(process.moduleLoadList.includes('NativeModule http2')));
`;
  const script = join(folderWith({ 'loads.cjs': loads }), 'loads.cjs');
  const asked = async (...args: string[]) => (await startLocalize(folder, args, {}, script).finished).stderr;
  for (const command of ['validate', 'plan', 'status']) expect(await asked(command, '-q')).toBe('false\n');
  expect(await asked('run', '-q', '--lang', 'de')).toBe('true\n');
});
