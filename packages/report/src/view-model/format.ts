import { formatUsd, localIso, MICROS_PER_USD, type Micros, plainText, zoneOffsetMs } from '@localize/core';

const UNKNOWN = 'unknown';
const LEAST_SHOWN: Micros = 100;

/**
 * For people: `1234567890` -> `$1,234.57`, `12345` -> `$0.0123`; an amount that nobody knows reads `unknown`. Cents from
 * one dollar on, four decimals below, and something is never shown as nothing. JSON and CSV have every digit.
 */
export function formatMoney(micros: Micros | null): string {
  if (micros === null) return UNKNOWN;
  const size = Math.abs(micros);
  if (size > 0 && size < LEAST_SHOWN) return `under $${formatUsd(LEAST_SHOWN)}`;
  const text = formatUsd(shownMicros(size));
  const [whole = '0', fraction = '00'] = text.split('.');
  return `${micros < 0 ? '-' : ''}$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction}`;
}

/** An amount that has to suffice: never shown as less than it is. */
export function formatNeeded(micros: Micros): string {
  return formatMoney(Math.ceil(micros / CENT) * CENT);
}

const CENT = MICROS_PER_USD / 100;

/** An amount as {@link formatMoney} shows it. */
export function shownMicros(micros: Micros): Micros {
  const step = Math.abs(micros) >= MICROS_PER_USD ? CENT : LEAST_SHOWN;
  return Math.round(micros / step) * step;
}

/** `31200` -> `31.2 s`, `245000` -> `4 min 05 s`, `7500000` -> `2 h 05 min`. */
export function formatDuration(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  if (ms < 60_000) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** The same for a column of times, whose figures end below each other: `7000` -> `7.0 s`, `13` -> `13 ms`. */
export function formatTimeFigure(ms: number | null): string {
  if (ms === null || ms >= 59_950) return formatDuration(ms);
  return ms < 100 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A period that somebody set: `60000` -> `1 min`, `1000` -> `1 s`. */
export function formatPeriod(ms: number): string {
  return ms >= 60_000 && ms % 60_000 === 0 ? `${formatNumber(ms / 60_000)} min` : formatDuration(ms);
}

/** A length as {@link formatDuration} shows it. */
export function shownDurationMs(ms: number): number {
  const step = ms < 60_000 ? 100 : ms < 3_600_000 ? 1000 : 60_000;
  return Math.round(ms / step) * step;
}

/** By the clocks of a time zone: `2026-11-21 09:05 UTC+1`. */
export function formatTime(epochMs: number | null, timeZone: string): string {
  if (epochMs === null) return UNKNOWN;
  return `${localIso(epochMs, timeZone).slice(0, 16).replace('T', ' ')} ${formatZone(epochMs, timeZone)}`;
}

/** The same to the second: `2026-11-21 09:05:17 UTC+1`. */
export function formatSecond(epochMs: number, timeZone: string): string {
  return `${localIso(epochMs, timeZone).slice(0, 19).replace('T', ' ')} ${formatZone(epochMs, timeZone)}`;
}

/** How far its clocks are from UTC at a moment: `UTC+1`, `UTC-3:30`, `UTC`. */
export function formatZone(epochMs: number, timeZone: string): string {
  const minutes = Math.round(zoneOffsetMs(epochMs, timeZone) / 60_000);
  if (minutes === 0) return 'UTC';
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? '-' : '+'}${hours}${rest === 0 ? '' : `:${twoDigits(rest)}`}`;
}

/** Whose clocks and days those of a report are. */
export function zoneWords(timeZone: string, show: (name: string) => string = plainText): string {
  return `Times and days are those of ${show(zoneName(timeZone))}`;
}

/** `Europe/Berlin`; a zone that is no place's has a name with its sign the other way round, and reads `UTC-3`. */
export function zoneName(timeZone: string): string {
  return timeZone.startsWith('Etc/') ? formatZone(0, timeZone) : plainText(timeZone, 40);
}

/** `formatCount(1, 'job')` -> `1 job`; `formatCount(1200, 'job')` -> `1,200 jobs`. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(count)} ${count === 1 ? noun : plural}`;
}

/** `12345` -> `12,345`, the same on every machine. */
export function formatNumber(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** A position in a video: `75.4` seconds -> `1:15.4`. */
export function formatClock(seconds: number): string {
  const tenths = Math.floor(seconds * 10);
  return `${Math.floor(tenths / 600)}:${twoDigits(Math.floor((tenths % 600) / 10))}.${tenths % 10}`;
}
