import { durationWords, formatUsd, HOLD_REASONS, plainText, waitWords } from '@localize/core';
import type { RunEvent } from '@localize/runner';
import type { Paint } from '../output/paint.js';

/**
 * One event in words, or `null` when it is not worth a line. What a person may have to act on is always said; the rest
 * only when `verbose`.
 */
export function eventLine(event: RunEvent, options: { verbose: boolean; paint: Paint }): string | null {
  const { paint } = options;
  switch (event.type) {
    case 'job:state':
      return jobLine(event, options);
    case 'attempt:state':
      return options.verbose ? attemptLine(event) : null;
    case 'lane:paused':
      return `${event.lane} pauses for ${durationWords(event.untilMs - event.atMs)}: ${plainText(event.why)}`;
    case 'upload:paused':
      return `uploads to ${plainText(event.destination)} pause for ${durationWords(event.untilMs - event.atMs)}: ${plainText(event.why)}`;
    case 'download:paused':
      return `downloads from ${plainText(event.from)} pause for ${durationWords(event.untilMs - event.atMs)}: ${plainText(event.why)}`;
    case 'lane:closed':
      return paint('yellow', `${event.key ?? event.lane} takes no new work: ${plainText(event.why)}`);
    case 'upload:done':
      return options.verbose ? `uploaded ${plainText(event.file)}` : null;
    case 'upload:failed':
      return options.verbose ? `${plainText(event.file)} was not uploaded: ${plainText(event.message)}` : null;
    case 'delivery:done':
      return options.verbose ? `${event.key} is delivered to ${plainText(event.destination)}` : null;
    case 'delivery:failed':
      return paint(
        'yellow',
        `${event.key} could not be delivered, the next run tries again: ${plainText(event.message)}`,
      );
    case 'job:changed':
      return changedLine(event);
    case 'problem':
      return paint('yellow', event.key ? `${event.key}: ${plainText(event.message)}` : plainText(event.message));
    case 'budget:met':
      return paint('yellow', plainText(event.message));
    case 'run:stopping':
      if (event.why !== 'stop-after') return null;
      return 'the time for creates is over: no further one leaves, and open predictions are followed to their end';
    case 'run:started':
    case 'run:ended':
    case 'upload:progress':
    case 'download:progress':
      return null;
    case 'exchange':
      return options.verbose ? exchangeLine(event) : null;
  }
}

function changedLine({ key, fields, approved, waitsForMoney }: Extract<RunEvent, { type: 'job:changed' }>): string {
  if (waitsForMoney) {
    return `${key} changed since it was made (${fields.join(', ')}); making it again ${waitWords(waitsForMoney)}`;
  }
  const [state, options] = approved ? [' and is approved', '--remake --include-approved'] : ['', '--remake'];
  return `${key} changed since it was made (${fields.join(', ')})${state}; ${options} buys it again`;
}

function jobLine(
  event: Extract<RunEvent, { type: 'job:state' }>,
  { verbose, paint }: { verbose: boolean; paint: Paint },
): string | null {
  const why = event.failure ? `: ${plainText(event.failure.message)}` : '';
  if (event.to === 'failed') return paint('red', `${event.key} failed${why}`);
  if (event.to === 'held') {
    const words = event.reason ? HOLD_REASONS[event.reason].words : 'it waits for a person';
    return paint('yellow', `${event.key} is held, ${words}${why}`);
  }
  return verbose ? `${event.key} ${event.from} -> ${event.to}${why}` : null;
}

function exchangeLine({ key, method, url, status, ms, sent = '' }: Extract<RunEvent, { type: 'exchange' }>): string {
  const said = sent === '' ? '' : ` -> ${plainText(sent, 2_000)}`;
  return `${key} ${method} ${plainText(url, 1_000)} ${status ?? 'no reply'} in ${ms} ms${said}`;
}

function attemptLine(event: Extract<RunEvent, { type: 'attempt:state' }>): string {
  const id = event.predictionId ? ` ${event.predictionId}` : '';
  const cost = typeof event.costMicros === 'number' ? ` $${formatUsd(event.costMicros)}` : '';
  return `${event.key} ${event.route} on ${event.lane}: ${event.to ?? 'not sent'}${id}${cost}`;
}
