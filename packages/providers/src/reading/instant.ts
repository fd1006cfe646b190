/** An ISO time in a reply, in epoch milliseconds; without a zone it is taken for UTC. `null` for anything else. */
export function readInstant(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return null;
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`;
  const atMs = Date.parse(zoned);
  return Number.isNaN(atMs) ? null : atMs;
}
