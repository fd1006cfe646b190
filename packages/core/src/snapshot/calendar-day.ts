import { zoneOffsetMs } from './zone-offset.js';

/**
 * The day of the calendar on which a moment falls, as `2026-11-21`: what a cap of a day counts, and reports split by.
 * @param timeZone a name that `Intl` knows, such as `Europe/Berlin`
 */
export function calendarDay(epochMs: number, timeZone: string): string {
  return localIso(epochMs, timeZone).slice(0, 10);
}

/** What the clocks of a time zone show at a moment, as `2026-11-21T09:05:00.000`. */
export function localIso(epochMs: number, timeZone: string): string {
  return new Date(epochMs + zoneOffsetMs(epochMs, timeZone)).toISOString().slice(0, -1);
}
