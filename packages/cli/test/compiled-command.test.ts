import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Script } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { folderWith, REPOSITORY } from './support/cli.js';
import { launchFolder } from './support/launch-folder.js';

const LAUNCH = launchFolder();
const LOADER = join(REPOSITORY, 'scripts/require-compiled.cjs');

const { compiledForm, scriptOf } = (await import(LOADER)) as {
  compiledForm(text: string, script: Script): Buffer;
  scriptOf(text: string, path: string): Script;
};

/** What a file says that is required so, in a process that has compiled nothing yet. */
function said(path: string): string {
  return inNode(`console.log(require(LOADER).requireCompiled(${JSON.stringify(path)}).word)`).trim();
}

function inNode(script: string, ...args: string[]): string {
  const whole = `const LOADER = ${JSON.stringify(LOADER)};${script}`;
  const run = spawnSync(process.execPath, ['-e', whole, ...args], { encoding: 'utf8' });
  expect([run.status, run.stderr]).toEqual([0, '']);
  return run.stdout;
}

const ONE = "exports.word = 'one';";
const TWO = "exports.word = 'two';";

/** As the build leaves it. */
function compiled(text: string): Buffer {
  return compiledForm(text, scriptOf(text, '/main.cjs'));
}

/** That of another text, which claims to be of this one. */
function foreign(text: string, of: string): Buffer {
  return Buffer.concat([compiled(text).subarray(0, 4), compiled(of).subarray(4)]);
}

function flipped(bytes: Buffer, at: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[at] = (damaged[at] ?? 0) ^ 0xff;
  return damaged;
}

describe('the compiled form of a file', () => {
  test('is what runs', () => {
    const folder = folderWith({ 'main.cjs': "exports.word = require('./a.cjs').word;", 'a.cjs': ONE });
    writeFileSync(join(folder, 'a.cjs.v8'), foreign(ONE, TWO));
    expect(said(join(folder, 'main.cjs'))).toBe('two');
  });

  test.each([
    ['of a text that was edited, though that is as long', compiled(TWO)],
    ['cut short', compiled(ONE).subarray(0, 100)],
    ['damaged on the disk', flipped(compiled(ONE), 200)],
    ['of no version of V8', Buffer.from('no compiled form at all')],
    ['empty', Buffer.alloc(0)],
  ])('does not count where it is %s', (_, bytes) => {
    const folder = folderWith({ 'main.cjs': ONE });
    writeFileSync(join(folder, 'main.cjs.v8'), bytes);
    expect(said(join(folder, 'main.cjs'))).toBe('one');
  });

  test('is refused by V8 where it was made with other flags, and the text runs', () => {
    const folder = folderWith({ 'main.cjs': ONE });
    inNode(
      `require('node:v8').setFlagsFromString('--max-lazy');
       const { compiledForm, scriptOf } = require(LOADER);
       const [path, text] = process.argv.slice(1);
       require('node:fs').writeFileSync(path, compiledForm(text, scriptOf(text, path)));`,
      join(folder, 'main.cjs.v8'),
      ONE,
    );
    expect(said(join(folder, 'main.cjs'))).toBe('one');
  });

  test('lies beside each file that the launcher starts, and V8 takes it', () => {
    const files = readdirSync(LAUNCH, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.cjs'));
    const refused = inNode(
      `const { Script } = require('node:vm'), { readFileSync } = require('node:fs'), { wrap } = require('node:module');
       const refuses = (path) => new Script(wrap(readFileSync(path, 'utf8')), {
         cachedData: readFileSync(path + '.v8').subarray(8),
       }).cachedDataRejected;
       console.log(JSON.stringify(process.argv.slice(1).filter(refuses)));`,
      ...files.map((name) => join(LAUNCH, name)),
    );
    expect(files).toContain('main.cjs');
    expect(JSON.parse(refused)).toEqual([]);
    expect(readFileSync(join(LAUNCH, 'main.cjs.v8')).length).toBeGreaterThan(10_000);
  });
});
