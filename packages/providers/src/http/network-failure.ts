import type { Failure } from '@localize/core';
import type { Deadline } from './deadline.js';
import type { Redact } from './redact.js';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'the reply is larger than any reply should be',
};

/** Why no whole reply came. The code is the runtime's; nothing branches on its text. */
export function networkFailure(error: unknown, host: string, deadline: Deadline, redact: Redact): Failure {
  const ended = deadline.ended();
  if (ended === 'timeout') {
    return { kind: 'network', code: 'TIMEOUT', message: `${host}: no reply in time` };
  }
  if (ended === 'aborted') {
    return { kind: 'network', code: 'ABORTED', message: `${host}: stopped before the reply came` };
  }
  const code = errorCode(error);
  const words = (code && WORDS[code]) ?? (error instanceof Error ? error.message : 'no reply');
  return { kind: 'network', code, message: redact(`${host}: ${words}`) };
}

/** Happy-eyeballs connects report an aggregate: the first address's error stands for all. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return errorCode(error.errors[0]);
  return undefined;
}
