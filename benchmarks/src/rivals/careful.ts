import { createHash } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyVideo } from '@localize/media';
import Database from 'better-sqlite3';
import PQueue from 'p-queue';
import { createCalls } from './make-video.js';
import { readOrder } from './order.js';

/**
 * The bare script by somebody careful: that something is bought, and under which id, is on the disk before anything else
 * is done, and each video is verified, hashed, synced and renamed. It groups no commits, and has no limits, no log, no
 * history, no tags, no sidecars and nothing that goes on after a kill: no more than what these promises themselves cost.
 */
const order = readOrder();
const { create, outputOf, fetchVideo, close } = createCalls(order);
const state = new Database(join(order.folder, 'state.db'));
state.pragma('journal_mode = WAL');
state.pragma('synchronous = FULL');
state.exec('CREATE TABLE jobs (id INTEGER PRIMARY KEY, prediction TEXT UNIQUE, output TEXT, sha256 TEXT) STRICT');
const intend = state.prepare<[number]>('INSERT INTO jobs (id) VALUES (?)');
const accept = state.prepare<[string, number]>('UPDATE jobs SET prediction = ? WHERE id = ?');
const complete = state.prepare<[string, number]>('UPDATE jobs SET output = ? WHERE id = ?');
const finish = state.prepare<[string, number]>('UPDATE jobs SET sha256 = ? WHERE id = ?');

async function make(index: number): Promise<void> {
  intend.run(index);
  const id = await create(index);
  accept.run(id, index);
  const url = await outputOf(id);
  complete.run(url, index);
  const content = Buffer.from(await (await fetchVideo(url)).body.arrayBuffer());
  const path = join(order.folder, `${index}.mp4`);
  await verifyVideo({ name: path, content });
  const sha256 = createHash('sha256').update(content).digest('hex');
  await putSynced(path, content);
  finish.run(sha256, index);
}

async function putSynced(path: string, content: Buffer): Promise<void> {
  const file = await open(`${path}.part`, 'w');
  await file.writeFile(content);
  await file.sync();
  await file.close();
  await rename(`${path}.part`, path);
  const folder = await open(order.folder, 'r');
  await folder.sync();
  await folder.close();
}

const queue = new PQueue({ concurrency: order.concurrent });
for (let index = 0; index < order.count; index += 1) void queue.add(() => make(index));
await queue.onIdle();
state.close();
await close();
