/** One thing that `localize doctor` looked at. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was looked at. */
  readonly about: string;
  readonly found: string;
  /** How to mend it; `null` when nothing is wrong. */
  readonly mend: string | null;
}

export function ok(about: string, found: string): Finding {
  return { level: 'ok', about, found, mend: null };
}

export function warn(about: string, found: string, mend: string): Finding {
  return { level: 'warn', about, found, mend };
}

export function fail(about: string, found: string, mend: string): Finding {
  return { level: 'fail', about, found, mend };
}
