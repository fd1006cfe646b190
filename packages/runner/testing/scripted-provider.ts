import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Catalogue, FindResult, Micros, Provider, Route, StartResult, StatusResult } from '@localize/core';

/** A provider whose every answer the test decides, with a real HTTP host for its outputs. Counts what it sells. */
export interface ScriptedProvider {
  readonly provider: Provider;
  readonly catalogue: Catalogue;
  readonly starts: { readonly atMs: number; readonly id: string }[];
  /** Answers for the next starts, in order; accepted when empty. */
  readonly nextStarts: StartResult['outcome'][];
  /** Prices that accepting replies state, in order; none when empty. */
  readonly nextPrices: Micros[];
  /** What every reply waits for. */
  readonly gate: { open: Promise<void> | null };
  readonly refusal: { kind: 'rate-limit' | 'auth' | 'payment' | 'invalid-input'; retryAfterMs?: number };
  /** Status by prediction id; completed when absent. */
  readonly statuses: Map<string, StatusResult>;
  readonly found: { result: FindResult };
  /** `page`: what is served with 200 in place of the video. */
  readonly outputStatus: {
    code: number;
    truncateOnce: boolean;
    requests: number;
    page: string | null;
    padBytes: number;
  };
  close(): Promise<void>;
}

const source = { kind: 'assumed', text: 'test', date: '2026-01-01' } as const;

export const scriptedRoute: Route = {
  id: 'acme/lips',
  provider: 'acme',
  title: 'Acme Lips',
  voices: 1,
  resolutions: ['480p', '720p'],
  defaultResolution: '480p',
  prompt: 'optional',
  mask: true,
  seed: { minimum: 0, maximum: 1000 },
  frames: null,
  maximumSeconds: 600,
  options: {},
  accepts: { audio: null, video: null, image: null },
  price: { kind: 'per-second', microsPerSecond: { '480p': 30_000, '720p': 60_000 }, minimumSeconds: 5, source },
  failedPrediction: { charged: 'no', source },
  usual: { fixedSeconds: 0, secondsPerSecond: 0, source },
  poll: { everyMs: 100, source },
  timeoutMs: 60_000,
  notes: [],
};

export async function scriptedProvider(outputFile: string, now: () => number): Promise<ScriptedProvider> {
  const outputStatus = { code: 200, truncateOnce: false, requests: 0, page: null, padBytes: 0 };
  const server = await serveOutput(outputFile, outputStatus);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/out.mp4`;
  const scripted: Omit<ScriptedProvider, 'provider' | 'close' | 'catalogue'> = {
    starts: [],
    nextStarts: [],
    nextPrices: [],
    gate: { open: null },
    refusal: { kind: 'rate-limit' },
    statuses: new Map(),
    found: { result: { state: 'listed', candidates: [] } },
    outputStatus,
  };
  const completed: StatusResult = { state: 'completed', output: { url }, costMicros: null, seed: 7 };
  const provider: Provider = {
    id: 'acme',
    start: async () => {
      const result = answer(scripted, now);
      await scripted.gate.open;
      return result;
    },
    status: async (_route, reference) => scripted.statuses.get(String(reference.id)) ?? completed,
    referenceFor: (_route, id) => ({ id }),
    find: async () => scripted.found.result,
    upload: async (file) => ({ outcome: 'uploaded', url: `https://media.example/${file.name}`, keptMs: null }),
  };
  return { ...scripted, provider, catalogue: scriptedCatalogue(), close: () => closeServer(server) };
}

function answer(
  scripted: Pick<ScriptedProvider, 'starts' | 'nextStarts' | 'nextPrices' | 'refusal'>,
  now: () => number,
): StartResult {
  const outcome = scripted.nextStarts.shift() ?? 'accepted';
  if (outcome === 'unsent') return { outcome, failure: { kind: 'network', message: 'connection refused' } };
  if (outcome === 'refused') return { outcome, failure: { message: 'refused', ...scripted.refusal } };
  const id = `prediction-${scripted.starts.length + 1}`;
  scripted.starts.push({ atMs: now(), id });
  if (outcome === 'uncertain') return { outcome, failure: { kind: 'uncertain', message: 'the reply was lost' } };
  return { outcome, predictionId: id, reference: { id }, costMicros: scripted.nextPrices.shift() ?? null };
}

function scriptedCatalogue(): Catalogue {
  const limits = { creates: 100, perMs: 60_000, concurrent: 10, source };
  return {
    routes: [scriptedRoute],
    providers: [
      {
        id: 'acme',
        title: 'Acme',
        hosts: { base_url: 'https://api.acme.example' },
        ownHosts: ['api.acme.example'],
        keyVariable: 'ACME_KEY',
        keysAre: 'separate',
        auth: ['bearer'],
        limits,
        tiers: {},
        listingLagMs: 40,
        upload: { maximumBytes: null, keptMs: null },
      },
    ],
  };
}

async function serveOutput(file: string, status: ScriptedProvider['outputStatus']): Promise<Server> {
  // Read beforehand: a run may be somebody else meanwhile, who may not read the checkout.
  const read = readFileSync(file);
  const server = createServer((request, response) => {
    status.requests += 1;
    const code = request.url?.includes('expired') ? 403 : status.code;
    if (code !== 200) {
      response.writeHead(code).end();
      return;
    }
    if (status.page !== null) {
      response.writeHead(200, { 'content-type': 'text/html' }).end(status.page);
      return;
    }
    const video = Buffer.concat([read, freeBox(status.padBytes)]);
    const size = video.length;
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = from > 0 ? { 'content-range': `bytes ${from}-${size - 1}/${size}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': size - from, etag: '"one"', ...range });
    if (status.truncateOnce) {
      status.truncateOnce = false;
      const half = Math.floor((from + size) / 2) + 1;
      response.write(video.subarray(from, half), () => response.destroy());
      return;
    }
    response.end(video.subarray(from));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** A box of MP4 that players skip. */
function freeBox(bytes: number): Buffer {
  const box = Buffer.alloc(bytes);
  if (bytes > 0) box.write('free', box.writeUInt32BE(bytes));
  return box;
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
