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
const PROVIDERS = new URL('../../providers/dist/index.js', import.meta.url).href;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'localize-large-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Sends a file to a bucket, and prints by how much that raised the peak of the process. */
const TO_BUCKET = `
const { createBucketStaging } = await import(runner);
const settings = { bucket: 'b', endpoint, region: 'eu-1', prefix: '', presignMs: 3600000, publicBaseUrl: null };
const staging = createBucketStaging(settings, { accessKeyId: key, secretAccessKey: key, sessionToken: null });
const send = (path, contentId, bytes) =>
  staging.stage({ path, contentId, bytes, name: 'a.mp4', contentType: 'video/mp4' }, new AbortController().signal);
`;

/** The same with a provider's own storage, in parts. */
const TO_FAL = `
const { fal } = await import(providers);
const connection = { hosts: { base_url: endpoint, upload_url: endpoint }, auth: 'key', key };
const send = (path, contentId, bytes) =>
  fal.upload({ path, bytes, name: 'a.mp4', contentType: 'video/mp4' }, { connection });
`;

const MEASURE = `
await send(small, smallId, 10);
const before = process.memoryUsage().rss;
let peak = before;
const look = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss); }, 20);
await send(large, largeId, ${GIB});
clearInterval(look);
console.log(JSON.stringify({ grownMib: Math.round((peak - before) / ${MIB}) }));
`;

const HEAD = `
const [runner, providers, endpoint, small, large, smallId, largeId] = process.argv.slice(1);
const key = { reveal: () => 'key' };
`;

/**
 * What grows are four parts of 5 MiB to a bucket, in buffers that are used again, and what was read and sent and the
 * collector has not got to: it lets 30 to 60 MB gather, for a file of 256 MB as for one of 2 GB.
 */
const MOST_MIB = 80;

it.each([
  ['a bucket', TO_BUCKET, 206],
  ['a provider’s storage', TO_FAL, 104],
])('keeps memory flat while a file of 1 GB goes up to %s', { timeout: 120_000 }, async (_where, send, parts) => {
  const server = await discardServer();
  try {
    const small = join(dir, 'small.mp4');
    const large = join(dir, 'large.mp4');
    writeFileSync(small, '0123456789');
    writeFileSync(large, '');
    truncateSync(large, GIB);
    const ids = [contentId([Buffer.from('0123456789')]), contentId(Array(1024).fill(Buffer.alloc(MIB)))];
    const args = [
      '--input-type=module',
      '-e',
      HEAD + send + MEASURE,
      RUNNER,
      PROVIDERS,
      server.url,
      small,
      large,
      ...ids,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { grownMib } = JSON.parse(stdout) as { grownMib: number };
    expect(server.seen.bytes).toBeGreaterThanOrEqual(GIB);
    // And one for the small file.
    expect(server.seen.parts).toBe(parts);
    expect(grownMib).toBeLessThan(MOST_MIB);
  } finally {
    await server.close();
  }
});

function contentId(chunks: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}
