const SPAN_MS = 900_000;

/**
 * The day of the calendar on which a moment falls, as `2026-11-21`: what a cap of a day counts, and reports split by.
 * @param timeZone a name that `Intl` knows, such as `Europe/Berlin`
 */
export function calendarDay(epochMs: number, timeZone: string): string {
  const { format, days } = calendarOf(timeZone);
  // A day begins at a whole quarter of an hour everywhere, so that many moments share one look at the calendar.
  const span = Math.floor(epochMs / SPAN_MS);
  const known = days.get(span) ?? format.format(span * SPAN_MS);
  days.set(span, known);
  return known;
}

interface Calendar {
  readonly format: Intl.DateTimeFormat;
  readonly days: Map<number, string>;
}

const calendars = new Map<string, Calendar>();

function calendarOf(timeZone: string): Calendar {
  const known = calendars.get(timeZone);
  if (known !== undefined) return known;
  // Swedish dates are written as ISO 8601 has them.
  const made = { format: new Intl.DateTimeFormat('sv', { timeZone }), days: new Map<number, string>() };
  calendars.set(timeZone, made);
  return made;
}
