import extlangs from 'language-subtag-registry/data/json/extlang.json' with { type: 'json' };
import languages from 'language-subtag-registry/data/json/language.json' with { type: 'json' };
import regions from 'language-subtag-registry/data/json/region.json' with { type: 'json' };
import scripts from 'language-subtag-registry/data/json/script.json' with { type: 'json' };
import variants from 'language-subtag-registry/data/json/variant.json' with { type: 'json' };

/** Subtags of the IANA registry, in lower case. */
const KNOWN = {
  language: keySet(languages),
  extlang: keySet(extlangs),
  region: keySet(regions),
  script: keySet(scripts),
  variant: keySet(variants),
} as const;

export type SubtagKind = keyof typeof KNOWN;

/** Whether the IANA registry lists a subtag of that kind; letters' case does not matter. */
export function isKnownSubtag(kind: SubtagKind, subtag: string): boolean {
  const lower = subtag.toLowerCase();
  // The registry lists the private-use languages as one range.
  if (kind === 'language' && /^q[a-t][a-z]$/.test(lower)) return true;
  return KNOWN[kind].has(lower);
}

/** Two- and three-letter language subtags. */
export function knownLanguages(): Iterable<string> {
  return KNOWN.language;
}

function keySet(index: object): ReadonlySet<string> {
  return new Set(Object.keys(index).map((key) => key.toLowerCase()));
}
