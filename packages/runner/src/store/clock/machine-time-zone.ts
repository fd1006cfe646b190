const MINUTES = 60;

/** The zone whose days and months the caps go by: what the machine's calendar has, by a name that `Intl` knows. */
export function machineTimeZone(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  // A `TZ` that names no place, as `UTC+3` does, has no name there, or one that is refused.
  if (timeZone !== undefined && !timeZone.startsWith('Etc/')) return timeZone;
  const hoursBehind = Math.round(new Date().getTimezoneOffset() / MINUTES);
  return hoursBehind === 0 ? 'UTC' : `Etc/GMT${hoursBehind > 0 ? '+' : '-'}${Math.abs(hoursBehind)}`;
}
