import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { discardServer } from '../testing/discard-server.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const RUNNER = new URL('../dist/index.js', import.meta.url).href;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'localize-large-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Stages a small file, then the large one, and prints by how much the second raised the peak. */
const CHILD = `
const [runner, endpoint, small, large, contentIds] = process.argv.slice(1);
const { createBucketStaging } = await import(runner);
const key = { reveal: () => 'key' };
const settings = { bucket: 'b', endpoint, region: 'eu-1', prefix: '', presignMs: 3600000, publicBaseUrl: null };
const staging = createBucketStaging(settings, { accessKeyId: key, secretAccessKey: key, sessionToken: null });
const [smallId, largeId] = contentIds.split(',');
const stage = (path, contentId, bytes) =>
  staging.stage({ path, contentId, bytes, name: 'a.mp4', contentType: 'video/mp4' }, new AbortController().signal);
await stage(small, smallId, 10);
const before = process.memoryUsage().rss;
let peak = before;
const look = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss); }, 20);
await stage(large, largeId, ${GIB});
clearInterval(look);
console.log(JSON.stringify({ grownMib: Math.round((peak - before) / ${MIB}) }));
`;

it('keeps memory flat while a file of 1 GB goes up', { timeout: 120_000 }, async () => {
  const server = await discardServer();
  try {
    const small = join(dir, 'small.mp4');
    const large = join(dir, 'large.mp4');
    writeFileSync(small, '0123456789');
    writeFileSync(large, '');
    truncateSync(large, GIB);
    const ids = `${contentId([Buffer.from('0123456789')])},${contentId(Array(1024).fill(Buffer.alloc(MIB)))}`;
    const args = ['--input-type=module', '-e', CHILD, RUNNER, server.url, small, large, ids];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { grownMib } = JSON.parse(stdout) as { grownMib: number };
    expect(server.seen.bytes).toBeGreaterThanOrEqual(GIB);
    // And one for the small file.
    expect(server.seen.parts).toBe(206);
    // About 60: a part, its copy, and what the collector has not got to yet.
    expect(grownMib).toBeLessThan(80);
  } finally {
    await server.close();
  }
});

function contentId(chunks: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}
