/**
 * Makes a release of what is here: sets the version, dates the changelog, builds, and keeps a state that this version has
 * written, which every later version must be able to upgrade.
 *
 *     node scripts/release.mjs 1.2.3
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const UNRELEASED = '## [Unreleased]\n';

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

function release(version) {
  if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) throw new Error('which version? node scripts/release.mjs 1.2.3');
  const changelog = join(ROOT, 'CHANGELOG.md');
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(changelog, releasedChangelog(readFileSync(changelog, 'utf8'), { version, date }));
  const folders = readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}`);
  for (const folder of ['.', 'benchmarks', ...folders]) {
    replaceIn(`${folder}/package.json`, /^( {2}"version": ")[^"]*/m, `$1${version}`);
  }
  replaceIn('docs/operations.md', /(localize-)[\d.]+(\.tgz)/g, `$1${version}$2`);
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const run = (command, ...args) => execFileSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  run('npx', '--yes', packageManager, 'run', 'build');
  run(process.execPath, 'packages/runner/testing/states/make-state.mjs');
}

function replaceIn(file, pattern, replacement) {
  const path = join(ROOT, file);
  writeFileSync(path, readFileSync(path, 'utf8').replace(pattern, replacement));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) release(process.argv[2]);
