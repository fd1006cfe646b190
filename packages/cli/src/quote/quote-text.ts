import { formatUsd, type Micros } from '@localize/core';
import type { Paint } from '../output/paint.js';
import { tableLines } from '../output/table.js';
import type { ComparedPrice, Quotes } from './compare-quotes.js';

/** Our prices beside the providers', for people. */
export function quoteLines({ compared, unknown }: Quotes, paint: Paint): string[] {
  const rows = tableLines(
    compared.map((each) => [
      each.route,
      `${each.what}${each.isChosen ? '' : ' (runner-up)'}`,
      `ours ${usd(each.oursMicros)}`,
      `theirs ${usd(each.theirsMicros)}`,
      verdict(each),
    ]),
    [2, 3],
  );
  const lines = rows.map((row, index) =>
    compared[index]?.driftMicros === 0 ? `  ${row}` : paint('yellow', `  ${row}`),
  );
  return [
    paint('bold', 'Quotes: our prices beside the providers’'),
    ...lines,
    ...unknown.map((text) => paint('yellow', `  not known: ${text}`)),
  ];
}

export function quotesJson({ compared, unknown }: Quotes) {
  return {
    compared: compared.map(({ route, isChosen, what, oursMicros, theirsMicros, driftMicros }) => ({
      route,
      chosen: isChosen,
      what,
      ours_usd: oursMicros === null ? null : formatUsd(oursMicros),
      theirs_usd: formatUsd(theirsMicros),
      drift_usd: driftMicros === null ? null : formatUsd(driftMicros),
    })),
    unknown,
  };
}

function verdict({ driftMicros }: ComparedPrice): string {
  if (driftMicros === null) return 'only theirs is known';
  if (driftMicros === 0) return 'the same';
  return `DRIFT: theirs is $${formatUsd(Math.abs(driftMicros))} ${driftMicros > 0 ? 'more' : 'less'}`;
}

function usd(micros: Micros | null): string {
  return micros === null ? 'unknown' : `$${formatUsd(micros)}`;
}
