import type { LanguageNames } from '../language/language-names.js';
import { readLanguageTag } from '../language/language-tag.js';
import type { ManifestFiles } from './expand-manifest.js';
import { slashed } from './file-names.js';
import { globOf, pathPattern } from './path-pattern.js';

export interface TrackFile {
  /** The language tag that the file's name has, or that `language_names` has for it. */
  readonly spelling: string;
  /** As it was listed. */
  readonly written: string;
}

/** Files behind `{lang}`/`{name}` patterns. Each pattern is listed once, however many videos use it. */
export interface TrackFiles {
  find(template: string, name: string): readonly TrackFile[];
  /** Files of a pattern that no video asked for: an unknown language, or a name that no video has. */
  unclaimed(template: string): { readonly badLanguage: readonly TrackFile[]; readonly noVideo: readonly string[] };
  isEmpty(template: string): boolean;
}

interface Listing {
  readonly byName: ReadonlyMap<string, readonly TrackFile[]>;
  readonly badByName: ReadonlyMap<string, readonly TrackFile[]>;
  readonly files: readonly string[];
  readonly asked: Set<string>;
  readonly claimed: Set<string>;
}

/** Stands for the name in patterns that have no `{name}`. */
const ANY = '';

export function createTrackFiles(files: ManifestFiles, tagOf: LanguageNames): TrackFiles {
  const listings = new Map<string, Listing>();
  const listingOf = (template: string) => {
    const known = listings.get(template) ?? list(template, files, tagOf);
    listings.set(template, known);
    return known;
  };
  return {
    find(template, name) {
      const listing = listingOf(template);
      const key = template.includes('{name}') ? name : ANY;
      const found = listing.byName.get(key) ?? [];
      listing.asked.add(key);
      for (const file of found) listing.claimed.add(file.written);
      return found;
    },
    unclaimed(template) {
      const { badByName, files: all, asked, claimed } = listingOf(template);
      const badLanguage = [...asked]
        .flatMap((name) => badByName.get(name) ?? [])
        .filter((file) => !claimed.has(file.written));
      const bad = new Set(badLanguage.map((file) => file.written));
      return { badLanguage, noVideo: all.filter((file) => !claimed.has(file) && !bad.has(file)) };
    },
    isEmpty: (template) => listingOf(template).files.length === 0,
  };
}

function list(template: string, files: ManifestFiles, tagOf: LanguageNames): Listing {
  // A pattern is written with either slash; only file names of the disk are taken as they are.
  const pattern = pathPattern(slashed(files.resolve(slashed(template))));
  const byName = new Map<string, TrackFile[]>();
  const badByName = new Map<string, TrackFile[]>();
  const matching: string[] = [];
  for (const written of files.listFiles(globOf(slashed(template)))) {
    const matches = pattern.matches(slashed(files.resolve(written)));
    if (matches.length > 0) matching.push(written);
    for (const { lang = '', name = ANY } of matches) {
      const spelling = tagOf(lang);
      const index = 'canonical' in readLanguageTag(spelling) ? byName : badByName;
      const known = index.get(name);
      if (known === undefined) index.set(name, [{ spelling, written }]);
      else known.push({ spelling, written });
    }
  }
  return { byName, badByName, files: matching, asked: new Set(), claimed: new Set() };
}
