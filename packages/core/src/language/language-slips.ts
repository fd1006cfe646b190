import { nearestWord } from '../text/nearest.js';
import { ownValue } from '../text/own-value.js';
import { languageOfCode } from './iso-639-2.js';
import { isKnownSubtag, knownLanguages } from './subtags.js';

/** What people write by habit for a language: country codes and the bibliographic codes of ISO 639-2 (B). */
const LANGUAGE_SLIPS: Readonly<Record<string, string>> = {
  jp: 'ja',
  cn: 'zh',
  cz: 'cs',
  dk: 'da',
  gr: 'el',
  ua: 'uk',
  vn: 'vi',
  sp: 'es',
  us: 'en-US',
  gb: 'en-GB',
  mx: 'es-MX',
  in: 'hi',
  ger: 'de',
  fre: 'fr',
  dut: 'nl',
  chi: 'zh',
  cze: 'cs',
  gre: 'el',
  rum: 'ro',
  per: 'fa',
  slo: 'sk',
  wel: 'cy',
  ice: 'is',
  arm: 'hy',
  geo: 'ka',
  mac: 'mk',
  may: 'ms',
  alb: 'sq',
  baq: 'eu',
  bur: 'my',
  tib: 'bo',
};

/** Codes of countries that are codes of languages too, which hardly anybody means who makes videos. */
const COUNTRY_CODES: Readonly<Record<string, string>> = {
  kr: 'ko',
  se: 'sv',
  br: 'pt-BR',
  tw: 'zh-TW',
  ee: 'et',
  ch: 'de-CH',
  sg: 'en-SG',
};

/** What was more likely meant by a tag that is a language’s, and a country’s code; `null` for all others. */
export function likelyCountry(tag: string): string | null {
  return ownValue(COUNTRY_CODES, tag.toLowerCase()) ?? null;
}

/** In English; the tag itself where nobody knows it. */
export function languageName(tag: string): string {
  return new Intl.DisplayNames(['en'], { type: 'language' }).of(tag) ?? tag;
}

/** In English and in itself. */
export function namesOfLanguage(tag: string): string[] {
  const own = new Intl.DisplayNames([tag, 'en'], { type: 'language' }).of(tag) ?? tag;
  return [languageName(tag), own];
}

const REGION_SLIPS: Readonly<Record<string, string>> = {
  uk: 'GB',
  en: 'GB',
  eng: 'GB',
  usa: 'US',
  ger: 'DE',
  latam: '419',
  twn: 'TW',
  chn: 'CN',
  bra: 'BR',
  deu: 'DE',
  fra: 'FR',
  esp: 'ES',
  mex: 'MX',
  gbr: 'GB',
};

/** What was probably meant by a text that is no language tag; `null` when nobody can tell. */
export function suggestLanguage(tag: string): string | null {
  if (/^es[-_](la|latam)$/i.test(tag)) return 'es-419 for Latin America, or es';
  const [first = '', ...rest] = tag
    .trim()
    .replace(/\s*\((.*)\)$/, '-$1')
    .split(/[-_ ]+/);
  const language = languageFor(first);
  if (language === null) return null;
  // `zh-yue` is an older way to write `yue`.
  const [extended = ''] = rest;
  if (/^[a-z]{3}$/i.test(extended) && isKnownSubtag('extlang', extended)) return canonical(extended);
  const parts = rest.map((part) => ownValue(REGION_SLIPS, part.toLowerCase()) ?? regionNamed(part) ?? part);
  return canonical([language, ...parts].join('-')) ?? canonical(language);
}

function languageFor(text: string): string | null {
  const lower = text.toLowerCase();
  const slip = ownValue(LANGUAGE_SLIPS, lower);
  if (slip !== undefined) return slip;
  if (/^[a-z]{2,3}$/.test(lower) && isKnownSubtag('language', lower)) return lower;
  const ofCode = languageOfCode(lower);
  if (ofCode !== null) return ofCode;
  if (/^[a-z]{0,3}$/.test(lower)) return null;
  const names = languageNames();
  const nearest = names.has(lower) ? lower : nearestWord(lower, names.keys());
  return nearest === null ? null : (names.get(nearest) ?? null);
}

function canonical(tag: string): string | null {
  try {
    const locale = new Intl.Locale(tag);
    const known =
      isKnownSubtag('language', locale.language) && (!locale.region || isKnownSubtag('region', locale.region));
    return known && /^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/.test(locale.toString())
      ? locale.toString()
      : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

let cachedNames: ReadonlyMap<string, string> | undefined;

/** Lower-case English and own names of the languages that have a two-letter code. Made when first a slip needs it. */
function languageNames(): ReadonlyMap<string, string> {
  if (cachedNames !== undefined) return cachedNames;
  const names = new Map<string, string>();
  const english = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
  for (const tag of knownLanguages()) {
    if (tag.length > 2) continue;
    const own = new Intl.DisplayNames([tag, 'en'], { type: 'language', fallback: 'none' }).of(tag)?.toLowerCase();
    if (own !== undefined && !names.has(own)) names.set(own, tag);
    const name = english.of(tag)?.toLowerCase();
    if (name !== undefined) names.set(name, tag);
  }
  names.set('english', 'en').set('castilian', 'es').set('mandarin', 'zh').set('farsi', 'fa').set('brazilian', 'pt-BR');
  cachedNames = names;
  return names;
}

function regionNamed(text: string): string | null {
  if (text.length < 4 || text.length === 4) return null;
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  for (let a = 65; a <= 90; a += 1) {
    for (let b = 65; b <= 90; b += 1) {
      const code = String.fromCharCode(a, b);
      if (isKnownSubtag('region', code) && names.of(code)?.toLowerCase() === text.toLowerCase()) return code;
    }
  }
  return null;
}
