import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ERRORS } from '@localize/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { folderWith, REPOSITORY } from './support/cli.js';
import { SMALL } from './support/manifests.js';

interface Freshness {
  readonly fresh: boolean;
  readonly install: boolean;
  readonly build: boolean;
  readonly stamp: object;
}

const { readFreshness, writeStamp } = (await import(join(REPOSITORY, 'scripts/freshness.cjs'))) as {
  readFreshness(root: string): Freshness;
  writeStamp(root: string, stamp: object): void;
};
const { withLock } = (await import(join(REPOSITORY, 'scripts/lock.mjs'))) as {
  withLock<T>(path: string, options: { say(line: string): void }, work: () => Promise<T>): Promise<T>;
};

/** The superuser may write everywhere, and is somebody else where that matters. */
const BECOME_USER = 'if (process.getuid() === 0) process.setuid(65_534);';

/** A repository of one package that says what it is called with, prepared and fresh. */
function smallRepository(): string {
  const root = folderWith({
    'package.json': '{}',
    'pnpm-lock.yaml': '',
    'node_modules/.modules.yaml': '',
    'packages/cli/package.json': '{ "type": "module" }',
    'packages/cli/src/main.ts': '',
    'packages/cli/dist/launch/main.cjs': `exports.main = async (argv) => {
      console.log(JSON.stringify({ args: argv.slice(2), cwd: process.cwd() }));
    };`,
  });
  copyFileSync(join(REPOSITORY, 'localize'), join(root, 'localize'));
  cpSync(join(REPOSITORY, 'scripts'), join(root, 'scripts'), { recursive: true });
  writeStamp(root, readFreshness(root).stamp);
  return root;
}

describe('the launcher', () => {
  test('starts the command at once when all is fresh, from any folder and through a link', () => {
    const root = smallRepository();
    const elsewhere = folderWith();
    symlinkSync(join(root, 'localize'), join(elsewhere, 'lz'));
    // Without a PATH it could start no child process.
    const env = { PATH: '' };
    const run = spawnSync(process.execPath, ['./lz', 'plan', 'a.yaml'], { cwd: elsewhere, env, encoding: 'utf8' });
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(JSON.parse(run.stdout)).toMatchObject({ args: ['plan', 'a.yaml'] });
  });

  test.each(['SIGINT', 'SIGTERM'])('ends as an interrupted run does where %s comes before the command', (signal) => {
    const root = smallRepository();
    const command = join(REPOSITORY, 'packages/cli/dist/launch/main.cjs');
    const text = `process.kill(process.pid, '${signal}');\nmodule.exports = require(${JSON.stringify(command)});\n`;
    writeFileSync(join(root, 'packages/cli/dist/launch/main.cjs'), text);
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const args = [join(root, 'localize'), 'run', '--verbose'];
    const run = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    expect([run.status, run.signal]).toEqual([130, null]);
    expect(run.stderr).not.toContain('intended');
  });

  test('knows what is stale', () => {
    const root = smallRepository();
    const needs = () => {
      const { install, build } = readFreshness(root);
      return { install, build };
    };
    expect(needs()).toEqual({ install: false, build: false });

    utimesSync(join(root, 'packages/cli/src/main.ts'), 1, 1);
    expect(needs()).toEqual({ install: false, build: true });
    writeStamp(root, readFreshness(root).stamp);

    mkdirSync(join(root, 'packages/cli/test'));
    writeFileSync(join(root, 'packages/cli/test/a.test.ts'), '');
    expect(needs()).toEqual({ install: false, build: false });

    writeFileSync(join(root, 'pnpm-lock.yaml'), 'lockfileVersion: 9');
    expect(needs()).toEqual({ install: true, build: true });
    writeStamp(root, { ...readFreshness(root).stamp, runtime: 'another Node' });
    expect(needs()).toEqual({ install: true, build: true });
  });

  test('says what failed, with the whole log, and ends with 4', () => {
    const root = smallRepository();
    writeFileSync(join(root, 'pnpm-lock.yaml'), 'changed');
    const run = spawnSync(process.execPath, [join(root, 'localize')], { env: { PATH: '' }, encoding: 'utf8' });
    expect(run.status).toBe(4);
    expect(run.stderr).toMatch(/^localize: installing packages and building\n/);
    expect(run.stderr).toMatch(/\nerror \[INSTALL_FAILED\] installing the packages failed.*\n {2}hint .*\n$/);
    expect(existsSync(join(root, '.turbo/launcher.lock'))).toBe(false);
  });

  test('starts for a user who may not write the clone, and says what to do where it has to be built first', () => {
    const root = smallRepository();
    const command = join(root, 'localize');
    const becomeUser = join(folderWith({ 'user.cjs': BECOME_USER }), 'user.cjs');
    const asUser = (args: readonly string[]) => {
      return spawnSync(process.execPath, ['-r', becomeUser, command, ...args], { cwd: '/', encoding: 'utf8' });
    };
    chmodSync(root, 0o555);
    onTestFinished(() => chmodSync(root, 0o755));
    const fresh = asUser(['plan']);
    expect([fresh.status, fresh.stderr]).toEqual([0, '']);
    expect(existsSync(join(root, '.turbo'))).toBe(false);

    utimesSync(join(root, 'packages/cli/src/main.ts'), 1, 1);
    const stale = asUser(['plan', '--json']);
    expect(stale.status).toBe(4);
    const message = `${root} has to be built again, since its sources have changed, and cannot be written (EACCES)`;
    expect(stale.stderr).toMatch(/^error \[CLONE_UNWRITABLE\] .*\n {2}hint .*\n$/);
    expect(JSON.parse(stale.stdout)).toMatchObject({ type: 'error', code: 'CLONE_UNWRITABLE', message, exit: 4 });
  });

  test('says why a build failed, with --json also to programs, and builds once that is mended', () => {
    const root = smallRepository();
    const scripts = { build: 'node build.cjs' };
    writeFileSync(join(root, 'package.json'), JSON.stringify({ private: true, scripts }));
    writeStamp(root, readFreshness(root).stamp);
    const building = (script: string) => {
      writeFileSync(join(root, 'build.cjs'), script);
      utimesSync(join(root, 'packages/cli/src/main.ts'), 1, 1);
      return spawnSync(process.execPath, [join(root, 'localize'), 'plan', '--json'], { cwd: root, encoding: 'utf8' });
    };
    const failed = building('console.log("main.ts(1,1): error TS1005"); process.exit(3);');
    expect(failed.status).toBe(4);
    expect(failed.stderr).toMatch(
      /^localize: building, since sources changed\n[\s\S]*\bmain\.ts\(1,1\): error TS1005\n/,
    );
    expect(failed.stderr).toMatch(/\nerror \[BUILD_FAILED\] building failed \(exit 3\)\n {2}hint .*\n$/);
    const told = { type: 'error', code: 'BUILD_FAILED', message: 'building failed (exit 3)', exit: 4 };
    expect(JSON.parse(failed.stdout)).toEqual({ ...told, mend: expect.stringContaining('sources') });
    const mended = building('');
    expect([mended.status, mended.stderr]).toEqual([0, 'localize: building, since sources changed\n']);
    expect(JSON.parse(mended.stdout)).toMatchObject({ args: ['plan', '--json'] });
  });

  test('tells an old Node by the code of its own page', () => {
    const root = smallRepository();
    const text = readFileSync(join(root, 'localize'), 'utf8');
    writeFileSync(join(root, 'old'), text.replace('needed = [20, 19]', 'needed = [999, 0]'));
    const run = spawnSync(process.execPath, [join(root, 'old')], { encoding: 'utf8' });
    expect([run.status, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(/^error \[NODE_TOO_OLD\] localize needs Node 999\.0 or newer.*\n {2}hint .*\n$/);
    const told = spawnSync(process.execPath, [join(root, 'old'), '--json'], { encoding: 'utf8' }).stdout;
    expect(JSON.parse(told)).toMatchObject({ type: 'error', code: 'NODE_TOO_OLD', exit: 2 });
  });

  test('has a page for each of its codes', () => {
    const texts = ['localize', 'scripts/prepare.mjs'].map((name) => readFileSync(join(REPOSITORY, name), 'utf8'));
    const named = texts.flatMap((text) => text.match(/\b(?:[A-Z]+_FAILED|CLONE_UNWRITABLE|NODE_TOO_OLD)\b/g) ?? []);
    expect([...new Set(named)].sort()).toEqual(['BUILD_FAILED', 'CLONE_UNWRITABLE', 'INSTALL_FAILED', 'NODE_TOO_OLD']);
    expect(Object.keys(ERRORS)).toEqual(expect.arrayContaining(named));
  });

  test('waits for another one, and never for a dead one', async () => {
    const path = join(folderWith(), 'lock');
    const order: string[] = [];
    const say = () => undefined;
    let tellWaiting = (_line: string): void => undefined;
    const waiting = new Promise<string>((resolve) => {
      tellWaiting = resolve;
    });
    const first = withLock(path, { say }, async () => {
      order.push(await waiting, 'first');
    });
    await withLock(path, { say: tellWaiting }, async () => void order.push('second'));
    await first;
    expect(order).toEqual([expect.stringMatching(/^waiting for another/), 'first', 'second']);

    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(path, JSON.stringify({ pid: dead, host: hostname() }));
    const startedAt = performance.now();
    await withLock(path, { say }, async () => undefined);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
