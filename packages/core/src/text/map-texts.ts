/**
 * Plain data with every text in it replaced; names of fields are ours and stay. What holds no text that changes is
 * returned as it is: of most data nothing changes, and much of it passes here.
 */
export function mapTexts(data: unknown, replace: (text: string) => string): unknown {
  if (typeof data === 'string') return replace(data);
  if (typeof data !== 'object' || data === null) return data;
  return Array.isArray(data) ? mapItems(data, replace) : mapFields(data as Record<string, unknown>, replace);
}

function mapItems(data: readonly unknown[], replace: (text: string) => string): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (const [index, value] of data.entries()) {
    const mapped = mapTexts(value, replace);
    if (mapped === value) continue;
    copy ??= [...data];
    copy[index] = mapped;
  }
  return copy ?? data;
}

function mapFields(data: Record<string, unknown>, replace: (text: string) => string): Record<string, unknown> {
  let copy: Record<string, unknown> | null = null;
  for (const name of Object.keys(data)) {
    const mapped = mapTexts(data[name], replace);
    if (mapped === data[name]) continue;
    copy ??= { ...data };
    copy[name] = mapped;
  }
  return copy ?? data;
}
