import type { LanguageNames } from '../language/language-names.js';
import { readLanguageTag } from '../language/language-tag.js';
import { quote } from './fields/scalar.js';
import type { Finding } from './manifest-issue.js';
import type { Path } from './manifest-source.js';
import type { PlacedFinding } from './schema-issues.js';

/** Keys that are no language tags. A name that means one in folders and files means none here: what it stands for is said. */
export function checkTags(tags: readonly string[], path: Path, tagOf: LanguageNames): PlacedFinding[] {
  return tags.flatMap((tag) => {
    const reading = readLanguageTag(tag);
    if ('canonical' in reading) return [];
    const named = tagOf(tag);
    const isName = named !== tag;
    const finding: Finding = {
      code: 'LANGUAGE',
      message: isName
        ? `${quote(tag)} is one of \`language_names\`, which names of files and CSV columns may have; a key is a tag`
        : `${quote(tag)} ${reading.problem}`,
      expected: isName ? named : reading.expected,
    };
    return [{ place: { path: [...path, tag], part: 'key' as const }, finding }];
  });
}

/** Tags that name one language in two spellings, or twice in one. */
export function checkSpellings(
  tags: readonly unknown[],
  placeOf: (index: number) => PlacedFinding['place'],
): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  const seen = new Map<string, string>();
  for (const [index, tag] of tags.entries()) {
    const reading = typeof tag === 'string' ? readLanguageTag(tag) : null;
    if (typeof tag !== 'string' || reading === null || !('canonical' in reading)) continue;
    const first = seen.get(reading.canonical);
    if (first === undefined) seen.set(reading.canonical, tag);
    else findings.push({ place: placeOf(index), finding: sameLanguage(tag, first, reading.canonical) });
  }
  return findings;
}

function sameLanguage(tag: string, first: string, canonical: string): Finding {
  const message =
    tag === first
      ? `${quote(tag)} stands here a second time`
      : `${quote(tag)} and ${quote(first)} are one language, ${canonical}`;
  return { code: 'DUPLICATE_LANGUAGE', message, expected: 'one of them' };
}
