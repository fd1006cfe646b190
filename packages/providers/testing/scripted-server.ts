import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request as the server saw it. */
export interface Seen {
  readonly method: string;
  /** Path and query, as they came. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Number of the connection that it came on, from 1. */
  readonly connection: number;
}

/** A fixed reply. A `body` that is no string is sent as JSON. */
export interface Canned {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Answers by a canned reply, or does with the connection what it likes and returns nothing. */
export type Script = (
  seen: Seen,
  response: ServerResponse,
  request: IncomingMessage,
) => Canned | undefined | Promise<Canned | undefined>;

/** A loopback HTTP server that keeps every request and answers as it is told. One a test; close it at the end. */
export interface ScriptedServer {
  readonly url: string;
  readonly seen: readonly Seen[];
  answer(script: Script): void;
  close(): Promise<void>;
}

export async function startScriptedServer(script: Script = () => ({ status: 404 })): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  const sockets = new Map<Socket, number>();
  let connections = 0;
  let current = script;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const one: Seen = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks),
      connection: sockets.get(request.socket) ?? 0,
    };
    seen.push(one);
    const canned = await current(one, response, request);
    if (canned !== undefined) send(response, canned);
  });
  // However slow the machine is, no client gives up an idle connection meanwhile.
  server.keepAliveTimeout = 300_000;
  server.on('connection', (socket) => {
    connections += 1;
    sockets.set(socket, connections);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer: (next) => {
      current = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets.keys()) socket.destroy();
      }),
  };
}

/** A loopback address where nothing listens. */
export async function closedAddress(): Promise<string> {
  const server = await startScriptedServer();
  await server.close();
  return server.url;
}

function send(response: ServerResponse, { status = 200, headers = {}, body = '' }: Canned): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(text);
}
