/** An ISO time in a reply, in epoch milliseconds; without a zone it is taken for UTC. `null` for anything else. */
export function readInstant(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return null;
  const atMs = Date.parse(hasZone(value) ? value : `${value}Z`);
  return Number.isNaN(atMs) ? null : atMs;
}

/** Whether a time says which zone's it is. */
export function hasZone(value: string): boolean {
  return /(?:Z|[+-]\d\d:?\d\d)$/i.test(value);
}
