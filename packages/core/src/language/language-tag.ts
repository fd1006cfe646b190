import { suggestLanguage } from './language-slips.js';
import { isKnownSubtag, type SubtagKind } from './subtags.js';

export type LanguageReading = { readonly canonical: string } | { readonly problem: string; readonly expected: string };

const EXPECTED = 'a language tag such as de, pt-BR or es-419';
const readings = new Map<string, LanguageReading>();

/**
 * Reads a BCP 47 tag whose subtags must all be known. The canonical form (`pt-br` -> `pt-BR`, `iw` -> `he`) is the
 * identity of a track; a likely slip comes back with what was probably meant.
 */
export function readLanguageTag(tag: string): LanguageReading {
  let reading = readings.get(tag);
  if (reading === undefined) {
    reading = examine(tag);
    // A manifest uses a handful of languages; the bound is for texts that are not tags at all.
    if (readings.size < 10_000) readings.set(tag, reading);
  }
  return reading;
}

function examine(tag: string): LanguageReading {
  const problem = fault(tag);
  if (problem === null) return { canonical: new Intl.Locale(tag).toString() };
  const suggestion = suggestLanguage(tag);
  return { problem, expected: suggestion === null ? EXPECTED : suggestion };
}

function fault(tag: string): string | null {
  if (/^es-LA$/i.test(tag)) return 'is Spanish as spoken in Laos';
  if (!isWellFormed(tag)) return 'is no language tag';
  for (const { kind, subtag } of subtagsOf(tag)) {
    if (!isKnownSubtag(kind, subtag)) return `has an unknown ${kind}, ${subtag}`;
  }
  return null;
}

function isWellFormed(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The parts of a well-formed tag up to its extensions, as the user wrote them. */
function subtagsOf(tag: string): { kind: SubtagKind; subtag: string }[] {
  const parts = tag.split('-');
  const end = parts.findIndex((part) => part.length === 1);
  const [language = '', ...rest] = end === -1 ? parts : parts.slice(0, end);
  return [{ kind: 'language', subtag: language }, ...rest.map((subtag) => ({ kind: kindOf(subtag), subtag }))];
}

function kindOf(subtag: string): SubtagKind {
  if (/^(\d{3}|[a-z]{2})$/i.test(subtag)) return 'region';
  if (/^[a-z]{4}$/i.test(subtag)) return 'script';
  return 'variant';
}
