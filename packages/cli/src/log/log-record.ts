import { count, HOLD_REASONS, type ManifestIssue, waitWords } from '@localize/core';
import type { RunEvent } from '@localize/runner';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of a log: plain data, in the words of the events. */
export interface LogRecord {
  readonly level: LogLevel;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly event: string;
  /** For people. */
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** What a log keeps of an event; `null`: nothing, since it comes a hundred times a second. */
export function logRecord(event: RunEvent): LogRecord | null {
  if (event.type === 'download:progress' || event.type === 'upload:progress') return null;
  const { atMs, type, ...fields } = event;
  const said = 'message' in fields ? { ...fields, message: undefined } : fields;
  return { level: levelOf(event), atMs, event: type, msg: wordsOf(event), ...said };
}

/** A mistake of a manifest, or what is worth saying of it. */
export function issueRecord(issue: ManifestIssue, atMs: number): LogRecord {
  const { severity, message, ...fields } = issue;
  return { level: severity === 'error' ? 'error' : 'warn', atMs, event: 'manifest:issue', msg: message, ...fields };
}

function levelOf(event: RunEvent): LogLevel {
  switch (event.type) {
    case 'exchange':
      return event.status !== null && event.status < 400 ? 'debug' : 'warn';
    case 'job:state':
      if (event.to === 'failed') return 'error';
      return event.to === 'held' ? 'warn' : 'info';
    case 'attempt:state':
      return event.failure === undefined ? 'info' : 'warn';
    case 'lane:paused':
    case 'upload:paused':
    case 'download:paused':
    case 'lane:closed':
    case 'budget:met':
    case 'upload:failed':
    case 'delivery:failed':
    case 'problem':
      return 'warn';
    default:
      return 'info';
  }
}

function wordsOf(event: RunEvent): string {
  switch (event.type) {
    case 'exchange':
      return `${event.method} ${event.url} ${event.status ?? 'no reply'} in ${event.ms} ms`;
    case 'job:state': {
      const why = event.reason ? `, ${HOLD_REASONS[event.reason].words}` : '';
      return `${event.key} ${event.from} -> ${event.to}${why}${event.failure ? `: ${event.failure.message}` : ''}`;
    }
    case 'attempt:state':
      return `${event.key} on ${event.route}: ${event.from ?? 'new'} -> ${event.to ?? 'not sent'}`;
    case 'lane:paused':
      return `${event.lane}: ${event.why}`;
    case 'upload:paused':
      return `uploads to ${event.destination}: ${event.why}`;
    case 'download:paused':
      return `downloads from ${event.from}: ${event.why}`;
    case 'lane:closed':
      return `${event.key ?? event.lane}: ${event.why}`;
    case 'problem':
      return event.key ? `${event.key}: ${event.message}` : event.message;
    case 'budget:met':
      return event.message;
    case 'run:started':
      return `${event.batch}: ${count(event.jobs, 'job')}, ${event.done} of them done before`;
    case 'run:stopping':
    case 'run:ended':
      return `${event.type}: ${event.why}`;
    case 'job:changed':
      return `${event.key} changed since it was made: ${event.fields.join(', ')}${event.waitsForMoney ? `; making it again ${waitWords(event.waitsForMoney)}` : ''}`;
    case 'upload:done':
      return `uploaded ${event.file} to ${event.destination}`;
    case 'upload:failed':
      return `${event.file} was not uploaded to ${event.destination}: ${event.message}`;
    case 'delivery:done':
      return `delivered ${event.key} to ${event.destination}`;
    case 'delivery:failed':
      return `${event.key} was not delivered to ${event.destination}: ${event.message}`;
    case 'download:progress':
    case 'upload:progress':
      return '';
  }
}
