import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REPOSITORY } from './support/cli.js';

/** The package as a user gets it: packed, and installed from nothing but its tarball and the registry. */
describe('the package', { timeout: 120_000 }, () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'localize-package-')));
  const prefix = join(folder, 'prefix');
  const installed = join(prefix, 'lib/node_modules/localize');

  beforeAll(() => {
    pack(folder);
    const [tarball, ...others] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    if (tarball === undefined || others.length > 0) throw new Error('pnpm pack makes one tarball');
    install(join(folder, tarball), prefix, folder);
  }, 600_000);

  // Thousands of files, on a disk that others use too.
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 300_000);

  /** Calls the installed command, with nothing of the repository in reach. */
  function localize(cwd: string, ...args: string[]) {
    const env = { PATH: process.env.PATH, HOME: folder };
    return spawnSync(join(prefix, 'bin/localize'), args, { cwd, env, encoding: 'utf8' });
  }

  test('holds everything of its own and asks the registry for the rest', () => {
    const { dependencies, version } = readJson(join(installed, 'package.json')) as PackageFile;
    expect(Object.keys(dependencies).filter((name) => name.startsWith('@localize/'))).toEqual([]);
    expect(Object.values(dependencies).filter((range) => !/^\^\d/.test(range))).toEqual([]);
    expect(localize(folder, '--version').stdout).toBe(`${version}\n`);
    const repository = REPOSITORY.replace(/\/$/, '');
    const naming = readdirSync(join(installed, 'bundle'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => readFileSync(path, 'utf8').includes(repository));
    expect(naming).toEqual([]);
  });

  test('shows its help without loading more than the command line', () => {
    const coverage = join(folder, 'coverage');
    const env = { PATH: process.env.PATH, HOME: folder, NODE_V8_COVERAGE: coverage };
    const help = spawnSync(join(prefix, 'bin/localize'), ['--help'], { cwd: folder, env, encoding: 'utf8' });
    expect([help.status, help.stdout]).toEqual([0, expect.stringContaining('Usage: localize')]);
    const loaded = readdirSync(coverage).map((name) => readFileSync(join(coverage, name), 'utf8'));
    const packages = [...loaded.join('').matchAll(/localize\/node_modules\/(@[^/"]+\/[^/"]+|[^/"]+)\//g)];
    expect(new Set(packages.map(([, name]) => name))).toEqual(new Set(['commander']));
  });

  test('prints the schema that it ships', () => {
    const shipped = readFileSync(join(installed, 'bundle/manifest.schema.json'), 'utf8');
    expect(localize(folder, 'schema').stdout).toBe(shipped);
  });

  test('hears silence of every codec that it has a decoder for', () => {
    const names = ['opus.webm', 'vorbis.ogg', 'flac.flac', 'eac3.mov', 'mp3.mp3'].map((name) => `silent-${name}`);
    const media = (name: string) => join(REPOSITORY, 'packages/media/test/__fixtures__', name);
    const tracks = ['de', 'fr', 'es', 'ja', 'it'].map((language, at) => `${language}: ${media(names[at] ?? '')}`);
    const videos = `[{ id: a, source: ${media('index-last.mp4')}, tracks: { ${tracks.join(', ')} } }]`;
    writeFileSync(join(folder, 'silent.yaml'), `version: 1\nbatch: silent\nvideos: ${videos}\n`);
    const plan = localize(folder, 'plan', 'silent.yaml', '--emulate');
    const silent = [...plan.stderr.matchAll(/(silent-\S+) is silent from its beginning to its end/g)];
    expect([plan.status, silent.map(([, name]) => name)]).toEqual([2, names]);
  });

  test('runs a copy of the demo', () => {
    const demo = join(folder, 'demo');
    cpSync(join(REPOSITORY, 'manifests/media'), join(demo, 'media'), { recursive: true });
    const manifest = readFileSync(join(REPOSITORY, 'manifests/demo.yaml'), 'utf8').replace('\nemulate: true\n', '\n');
    writeFileSync(join(demo, 'demo.yaml'), manifest);
    const run = localize(demo, 'run', 'demo.yaml', '--emulate', '--yes');
    expect([run.status, run.stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect(run.stdout).toContain('All 14 videos are done.');
    const page = readFileSync(join(demo, 'localized/demo.emulated/report/index.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).toContain('interview/fr');
  });

  test('is a library with types that need nothing else', () => {
    const project = join(folder, 'project');
    mkdirSync(join(project, 'node_modules'), { recursive: true });
    symlinkSync(installed, join(project, 'node_modules/localize'), 'dir');
    const code = `import { LocalizeError, type RunEvent, runBatch, type Snapshot } from 'localize';
export async function work(events: RunEvent[]): Promise<Snapshot> {
  const { snapshot, exit } = await runBatch('absent.yaml', { onEvent: (event) => events.push(event) });
  const code: 0 | 1 | 2 | 3 | 4 | 5 | 130 = exit;
  return { ...snapshot, batch: String(code) };
}
work([]).catch((error: unknown) => process.stdout.write(error instanceof LocalizeError ? error.code : 'unknown'));
`;
    writeFileSync(join(project, 'use.mts'), code);
    const types = dirname(dirname(createRequire(import.meta.url).resolve('@types/node/package.json')));
    const flags = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--typeRoots', types];
    const tsc = join(REPOSITORY, 'node_modules/.bin/tsc');
    const compiled = spawnSync(tsc, [...flags, 'use.mts'], { cwd: project, encoding: 'utf8' });
    expect([compiled.status, compiled.stdout]).toEqual([0, '']);
    const ran = spawnSync(process.execPath, ['use.mjs'], { cwd: project, encoding: 'utf8' });
    expect([ran.stdout, ran.stderr]).toEqual(['MANIFEST_MISSING', '']);
  });
});

test('takes every dependency of the packages that are bundled into it, in the same version', () => {
  const { dependencies: own, devDependencies } = readJson(join(REPOSITORY, 'packages/cli/package.json')) as PackageFile;
  const bundled = Object.keys(devDependencies).filter((name) => name.startsWith('@localize/'));
  const theirs = bundled.flatMap((name) => {
    const file = join(REPOSITORY, 'packages', name.slice('@localize/'.length), 'package.json');
    return Object.entries((readJson(file) as PackageFile).dependencies);
  });
  const foreign = theirs.filter(([name]) => !name.startsWith('@localize/'));
  expect(own).toMatchObject(Object.fromEntries(foreign));
});

interface PackageFile {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function pack(destination: string): void {
  const { packageManager } = readJson(join(REPOSITORY, 'package.json')) as { packageManager: string };
  const args = ['--yes', packageManager, 'pack', '--pack-destination', destination];
  execFileSync('npx', args, { cwd: join(REPOSITORY, 'packages/cli'), stdio: 'pipe' });
}

/** As a user does, except that SQLite comes as the addon that this repository has compiled, when it is of that version. */
function install(tarball: string, prefix: string, folder: string): void {
  const env = { ...process.env, npm_config_better_sqlite3_local_prebuilds: prebuiltSqlite(folder) };
  const args = ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', tarball];
  execFileSync('npm', args, { cwd: folder, env, stdio: 'pipe' });
}

/** A folder with the addon in the form in which better-sqlite3's installer looks for it. */
function prebuiltSqlite(folder: string): string {
  const prebuilds = join(folder, 'prebuilds');
  mkdirSync(prebuilds);
  const file = createRequire(import.meta.url).resolve('better-sqlite3/package.json');
  const { version } = readJson(file) as PackageFile;
  const platform = `${process.platform}-${process.arch}`;
  const archive = `better-sqlite3-v${version}-node-v${process.versions.modules}-${platform}.tar.gz`;
  const addon = 'build/Release/better_sqlite3.node';
  execFileSync('tar', ['-czf', join(prebuilds, archive), '-C', dirname(file), addon]);
  return prebuilds;
}
