/**
 * One run of a chaos batch in a process of its own, which may kill itself (SIGKILL) at a point that the parent names:
 * before or after the n-th commit of the state, or before or after the n-th POST of a create. Prints its outcome as one
 * JSON line.
 */
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { providers } from '@localize/providers';
import { bootClock, openStore, runBatch } from '@localize/runner';
import { chaosOptions } from './chaos-options.mjs';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { dir, kill } = settings;

/** Dies, or with `stop` only stands still until somebody lets it go on or ends it. */
function die() {
  process.kill(process.pid, kill?.stop ? 'SIGSTOP' : 'SIGKILL');
}

/** @returns a function that dies when the named point is reached for the n-th time. */
function killer(point) {
  let count = 0;
  return (when) => {
    if (kill?.point !== point || kill.when !== when) return;
    count += 1;
    if (count === kill.n) die();
  };
}

const store = openStore(join(dir, '.localize', 'state.db'));
// Before anything is written in fast time: see `mortalRun`.
bootClock(store);
const atCommit = killer('commit');
const transact = store.transact;
store.transact = (work, durability) => {
  atCommit('before');
  const result = transact(work, durability);
  atCommit('after');
  return result;
};

const atPost = killer('post');
let posts = 0;

/** Killed while the POST is out: the server may have it, and nobody here ever sees the reply, however fast it comes. */
function isKilledDuring() {
  posts += 1;
  return kill?.point === 'post' && kill.when === 'during' && posts === kill.n;
}

const wrapped = new Map(
  [...providers].map(([id, provider]) => [
    id,
    Object.assign(Object.create(provider), {
      start: async (request, context) => {
        atPost('before');
        const dies = isKilledDuring();
        if (dies) setTimeout(die, 5);
        const result = await provider.start(request, context);
        if (dies) die();
        atPost('after');
        return result;
      },
    }),
  ]),
);

if (kill?.afterMs !== undefined) setTimeout(die, kill.afterMs);
const stop = new AbortController();
/** When the signal was seen, and when the last create's first byte left, on one monotonic clock. */
const moments = { stoppedMs: null, lastCreateSentMs: null };
process.once('SIGINT', () => {
  moments.stoppedMs = performance.now();
  stop.abort();
});
// By Node's own client go creates; told once their bytes are with their socket.
subscribe('http.client.request.start', ({ request }) => {
  if (request.method === 'POST') moments.lastCreateSentMs = performance.now();
});

const outcome = await runBatch({
  ...chaosOptions(settings),
  store,
  providers: wrapped,
  stop: stop.signal,
}).catch((error) => ({ error: error.code ?? String(error), message: error.message, stack: error.stack }));
store.close();
process.stdout.write(`${JSON.stringify({ ...outcome, ...moments })}\n`);
process.exit(0);
