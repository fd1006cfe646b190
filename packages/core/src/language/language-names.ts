import { foldedName } from '../text/folded-name.js';

/** Turns the name of a folder or file into the language tag that it stands for; a name without one stays as it is. */
export type LanguageNames = (name: string) => string;

/**
 * @param names tags by name; a name counts however it is cased or composed, and before a tag of the same letters: with
 * `pt: pt-BR`, a folder `PT` holds Brazilian Portuguese
 */
export function languageNames(names: Readonly<Record<string, string>> | undefined): LanguageNames {
  const tags = new Map(Object.entries(names ?? {}).map(([name, tag]) => [foldedName(name), tag]));
  return (name) => tags.get(foldedName(name)) ?? name;
}
