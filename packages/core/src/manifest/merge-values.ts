type Mapping = Readonly<Record<string, unknown>>;

/** Mappings merge key by key; of anything else the nearer one holds, whole. */
export function mergeValues(near: unknown, far: unknown): unknown {
  if (!isMapping(near) || !isMapping(far)) return near;
  const merged: Record<string, unknown> = { ...near };
  for (const [key, value] of Object.entries(far)) {
    merged[key] = Object.hasOwn(near, key) ? mergeValues(near[key], value) : value;
  }
  return merged;
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
