import type { CallContext, Failure } from '@localize/core';
import type { Dispatcher } from 'undici';
import { type Deadline, openDeadline } from './deadline.js';
import { networkFailure } from './network-failure.js';
import { createRedactor, type Redact, redactSent, redactUrl } from './redact.js';

/** A whole reply, whatever it says. */
export interface Reply {
  readonly arrived: true;
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The parsed body; `undefined` when it is no JSON. */
  readonly json: unknown;
  readonly redact: Redact;
}

/** No whole reply. */
export interface NoReply {
  readonly arrived: false;
  /** Whether any byte of the request may have left. */
  readonly sent: boolean;
  readonly failure: Failure;
}

export type Exchange = Reply | NoReply;

export function notSent(failure: Failure): NoReply {
  return { arrived: false, sent: false, failure };
}

/** A request that is ready to go. Nothing here follows a redirect or sends anything twice. */
export interface Outgoing {
  readonly method: Dispatcher.HttpMethod;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Dispatcher.DispatchOptions['body'];
  /** Whether the URL is one of the provider's own, and not one that the provider signed for us. */
  readonly own: boolean;
  readonly timeoutMs: number;
}

/** The head of a reply, and what is to be done with its body. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Throws where the body breaks off, or is larger than {@link MAX_REPLY_BYTES}. */
  readonly text: () => Promise<string>;
  /** Lets the body go that nobody reads to its end. */
  readonly drop: () => void;
}

export interface Wire {
  /** Throws where no reply came. It may leave a request that `signal` ends to be ended by `close`. */
  readonly send: (outgoing: Outgoing, signal: AbortSignal) => Promise<Answer>;
  /** Called once, when the exchange is over; tells whether any byte may have left. None leaves afterwards. */
  readonly close: () => boolean;
}

/** The largest reply that is read: listings with their payloads stay far below. */
export const MAX_REPLY_BYTES = 16 * 1024 * 1024;

/** Without `identity` a server may compress, and a reply that cannot be read would make a create uncertain. */
const OWN_HEADERS = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'localize' } as const;

/** How much of a reply's body and of a request's the log keeps, in characters: what was asked for is kept whole. */
const RECORDED_BODY = 500;
const RECORDED_SENT = 20_000;

/** Sends one request over one wire and waits for the whole reply. Never throws for what a server does. */
export async function exchange(outgoing: Outgoing, wire: Wire, context: CallContext): Promise<Exchange> {
  const redact = createRedactor(context.connection);
  const startedAt = performance.now();
  const deadline = openDeadline(outgoing.timeoutMs, context.signal);
  let outcome: Exchange;
  try {
    if (deadline.ended() !== null) throw deadline.signal.reason;
    outcome = await receive(outgoing, wire, deadline, redact);
    wire.close();
  } catch (error) {
    const sent = wire.close();
    outcome = { arrived: false, sent, failure: networkFailure(error, outgoing.url.host, deadline, redact) };
  } finally {
    deadline.close();
  }
  record(outgoing, outcome, Math.round(performance.now() - startedAt), redact, context);
  return outcome;
}

async function receive(outgoing: Outgoing, wire: Wire, deadline: Deadline, redact: Redact): Promise<Reply> {
  const headers = { ...OWN_HEADERS, ...outgoing.headers };
  const answer = await deadline.race(wire.send({ ...outgoing, headers }, deadline.signal));
  const text = await readText(answer, deadline);
  return {
    arrived: true,
    status: answer.status,
    headers: flatten(answer.headers),
    text,
    json: parseJson(text),
    redact,
  };
}

/**
 * A refusal is explicit once its status line is here, so a body that breaks off afterwards is read as empty. A success
 * without its whole body says nothing, and counts as no reply.
 */
async function readText(answer: Answer, deadline: Deadline): Promise<string> {
  try {
    return await deadline.race(answer.text());
  } catch (error) {
    answer.drop();
    if (answer.status >= 200 && answer.status < 300) throw error;
    return '';
  }
}

function flatten(headers: Answer['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) flat[name.toLowerCase()] = first;
  }
  return flat;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function record(outgoing: Outgoing, outcome: Exchange, ms: number, redact: Redact, context: CallContext): void {
  try {
    context.onExchange?.({
      method: outgoing.method,
      url: redactUrl(outgoing.url, outgoing.own, redact),
      status: outcome.arrived ? outcome.status : null,
      ms,
      requestId: outcome.arrived ? serverId(outcome, redact) : null,
      sent: sentWords(outgoing, redact),
      body: outcome.arrived ? redact(outcome.text.slice(0, 4 * RECORDED_BODY), RECORDED_BODY) : '',
    });
  } catch {
    // A log that fails must not lose the id in the reply that it was about.
  }
}

/** Bytes of media are no part of a log. */
function sentWords({ body, headers }: Outgoing, redact: Redact): string {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return redactSent(body, redact, RECORDED_SENT);
  const [bytes, type] = ['content-length', 'content-type'].map((name) => headerOf(headers, name));
  return redact(`${bytes ?? 'some'} bytes${type === undefined ? '' : ` of ${type}`}`);
}

function headerOf(headers: Outgoing['headers'], wanted: string): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** Under which names servers tell the id of a request. */
const ID_HEADERS = ['x-fal-request-id', 'x-request-id', 'request-id', 'x-amzn-requestid', 'cf-ray'];

function serverId({ headers }: Reply, redact: Redact): string | null {
  const id = ID_HEADERS.flatMap((name) => headers[name] ?? [])[0];
  return id === undefined ? null : redact(id, 100);
}
