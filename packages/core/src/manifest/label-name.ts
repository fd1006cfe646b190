import { RESERVED_KEY } from './reserved-keys.js';

/**
 * Whether a label may be called so: sums, budgets and `--only` write it `name=value`, and must not mix two of them up.
 */
export function isLabelName(name: string): boolean {
  return name.trim() !== '' && !name.includes('=') && name !== RESERVED_KEY;
}

/** What would be right. */
export const LABEL_NAME = 'a name without =, since a label is written name=value';
