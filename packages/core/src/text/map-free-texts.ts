/**
 * Fields whose texts are names and closed words, by which a program reads the rest. A key that happens to be such a word
 * ("test") must not change them; whatever else a record holds may be anybody's text.
 */
const STRUCTURAL: ReadonlySet<string> = new Set([
  'time',
  'level',
  'type',
  'event',
  'batch',
  'key',
  'route',
  'lane',
  'provider',
  'runId',
  'attemptId',
  'predictionId',
  'from',
  'to',
  'state',
  'reason',
  'kind',
  'costSource',
  'method',
]);

/**
 * Plain data with every free text in it replaced; names of fields are ours and stay, and so do the texts of structural
 * fields. What holds no text that changes is returned as it is: of most data nothing changes, and much of it passes here.
 */
export function mapFreeTexts(data: unknown, replace: (text: string) => string): unknown {
  if (typeof data === 'string') return replace(data);
  if (typeof data !== 'object' || data === null) return data;
  return Array.isArray(data) ? mapItems(data, replace) : mapFields(data as Record<string, unknown>, replace);
}

function mapItems(data: readonly unknown[], replace: (text: string) => string): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (const [index, value] of data.entries()) {
    const mapped = mapFreeTexts(value, replace);
    if (mapped === value) continue;
    copy ??= [...data];
    copy[index] = mapped;
  }
  return copy ?? data;
}

function mapFields(data: Record<string, unknown>, replace: (text: string) => string): Record<string, unknown> {
  let copy: Record<string, unknown> | null = null;
  for (const name of Object.keys(data)) {
    if (typeof data[name] === 'string' && STRUCTURAL.has(name)) continue;
    const mapped = mapFreeTexts(data[name], replace);
    if (mapped === data[name]) continue;
    copy ??= { ...data };
    copy[name] = mapped;
  }
  return copy ?? data;
}
