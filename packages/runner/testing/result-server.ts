import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Provider } from '@localize/core';
import { MEDIA } from './batch-fixture.js';

/** What a host does instead of serving a result. */
export type Refusal = { readonly status: number; readonly retryAfter?: number } | 'closes the connection';

export interface ResultServer {
  /** All that was asked for there, by the prediction's id. */
  readonly asked: { readonly atMs: number; readonly id: string }[];
  /** @param query tells one address of the result from another */
  urlOf(id: string, query?: string): string;
  /** Until `open` it takes no connections. */
  shut(): Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** A host of results, over real HTTP: every prediction has its own. */
export async function resultServer(
  nowMs: () => number,
  refuse: (id: string, query: string) => Refusal | null = () => null,
): Promise<ResultServer> {
  const video = readFileSync(join(MEDIA, 'welcome.mp4'));
  const asked: ResultServer['asked'] = [];
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://127.0.0.1');
    const id = pathname.slice(1);
    asked.push({ atMs: nowMs(), id });
    const refusal = refuse(id, search.slice(1));
    if (refusal === null) response.writeHead(200, { 'content-length': video.length }).end(video);
    else refuseWith(response, refusal);
  });
  let port = 0;
  const open = () =>
    new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  const shut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await open();
  return { asked, urlOf: (id, query = '') => `http://127.0.0.1:${port}/${id}?${query}`, shut, open, close: shut };
}

function refuseWith(response: ServerResponse, refusal: Refusal): void {
  if (refusal === 'closes the connection') {
    response.destroy();
    return;
  }
  const { status, retryAfter } = refusal;
  response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }).end();
}

/** A provider whose results lie where it is told. */
export function deliveringFrom(inner: Provider, urlOf: (id: string) => string): Map<string, Provider> {
  const status: Provider['status'] = async (_route, { id }) => {
    return { state: 'completed', output: { url: urlOf(String(id)) }, costMicros: null, seed: 7 };
  };
  return new Map([[inner.id, { ...inner, status }]]);
}
