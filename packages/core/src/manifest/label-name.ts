import { RESERVED_KEY } from './reserved-keys.js';

/**
 * Whether a label may be called so: sums, budgets and `--only` write it `name=value`, and must not mix two of them up.
 */
export function isLabelName(name: string): boolean {
  return name.trim() !== '' && !name.includes('=') && name !== RESERVED_KEY;
}

/** One spelling of each name and value: `é` may be written as one sign or as two, and looks the same. */
export function canonicalLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(labels);
  if (entries.every((entry) => entry.every((text) => canonicalLabel(text) === text))) return labels;
  return Object.fromEntries(entries.map(([name, value]) => [canonicalLabel(name), canonicalLabel(value)]));
}

/** The same of a name or a value. */
export function canonicalLabel(text: string): string {
  return text.normalize('NFC');
}

/** What would be right. */
export const LABEL_NAME = 'a name without =, since a label is written name=value';
