import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 1_000;
const STALE_MS = 20_000;

/** The lock file can be neither made nor taken over; `cause` is what the file system says. */
export class LockError extends Error {}

/**
 * Runs `work` while holding a lock file. The holder touches the file every second; a holder that is dead, or silent
 * for twenty seconds of the waiter's own watching, has lost it, so that no kill leaves a lock behind.
 *
 * @template T
 * @param {string} path
 * @param {{ say: (line: string) => void }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {LockError}
 */
export async function withLock(path, { say }, work) {
  await makeLock(path, say);
  const free = () => rmSync(path, { force: true });
  const beat = setInterval(() => touch(path), BEAT_MS);
  process.once('exit', free);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.off('exit', free);
    free();
  }
}

async function makeLock(path, say) {
  try {
    mkdirSync(dirname(path), { recursive: true });
    await takeLock(path, say);
  } catch (cause) {
    throw new LockError(cause.message, { cause });
  }
}

async function takeLock(path, say) {
  let seen = { beat: '', at: performance.now() };
  for (let turn = 0; !tryTake(path); turn += 1) {
    const beat = readBeat(path);
    if (beat !== seen.beat) seen = { beat, at: performance.now() };
    const stale = isDead(path) || performance.now() - seen.at > STALE_MS;
    // Another waiter may have taken the stale lock over since: then the beat is another one.
    if (stale && readBeat(path) === beat) rmSync(path, { force: true });
    if (turn === 5) say('waiting for another localize that is installing or building');
    await sleep(200);
  }
}

function readBeat(path) {
  const facts = statSync(path, { throwIfNoEntry: false });
  return facts ? `${facts.ino} ${facts.mtimeMs}` : '';
}

function tryTake(path) {
  try {
    writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether the holder is a process of this machine that is gone. */
function isDead(path) {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8'));
    if (holder.host !== hostname()) return false;
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    // Unreadable: just being written, or just freed.
    return error.code === 'ESRCH';
  }
}

function touch(path) {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Taken from us while this machine slept; the work itself is safe to do twice.
  }
}
