const UNITS = ['bytes', 'kB', 'MB', 'GB'] as const;

/** A size for people, in powers of a thousand: `812 kB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`;
}
