const SPAN_MS = 900_000;

/**
 * How far the clocks of a time zone are ahead of UTC at a moment, in milliseconds.
 * @param timeZone a name that `Intl` knows, such as `Europe/Berlin`
 */
export function zoneOffsetMs(epochMs: number, timeZone: string): number {
  const { format, offsets } = clocksOf(timeZone);
  // Clocks are set at whole quarters of an hour everywhere, so that many moments share one look at them.
  const span = Math.floor(epochMs / SPAN_MS);
  const known = offsets.get(span);
  if (known !== undefined) return known;
  const from = span * SPAN_MS;
  const offset = Date.parse(`${format.format(from).replace(' ', 'T')}Z`) - from;
  offsets.set(span, offset);
  return offset;
}

interface Clocks {
  readonly format: Intl.DateTimeFormat;
  readonly offsets: Map<number, number>;
}

const clocks = new Map<string, Clocks>();

function clocksOf(timeZone: string): Clocks {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  // Swedish times are written as ISO 8601 has them.
  const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const made = { format, offsets: new Map<number, number>() };
  clocks.set(timeZone, made);
  return made;
}
