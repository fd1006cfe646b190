import { LocalizeError } from '@localize/core';
import type { Selection } from './select-jobs.js';

const LISTS = ['only', 'lang', 'video', 'provider'] as const;

/**
 * An option that names nothing asks for nothing: a variable that was not set, or a list that a program computed and that
 * came out empty, must not buy everything.
 * @throws LocalizeError USAGE
 */
export function refuseEmpty(selection: Selection): void {
  for (const name of LISTS) {
    const given = selection[name];
    if (given !== undefined) refuseEmptyItems(name, given, `leave \`--${name}\` out for all jobs`);
  }
}

/** @throws LocalizeError USAGE when an option's values name nothing, or have a gap between their commas */
export function refuseEmptyItems(option: string, given: string | readonly string[], hint: string): void {
  const items = [given].flat().flatMap(itemsOf);
  if (items.length > 0 && !items.includes('')) return;
  const what = items.every((item) => item === '') ? 'is empty' : 'has an empty item';
  throw new LocalizeError('USAGE', `\`--${option}\` ${what}`, { hint });
}

/** `a,b` is two, `{a,b}` one. */
export function itemsOf(text: string): string[] {
  return text.split(/,(?![^{}]*\})/).map((item) => item.trim());
}
