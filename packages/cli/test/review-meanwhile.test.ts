import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type ReportJson, type ReviewMark, writeReview } from '@localize/report';
import { expect, onTestFinished, test } from 'vitest';
import { folderWith, localize, startLocalize, waitFor } from './support/cli.js';
import { HOLDER_KEYS, serveProviders } from './support/manifests.js';

/** A provider behind a gate: while that is shut, nobody is told what became of a prediction. */
async function gatedAt(url: string) {
  let opened: Promise<void> = Promise.resolve();
  const server = createServer(async (incoming, outgoing) => {
    if (incoming.method === 'GET') await opened;
    const options = { method: incoming.method, headers: incoming.headers };
    const passedOn = request(new URL(incoming.url ?? '', url), options, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    incoming.pipe(passedOn);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const shut = () => {
    let open = () => {};
    opened = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(url).pathname}`, shut };
}

const manifestAt = (eachlabs: string, wavespeed: string) => `version: 1
batch: small
providers:
  eachlabs: { base_url: ${eachlabs}, keys: [EACHLABS_API_KEY], price: { usd_per_second: 0.04 }, limits: { concurrent: 1 }, poll: { first: 100ms, every: 100ms } }
  wavespeed: { base_url: ${wavespeed}, keys: [WAVESPEED_API_KEY], poll: { first: 100ms, every: 100ms } }
videos:
  - id: safety
    source: ./media/safety.mp4
    tracks:
      de: { audio: ./media/audio/de/safety.mp3, provider: eachlabs }
      fr: { audio: ./media/audio/fr/safety.mp3, provider: eachlabs }
      ja: { audio: ./media/audio/ja/safety.mp3, provider: wavespeed/infinitetalk }
`;

test('reviews that come in while a run is at work count for what it has not bought yet', async () => {
  const folder = folderWith({}, { media: true });
  const { eachlabs, wavespeed } = await serveProviders(folder);
  const gate = await gatedAt(eachlabs.baseUrl);
  const written = manifestAt(gate.url, wavespeed.baseUrl);
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('manifest.yaml', written);
  expect(await localize(folder, ['--yes'], HOLDER_KEYS)).toMatchObject({ exit: 0 });
  const read = async () => JSON.parse((await localize(folder, ['report', '--format', 'json'])).stdout) as ReportJson;
  const { jobs } = await read();

  write('manifest.yaml', written.replaceAll('provider: eachlabs }', 'provider: eachlabs, prompt: slowly }'));
  const open = gate.shut();
  const running = startLocalize(folder, ['--yes', '--remake', '--verbose'], HOLDER_KEYS);
  await waitFor(running.stderr, ': accepted');
  // Whichever was staged sooner has the slot.
  const first = /(safety\/\w+) eachlabs.*: accepted/.exec(running.stderr())?.[1];
  const [german, french, japanese] = jobs;
  const other = first === german?.key ? french : german;
  const mark = (job: typeof other, verdict: ReviewMark['verdict']): ReviewMark => {
    const { key = '', output_sha256: sha256 } = job ?? {};
    return { key, sha256: sha256 ?? '', verdict, route: null, note: '', at: '2026-03-14T10:00:00.000Z' };
  };
  write('eve.json', writeReview('small', 'Eve', [mark(other, 'approve'), mark(japanese, 'redo')]));
  expect((await localize(folder, ['review', 'eve.json'])).exit).toBe(0);
  open();
  const { exit, stdout, stderr } = await running.finished;

  expect([exit, stderr]).toEqual([
    0,
    expect.stringContaining(`${other?.key}: a reviewer has approved it: it keeps its video, and no other is bought\n`),
  ]);
  expect(stderr).toContain(`${other?.key} changed since it was made (prompt) and is approved`);
  const report = JSON.parse(readFileSync(join(folder, 'localized/small/report/report.json'), 'utf8')) as ReportJson;
  const after = (key = '') => report.jobs.find((job) => job.key === key);
  expect([first, other?.key, japanese?.key].map((key) => after(key)?.attempts.length)).toEqual([2, 1, 1]);
  expect(after(other?.key)).toMatchObject({ state: 'succeeded', output_sha256: other?.output_sha256 });
  // It was asked for after the run had made its plan: it waits, and nobody has edited anything.
  expect(after(japanese?.key)?.redo).toMatchObject({
    waits: true,
    overtaken: false,
    estimated_usd: expect.any(String),
  });
  expect(stdout).toMatch(/1 video waits to be made again, for about \$[\d.]+/);
  expect(stdout).not.toContain('edited since');
}, 240_000);
