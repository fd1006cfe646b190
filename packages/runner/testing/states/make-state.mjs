/**
 * Makes `test/fixtures/states/<version>.db`: a state with jobs and attempts in every state, written by this version's
 * own code against the emulator. Called once at a release, see CONTRIBUTING.md.
 *
 *     node packages/runner/testing/states/make-state.mjs
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ATTEMPT_STATES, JOB_STATES, secret } from '@localize/core';
import { startEmulator } from '@localize/emulator';
import { probe } from '@localize/media';
import { catalogue, providers } from '@localize/providers';
import { bootClock, cancel, importMarks, openStore, readSnapshot, runBatch, settle } from '@localize/runner';
import Database from 'better-sqlite3';
import { chaosPlan } from '../chaos/chaos-plan.mjs';

const SCRIPT = fileURLToPath(import.meta.url);
const REPOSITORY = join(dirname(SCRIPT), '../../../..');
const STATES = join(dirname(SCRIPT), '../../test/fixtures/states');
/** Stands in the fixture for the folders that it was made in. */
const SOMEWHERE = '/srv/localize';

const EACHLABS = 'eachlabs/infinitalk';

/** What ends by itself: a batch each, with what goes wrong in it. */
const FINISHED = [
  { batch: 'done', count: 2 },
  { batch: 'failed', faults: [{ kind: 'fail-prediction' }] },
  { batch: 'refused', faults: [{ kind: 'refuse-create', status: 422 }] },
  { batch: 'uncertain', faults: [{ kind: 'create-then-drop' }, { kind: 'listing-lag', ms: 1e9 }] },
  { batch: 'abandoned', faults: [{ kind: 'create-then-drop' }, { kind: 'listing-lag', ms: 1e9 }] },
  { batch: 'lost', faults: [{ kind: 'output-status', status: 404 }] },
  { batch: 'too-short', faults: [{ kind: 'short-output', fraction: 0.3 }] },
  { batch: 'canceled', faults: [{ kind: 'refuse-create', status: 422 }] },
];

/** What a kill leaves: the run dies as a job reaches `state`. A lane each, since a run polls what is open on its own. */
const KILLED = [
  { batch: 'pending', state: 'pending', route: 'fal/infinitalk' },
  { batch: 'staging', state: 'staging', route: 'fal/infinitalk' },
  { batch: 'downloading', state: 'downloading', route: EACHLABS },
  { batch: 'processing', state: 'processing', route: 'vibedream/infinitetalk-fast' },
  // The last: any later run finds that nobody knows what came of its create.
  { batch: 'submitting', state: 'submitting', route: 'wavespeed/infinitetalk' },
];

if (process.argv[2] === undefined) await makeState();
else await runOnce(JSON.parse(process.argv[2]));

async function makeState() {
  const dir = mkdtempSync(join(tmpdir(), 'localize-state-'));
  const emulator = await startEmulator({ dir: join(dir, 'emulator'), speed: 500 });
  const settings = { dir, endpoints: emulator.endpoints, bucketUrl: emulator.bucketUrl, durations: await durations() };
  try {
    for (const [index, { batch, faults = [], count = 1 }] of FINISHED.entries()) {
      emulator.setFaults(faults);
      await runOnce({ ...settings, batch, count, routes: [EACHLABS], firstTake: 10 * index });
      console.log(batch);
    }
    emulator.setFaults([]);
    await actByHand(dir);
    for (const [index, { batch, state, route }] of KILLED.entries()) {
      const own = { ...settings, batch, count: 1, routes: [route], firstTake: 100 + index, killAt: state };
      const { signal, stderr } = await runInChild(own);
      if (signal !== 'SIGKILL') throw new Error(`${batch} was not killed: ${stderr}`);
      console.log(batch);
    }
    console.log(writeFixture(dir));
  } finally {
    await emulator.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What users do: one gives a lost create up, one cancels, two reviewers disagree. */
async function actByHand(dir) {
  const store = openStore(statePath(dir));
  const act = (batch) => ({ store, batch, clock: bootClock(store), host: 'fixture' });
  await settle(act('abandoned'), 'video-0/de', { kind: 'abandon' });
  await cancel(act('canceled'), { only: () => true, askProvider: async () => null });
  const { jobs } = readSnapshot(store, { batch: 'done', manifest: 'done.yaml', emulated: false, nowMs: Date.now() });
  const [{ key, outputSha256: sha256 }] = jobs;
  const mark = { key, sha256, route: null, note: 'lips are late', atMs: Date.now() };
  importMarks(store, 'done', [
    { ...mark, reviewer: 'Ana', verdict: 'redo' },
    { ...mark, reviewer: 'Ben', verdict: 'approve' },
  ]);
  store.close();
}

async function runOnce(settings) {
  const { dir, batch, killAt } = settings;
  const store = openStore(statePath(dir));
  const die = (event) => {
    const reached = event.type === 'job:state' && event.to === killAt;
    if (reached || (killAt === 'pending' && event.type === 'run:started')) process.kill(process.pid, 'SIGKILL');
  };
  const outcome = await runBatch({
    plan: chaosPlan({ ...settings, tag: batch }),
    manifestPath: join(dir, `${batch}.yaml`),
    store,
    catalogue: quickCatalogue(),
    providers,
    staging: { destination: 'bucket', stage: (file) => putFile(settings.bucketUrl, file) },
    laneHost: () => 'emulator',
    freeBytes: () => 1e12,
    outageBackoff: { firstMs: 300, maximumMs: 3_000 },
    keys: catalogue.providers.map(({ id, keyVariable }) => ({
      provider: id,
      variable: keyVariable,
      account: null,
      key: secret(`fixture-${id}-key`),
    })),
    random: () => 0.1,
    onEvent: killAt === undefined ? () => undefined : die,
    version: version(),
    host: 'fixture',
  });
  store.close();
  return outcome;
}

/** Beside this process, in which the emulator answers. */
function runInChild(settings) {
  const args = [SCRIPT, JSON.stringify(settings)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.once('close', (_code, signal) => resolve({ signal, stderr })));
}

async function putFile(bucketUrl, { path, name, contentType }) {
  const url = `${bucketUrl}/${name}`;
  const reply = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': contentType },
    body: readFileSync(path),
  });
  if (!reply.ok) throw new Error(`the bucket answered ${reply.status}`);
  return { url, expiresAtMs: null };
}

/** A lost create is looked for at once, and not a minute later. */
function quickCatalogue() {
  const quick = catalogue.providers.map((facts) =>
    facts.listingLagMs === null ? facts : { ...facts, listingLagMs: 200 },
  );
  return { ...catalogue, providers: quick };
}

async function durations() {
  const media = join(REPOSITORY, 'manifests/media');
  const names = ['audio/de/welcome.mp3', 'audio/fr/safety.mp3'];
  const entries = names.map(async (name) => [name, (await probe(join(media, name))).durationMs]);
  return Object.fromEntries(await Promise.all(entries));
}

/** One file without a log beside it, and without a word about where it was made. */
function writeFixture(dir) {
  const sqlite = new Database(statePath(dir));
  for (const [from, to] of [
    [join(REPOSITORY, '/'), `${SOMEWHERE}/repository/`],
    [dir, SOMEWHERE],
  ])
    replaceText(sqlite, from, to);
  refuseHoles(sqlite);
  mkdirSync(STATES, { recursive: true });
  const file = join(STATES, `${version()}.db`);
  rmSync(file, { force: true });
  sqlite.prepare('VACUUM INTO ?').run(file);
  sqlite.close();
  return file;
}

function replaceText(sqlite, from, to) {
  const tables = sqlite.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all();
  for (const table of tables) {
    const columns = sqlite.pragma(`table_info(${table})`).filter(({ type }) => type === 'TEXT');
    for (const { name } of columns) {
      sqlite
        .prepare(`UPDATE ${table} SET ${name} = replace(${name}, ?, ?) WHERE instr(${name}, ?)`)
        .run(from, to, from);
    }
  }
}

/** A fixture that lacks a state would test less than it says. */
function refuseHoles(sqlite) {
  const has = (table) => sqlite.prepare(`SELECT DISTINCT state FROM ${table}`).pluck().all();
  const [jobs, attempts] = [has('jobs'), has('attempts')];
  const missing = [
    ...JOB_STATES.filter((state) => !jobs.includes(state)).map((state) => `no job is ${state}`),
    ...ATTEMPT_STATES.filter((state) => !attempts.includes(state)).map((state) => `no attempt is ${state}`),
  ];
  if (missing.length > 0) throw new Error(missing.join(', '));
}

function statePath(dir) {
  return join(dir, '.localize', 'state.db');
}

function version() {
  return JSON.parse(readFileSync(join(REPOSITORY, 'packages/cli/package.json'), 'utf8')).version;
}
