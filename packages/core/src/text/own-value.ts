/** What a table says of a word that somebody wrote; an object has `constructor` and the like besides, from its prototype. */
export function ownValue<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}
