import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readFreshness, writeStamp } from './freshness.cjs';
import { LockError, withLock } from './lock.mjs';

/** The version that `packageManager` names: pnpm refuses to switch to another one by itself. */
const PNPM = 'pnpm@10.34.9';

const HINTS = {
  INSTALL_FAILED: 'the lines above say why; packages come from the npm registry, which must be reachable this once',
  CLONE_UNWRITABLE:
    'let whoever may write there run ./localize --help in it once, after which it starts without writing there; or make a clone of your own',
  BUILD_FAILED: 'the lines above say why; what was changed in the sources since the last build is a likely cause',
};

/** A step that failed; `log` is everything that it printed, `code` a section of docs/errors.md. */
export class PrepareError extends Error {
  constructor(code, message, log) {
    super(message);
    this.code = code;
    this.hint = HINTS[code];
    this.log = log;
  }
}

/**
 * Installs and builds what is missing or stale. Two launchers at once take turns, and the second finds it done.
 *
 * @param {string} root
 * @param {{ say: (line: string) => void, all?: boolean }} options `all`: also what seems fresh
 * @throws {PrepareError}
 */
export async function prepare(root, { say, all = false }) {
  const work = async () => {
    const { install, build, first, stamp } = readFreshness(root);
    if (install || all) await installPackages(root, say, first);
    if (build || all) await buildPackages(root, say, install);
    writeStamp(root, stamp);
  };
  await withLock(join(root, '.turbo/launcher.lock'), { say }, work).catch((error) => {
    throw error instanceof LockError ? unwritable(root, error.cause) : error;
  });
}

function unwritable(root, { code }) {
  const { install, first } = readFreshness(root);
  const why = first
    ? 'was never installed and built'
    : `has to be ${install ? 'installed and built' : 'built'} again, since ${install ? 'its packages or Node' : 'its sources'} have changed`;
  return new PrepareError('CLONE_UNWRITABLE', `${root} ${why}, and cannot be written (${code})`, '');
}

async function installPackages(root, say, first) {
  say(first ? 'installing and building, this first time only: a minute or two' : 'installing packages and building');
  // Off a terminal pnpm would rather stop than replace a node_modules that it cannot use.
  const flags = ['--frozen-lockfile', '--config.confirmModulesPurge=false'];
  await runStep(root, 'INSTALL_FAILED', 'installing the packages', 'npx', ['--yes', PNPM, 'install', ...flags]);
  if (await loadsSqlite(root)) return;
  // Compiled for another Node: pnpm does not see that by itself.
  await runStep(root, 'INSTALL_FAILED', 'rebuilding better-sqlite3', 'npx', [
    '--yes',
    PNPM,
    'rebuild',
    '-r',
    'better-sqlite3',
  ]);
}

async function buildPackages(root, say, announced) {
  if (!announced) say('building, since sources changed');
  await runStep(root, 'BUILD_FAILED', 'building', 'npx', ['--yes', PNPM, 'run', 'build']);
}

async function loadsSqlite(root) {
  const probe = `new (require('better-sqlite3'))(':memory:').close()`;
  try {
    await runStep(join(root, 'packages/runner'), 'INSTALL_FAILED', 'loading better-sqlite3', process.execPath, [
      '-e',
      probe,
    ]);
    return true;
  } catch (error) {
    if (error instanceof PrepareError) return false;
    throw error;
  }
}

/** Runs one child process to its end, keeping its output for the case that it fails, which is of that code then. */
function runStep(cwd, failure, what, command, args) {
  const quiet = { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...quiet },
      stdio: ['ignore', 'pipe', 'pipe'],
      // npx is a script on Windows.
      shell: process.platform === 'win32' && command === 'npx',
    });
    const release = endWithUs(child);
    const log = [];
    child.stdout.on('data', (chunk) => log.push(chunk));
    child.stderr.on('data', (chunk) => log.push(chunk));
    child.on('error', (error) => reject(new PrepareError(failure, `${what} failed: ${error.message}`, '')));
    child.on('close', (code, signal) => {
      release();
      if (code === 0) resolve();
      else {
        const how = signal ?? `exit ${code}`;
        reject(new PrepareError(failure, `${what} failed (${how})`, Buffer.concat(log).toString()));
      }
    });
  });
}

/** A signal to us ends the child too, and frees the lock at once rather than when it has grown stale. */
function endWithUs(child) {
  const onSignal = () => {
    child.kill('SIGTERM');
    process.exit(130);
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}
