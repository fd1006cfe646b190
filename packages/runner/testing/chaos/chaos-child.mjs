/**
 * One run of a chaos batch in a process of its own, which may kill itself (SIGKILL) at a point that the parent names:
 * before or after the n-th commit of the state, or before or after the n-th POST of a create. Prints its outcome as one
 * JSON line.
 */
import { subscribe } from 'node:diagnostics_channel';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { secret } from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import { openStore, runBatch } from '@localize/runner';
import { chaosPlan } from './chaos-plan.mjs';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { dir, kill, seed } = settings;

function die() {
  process.kill(process.pid, 'SIGKILL');
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

function mulberry32(state) {
  let a = state >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const store = openStore(join(dir, '.localize', 'state.db'));
const atCommit = killer('commit');
const transact = store.transact;
store.transact = (work, durability) => {
  atCommit('before');
  const result = transact(work, durability);
  atCommit('after');
  return result;
};

const atPost = killer('post');
const wrapped = new Map(
  [...providers].map(([id, provider]) => [
    id,
    Object.assign(Object.create(provider), {
      start: async (request, context) => {
        atPost('before');
        // Killed while the POST is out: the server has it, and nobody here ever sees the reply.
        if (kill?.point === 'post' && kill.when === 'during') setTimeout(() => atPost('during'), 5);
        const result = await provider.start(request, context);
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
subscribe('undici:client:sendHeaders', ({ request }) => {
  if (request.method === 'POST') moments.lastCreateSentMs = performance.now();
});

/** The batch's bucket: the emulator's own, reached as any client would reach it. */
const staging = {
  destination: 'bucket',
  stage: async ({ path, name, contentType }) => {
    const url = `${settings.bucketUrl}/${name}`;
    const headers = { 'content-type': contentType, 'content-length': String(statSync(path).size) };
    const reply = await fetch(url, { method: 'PUT', headers, body: createReadStream(path), duplex: 'half' });
    if (!reply.ok) throw new Error(`the bucket answered ${reply.status}`);
    return { url, expiresAtMs: null };
  },
};

/** The listing's lag is shortened, so that a lost create is looked for in test time. */
const quickCatalogue = {
  ...catalogue,
  providers: catalogue.providers.map((facts) =>
    facts.listingLagMs === null ? facts : { ...facts, listingLagMs: settings.listingLagMs ?? 200 },
  ),
};

const outcome = await runBatch({
  plan: chaosPlan(settings),
  manifestPath: join(dir, 'manifest.yaml'),
  store,
  catalogue: quickCatalogue,
  providers: wrapped,
  staging,
  laneHost: () => 'emulator',
  freeBytes: () => 1e12,
  outageBackoff: { firstMs: 300, maximumMs: 3_000 },
  keys: catalogue.providers.map(({ id, keyVariable }) => ({
    provider: id,
    variable: keyVariable,
    account: null,
    key: secret(`chaos-${id}-key`),
  })),
  random: mulberry32(seed),
  stop: stop.signal,
  version: '0.0.0',
  host: 'chaos',
}).catch((error) => ({ error: error.code ?? String(error), stack: error.stack }));
store.close();
process.stdout.write(`${JSON.stringify({ ...outcome, ...moments })}\n`);
process.exit(0);
