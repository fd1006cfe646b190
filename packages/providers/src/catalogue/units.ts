export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Decimal, as providers state file sizes: the smaller reading never promises an upload that is then refused. */
export const MEGABYTE = 1_000_000;
