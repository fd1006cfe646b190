import { type ExchangeRecord, type Failure, plainText } from '@localize/core';
import type { HistoryEntry } from '@localize/runner';
import type { Paint } from './paint.js';

/** What a move of a job or of an attempt looks like in history. */
interface Move {
  readonly event?: string;
  readonly from?: string | null;
  readonly to?: string | null;
  readonly reason?: string;
  readonly predictionId?: string;
  readonly failure?: Failure;
}

const LONGEST_BODY = 20_000;

/** A job's history for people: a line an entry, and below an exchange what was sent and what was replied. */
export function historyText(entries: readonly HistoryEntry[], paint: Paint): string {
  const isNumbered = new Set(entries.flatMap(({ attempt }) => attempt ?? [])).size > 1;
  return entries.map((entry) => `${entryLines(entry, paint, isNumbered).join('\n')}\n`).join('');
}

/** @param isNumbered there are several attempts, and a settlement may have to say which it is about */
function entryLines(entry: HistoryEntry, paint: Paint, isNumbered: boolean): string[] {
  const at = paint('dim', new Date(entry.atMs).toISOString());
  const line = (text: string) => `${at}  ${entry.kind.padEnd(8)}  ${text}`;
  if (entry.kind === 'exchange') {
    const exchange = entry.data as ExchangeRecord;
    const bodies = [
      ['->', exchange.sent ?? ''],
      ['<-', exchange.body],
    ].filter(([, text]) => text !== '');
    return [
      line(exchangeWords(exchange, paint)),
      ...bodies.map(([way, text]) => paint('dim', `    ${way} ${plainText(text ?? '', LONGEST_BODY)}`)),
    ];
  }
  if (entry.kind === 'job') return [line(moveWords(entry.data as Move, paint))];
  if (entry.kind === 'attempt') {
    const number = isNumbered && entry.attempt !== null ? `${entry.attempt} at ` : '';
    const where = entry.route === null ? '' : `${number}${entry.route} on ${entry.lane}: `;
    return [line(where + moveWords(entry.data as Move, paint))];
  }
  if (entry.kind === 'taken') return [line(takenWords(entry.data as Taken))];
  return [line(plainText(JSON.stringify(entry.data)))];
}

/** A result that a job has without buying it; what is known of it, where a sidecar tells. */
interface Taken {
  readonly from: string;
  readonly route?: string;
  readonly predictionId?: string | null;
  readonly costUsd?: string | null;
  readonly madeAt?: string | null;
}

function takenWords({ from, route, predictionId, costUsd, madeAt }: Taken): string {
  const facts = [
    ...(route ? [`made on ${route}`] : []),
    ...(madeAt ? [`at ${madeAt}`] : []),
    ...(predictionId ? [`as ${predictionId}`] : []),
    ...(costUsd ? [`for $${costUsd}`] : []),
  ];
  return plainText([`the result at ${from}`, facts.join(' ')].filter(Boolean).join(', '), 1000);
}

function exchangeWords({ method, url, status, ms }: ExchangeRecord, paint: Paint): string {
  const reply = status === null ? paint('red', 'no reply') : paint(status < 400 ? 'green' : 'yellow', String(status));
  return `${method} ${plainText(url, 1000)} ${reply} in ${ms} ms`;
}

function moveWords({ event, from, to, reason, predictionId, failure }: Move, paint: Paint): string {
  const move = `${from ?? 'new'} -> ${to ?? 'taken back'} (${[event, reason].filter(Boolean).join(', ')})`;
  const why = failure ? `: ${paint('yellow', plainText(failure.message))}` : '';
  return `${move}${predictionId ? ` ${plainText(predictionId)}` : ''}${why}`;
}
