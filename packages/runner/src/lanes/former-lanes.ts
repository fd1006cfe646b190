import type { LaneRow } from '../store/store.js';

type Opened = Pick<LaneRow, 'id' | 'provider' | 'host' | 'display' | 'opened'>;

/**
 * Lanes whose variables all hold other keys by now, as after a rotated secret: each of these was opened with another lane
 * since. A key that comes back makes its lane the newest again.
 * @returns their ids
 */
export function formerLanes(rows: readonly Opened[]): ReadonlySet<number> {
  const newest = new Map<string, Opened>();
  for (const row of rows) {
    for (const name of namesOf(row)) {
      const known = newest.get(name);
      if (known === undefined || isLater(row, known)) newest.set(name, row);
    }
  }
  const current = new Set([...newest.values()].map(({ id }) => id));
  return new Set(rows.map(({ id }) => id).filter((id) => !current.has(id)));
}

function namesOf({ provider, host, display }: Opened): string[] {
  return display.split('+').map((variable) => `${provider} ${host} ${variable}`);
}

function isLater(row: Opened, than: Opened): boolean {
  return row.opened === than.opened ? row.id > than.id : row.opened > than.opened;
}
