import {
  CHEAPEST,
  LocalizeError,
  languageName,
  nearestWord,
  orList,
  type ProviderFacts,
  readLanguageTag,
} from '@localize/core';
import { catalogue } from '@localize/providers';
import { readEnvironment, type Variables } from '../keys/read-environment.js';
import { canonical, type FoundVideo, tagOf } from './match-audio.js';

/** `de, fr` -> `de` and `fr`. */
export function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** Every language that some video has audio in, as its first file spells it. */
export function foundLanguages(videos: readonly FoundVideo[]): string[] {
  const spellings = new Map<string | null, string>();
  for (const { language } of videos.flatMap(({ tracks }) => tracks)) {
    if (!spellings.has(canonical(language))) spellings.set(canonical(language), language);
  }
  return [...spellings.values()].sort();
}

/**
 * Languages as the user names them, each once. One that no audio is in takes in those that go further: `pt` is `pt-BR` where
 * that was found.
 * @throws LocalizeError USAGE that says of every slip what was probably meant
 */
export function readLanguages(named: readonly string[], found: readonly string[]): string[] {
  const tags = named.map((name) => tagOf(name) ?? name);
  const slips = tags.map((tag) => slipIn(tag, found));
  // What a tag looks like is the hint.
  const instead = (expected: string) => (canonical(expected) === null ? '' : ` (${expected})`);
  const problems = slips.flatMap((slip) => (slip === null ? [] : [`${slip.problem}${instead(slip.expected)}`]));
  if (problems.length > 0) {
    const meant = tags.map((tag, index) => slips[index]?.expected ?? tag);
    throw new LocalizeError('USAGE', problems.join('; '), {
      hint: meant.every((tag) => canonical(tag) !== null)
        ? `did you mean ${[...new Set(meant)].join(',')}?`
        : 'a language tag is such as de, pt-BR or es-419',
    });
  }
  const wanted = tags.length === 0 ? found : tags.flatMap((tag) => takenIn(tag, found));
  return wanted.filter((tag, index) => wanted.findIndex((each) => canonical(each) === canonical(tag)) === index);
}

function slipIn(tag: string, found: readonly string[]): { problem: string; expected: string } | null {
  const reading = readLanguageTag(tag);
  if ('expected' in reading) return { problem: `the language ${tag} ${reading.problem}`, expected: reading.expected };
  const likely = likelyInstead(tag, found);
  return likely === null ? null : { problem: `no audio was found in ${tag}`, expected: likely };
}

/** Nearly every three letters are some language's: what was probably meant by one without audio and without an English name. */
function likelyInstead(tag: string, found: readonly string[]): string | null {
  const language = canonical(tag);
  if (language === null || languageName(language) !== language) return null;
  if (found.some((each) => canonical(each) === language)) return null;
  const start = language.slice(0, 2);
  return nearestWord(language, found) ?? (canonical(start) === null ? null : start);
}

function takenIn(tag: string, found: readonly string[]): readonly string[] {
  const range = canonical(tag);
  if (found.some((each) => canonical(each) === range)) return [tag];
  const narrower = found.filter((each) => canonical(each)?.startsWith(`${range}-`));
  return narrower.length === 0 ? [tag] : narrower;
}

/**
 * Providers or routes as the user names them, with the facts of each provider.
 * @param usable providers among which `cheapest` chooses
 * @throws LocalizeError USAGE with the nearest known one of each that is unknown
 */
export function readChoices(
  names: readonly string[],
  usable: readonly string[],
): { choices: string[]; providers: ProviderFacts[] } {
  const known = [...catalogue.providers.map(({ id }) => id), ...catalogue.routes.map(({ id }) => id), CHEAPEST];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const nearest = unknown.flatMap((name) => nearestWord(name, known) ?? []);
    throw new LocalizeError('USAGE', `there is no provider or route ${orList(unknown)}`, {
      hint:
        nearest.length === unknown.length ? `did you mean ${orList(nearest, 'and')}?` : `there are ${known.join(', ')}`,
    });
  }
  if (names.length === 0) throw new LocalizeError('USAGE', 'name at least one provider', { hint: known.join(', ') });
  const ids = new Set(names.flatMap((name) => (name === CHEAPEST ? usable : name.split('/')[0])));
  return { choices: [...new Set(names)], providers: catalogue.providers.filter(({ id }) => ids.has(id)) };
}

/**
 * Providers that take local files, since that is what was found: those that a key is set for, or all when there is no
 * key yet. Those whose price is known come first: the first plan is then one that can be priced.
 */
export function defaultChoices(manifestPath: string, variables: Variables): string[] {
  const known = readEnvironment(manifestPath, variables);
  const usable = catalogue.providers.filter(({ upload }) => upload !== null);
  const ranked = [...usable.filter(isPriced), ...usable.filter((facts) => !isPriced(facts))];
  const withKey = ranked.filter(({ keyVariable }) => known[keyVariable]?.trim());
  return (withKey.length > 0 ? withKey : ranked).map(({ id }) => id);
}

function isPriced({ id }: ProviderFacts): boolean {
  return catalogue.routes.some(({ provider, price }) => provider === id && !['unknown', 'floor'].includes(price.kind));
}

/**
 * Where two voices go when none of the choices takes them: their route, with its provider among those that need a key.
 * @param needed whether some track has two voices
 */
export function withTwoVoices(
  { choices, providers }: { choices: string[]; providers: ProviderFacts[] },
  needed: boolean,
): { choices: string[]; providers: ProviderFacts[]; twoVoiceRoute: string | null } {
  const routes = catalogue.routes.filter(({ voices }) => voices === 2);
  const isCompared = (provider: string) => choices.includes(CHEAPEST) && providers.some(({ id }) => id === provider);
  const isTaken = routes.some(
    ({ id, provider }) => choices.includes(id) || choices.includes(provider) || isCompared(provider),
  );
  const [route] = routes;
  if (!needed || isTaken || route === undefined) return { choices, providers, twoVoiceRoute: null };
  const ids = new Set([...providers.map(({ id }) => id), route.provider]);
  return { choices, providers: catalogue.providers.filter(({ id }) => ids.has(id)), twoVoiceRoute: route.id };
}
