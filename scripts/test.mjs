/**
 * `npm test` on a bare clone with only Node and npm: install, build, lint, type-check, every test. Stops at the first
 * step that fails; the last line of a run that reached the tests is `N passed, N failed, N skipped`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrepareError, prepare } from './prepare.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(root, 'node_modules/.localize-test-results.json');

process.exitCode = await test();

async function test() {
  if (!(await prepared())) return 1;
  if (!step('lint', 'biome', ['ci', ...(process.stdout.isTTY ? [] : ['--colors=off']), '.'])) return 1;
  if (!step('type check', 'tsc', ['-b'])) return 1;
  if (!step('type check of the tests', 'tsc', ['-p', 'tsconfig.test.json'])) return 1;
  return runTests();
}

async function prepared() {
  say('install and build');
  try {
    await prepare(root, { say: () => {}, all: true });
    return true;
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    if (error.log) process.stderr.write(`${error.log}\n`);
    say(`stopped: ${error.message}`);
    return false;
  }
}

/** Runs one local tool; false and a line that names the step when it fails. */
function step(name, tool, args) {
  say(name);
  const status = run(tool, args);
  if (status !== 0) say(`stopped: ${name} failed`);
  return status === 0;
}

function run(tool, args) {
  const windows = process.platform === 'win32';
  const path = join(root, 'node_modules/.bin', windows ? `${tool}.cmd` : tool);
  const child = spawnSync(path, args, { cwd: root, stdio: 'inherit', shell: windows });
  return child.status ?? 1;
}

function runTests() {
  say('tests');
  rmSync(results, { force: true });
  const status = run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`]);
  const report = readResults();
  if (report === null) {
    say('stopped: the tests ended without a result');
    return 1;
  }
  const cases = report.testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, file: file.name })),
  );
  const skipped = cases.filter((test) => test.status !== 'passed' && test.status !== 'failed');
  const failed = cases.filter((test) => test.status === 'failed').length;
  const passed = cases.length - skipped.length - failed;
  const forbidden = process.env.CI ? skipped : [];
  for (const test of forbidden) say(`skipped, and in CI none may be: ${relative(root, test.file)} > ${test.fullName}`);
  if (status !== 0 && failed === 0) say('failed outside of any single test; see above');
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
  return status === 0 && failed === 0 && forbidden.length === 0 ? 0 : 1;
}

function readResults() {
  try {
    return JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    return null;
  }
}

function say(line) {
  process.stdout.write(`test: ${line}\n`);
}
