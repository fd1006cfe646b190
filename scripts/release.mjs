/**
 * Makes a release of what is here: sets the version, dates the changelog, builds, and keeps a state that this version has
 * written, which every later version must be able to upgrade. Where a step fails or a signal ends it, the tree is as it was
 * before.
 *
 *     node scripts/release.mjs 1.2.3
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const UNRELEASED = '## [Unreleased]\n';
/** Of what a release makes: every version's state is upgraded, and versions and changelog agree. */
const TESTS = ['packages/runner/test/old-states', 'packages/cli/test/old-state', 'packages/cli/test/documents'];

/**
 * Gives what is unreleased its version and date.
 *
 * @param {string} text of the changelog
 * @param {{ version: string, date: string }} release `date`: `YYYY-MM-DD`
 * @throws {Error} where nothing is unreleased, or the version is there already
 */
export function releasedChangelog(text, { version, date }) {
  const [head, rest] = text.split(UNRELEASED);
  if (!rest?.trimStart().startsWith('### ')) throw new Error('the changelog has nothing under "Unreleased"');
  if (rest.includes(`## [${version}]`)) throw new Error(`the changelog has ${version} already`);
  return `${head}${UNRELEASED}\n## [${version}] - ${date}\n${rest}`;
}

/**
 * What a release changes, before anything is written.
 *
 * @param {string} root
 * @param {{ version: string, date: string }} release
 * @returns {Map<string, string>} new texts by their files, relative to `root`
 * @throws {Error} where there is nothing to release under this version
 */
export function releaseEdits(root, { version, date }) {
  if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) throw new Error('which version? node scripts/release.mjs 1.2.3');
  const read = (file) => readFileSync(join(root, file), 'utf8');
  const folders = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  const versioned = (file) => read(file).replace(/^( {2}"version": ")[^"]*/m, `$1${version}`);
  const manifests = ['.', 'benchmarks', ...folders].map((folder) => join(folder, 'package.json'));
  return new Map([
    ['CHANGELOG.md', releasedChangelog(read('CHANGELOG.md'), { version, date })],
    ...manifests.map((file) => [file, versioned(file)]),
    ['docs/operations.md', read('docs/operations.md').replace(/(localize-)[\d.]+(\.tgz)/g, `$1${version}$2`)],
  ]);
}

/**
 * Writes files and does what needs them; where that fails, everything is as it was before.
 *
 * @param {string} root
 * @param {Map<string, string>} edits
 * @param {{ made: string, work: () => Promise<void> }} then `made`: a file that `work` makes
 */
export async function writeOrRestore(root, edits, { made, work }) {
  const files = [...edits.keys(), made].map((file) => join(root, file));
  const before = files.map((file) => [file, existsSync(file) ? readFileSync(file) : null]);
  try {
    for (const [file, text] of edits) writeFileSync(join(root, file), text);
    await work();
  } catch (error) {
    for (const [file, bytes] of before) {
      if (bytes === null) rmSync(file, { force: true });
      else writeFileSync(file, bytes);
    }
    throw error;
  }
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs one command after the other. A signal ends the one that is at work, and no other begins: what has begun can be put back.
 *
 * @param {string} root where they run
 * @returns {(command: string, ...args: string[]) => Promise<void>} which throws where a command fails or is ended
 */
export function steps(root) {
  let ended = null;
  let child = null;
  for (const signal of ENDING) {
    process.on(signal, () => {
      ended ??= signal;
      child?.kill(signal);
    });
  }
  return async (command, ...args) => {
    if (ended === null) {
      child = spawn(command, args, { cwd: root, stdio: 'inherit' });
      const [code, signal] = await once(child, 'close');
      child = null;
      if (ended === null && code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}`);
    }
    if (ended !== null) throw new Error(`ended by ${ended}`);
  };
}

async function release(version) {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const edits = releaseEdits(ROOT, { version, date: new Date().toISOString().slice(0, 10) });
  const run = steps(ROOT);
  const build = () => run('npx', '--yes', packageManager, 'run', 'build');
  await build();
  await writeOrRestore(ROOT, edits, {
    made: `packages/runner/test/fixtures/states/${version}.db`,
    work: async () => {
      await build();
      await run(process.execPath, 'packages/runner/testing/states/make-state.mjs');
      await run('npx', '--yes', packageManager, 'exec', 'vitest', 'run', ...TESTS);
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await release(process.argv[2]);
