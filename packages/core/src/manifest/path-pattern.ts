import { ownValue } from '../text/own-value.js';

/**
 * Patterns such as `/audio/{lang}/{name}.mp3` with `*`, `**` and named parts. A named part stands for one or more
 * characters within one folder level; one that comes twice must stand for the same text.
 */
type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any'; readonly deep: boolean }
  | { readonly kind: 'part'; readonly name: string };

export type PatternMatch = Readonly<Record<string, string>>;

export interface PathPattern {
  /** Every way in which a path matches; more than one where named parts touch, as in `{name}-{lang}`. */
  matches(path: string): PatternMatch[];
}

/** Reads a pattern once for many paths. Both are compared in Unicode's form NFC: file systems differ in theirs. */
export function pathPattern(pattern: string): PathPattern {
  const tokens = tokensOf(pattern.normalize('NFC'));
  return {
    matches(path) {
      const found: PatternMatch[] = [];
      walk(tokens, 0, path.normalize('NFC'), 0, {}, found);
      return found;
    },
  };
}

/** The same pattern for a plain glob: named parts become `*`. */
export function globOf(pattern: string): string {
  return pattern.replace(/\{[^{}]*\}/g, '*');
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (const [text, name] of pattern.matchAll(/\{([^{}]*)\}|\*\*\/?|[*?]|[^{*?]+|\{/g)) {
    if (name !== undefined) tokens.push({ kind: 'part', name });
    else if (text.startsWith('*')) tokens.push({ kind: 'any', deep: text.startsWith('**') });
    else tokens.push({ kind: 'text', text });
  }
  return tokens;
}

function walk(
  tokens: readonly Token[],
  index: number,
  path: string,
  at: number,
  bound: PatternMatch,
  found: PatternMatch[],
): void {
  const token = tokens[index];
  if (token === undefined) {
    if (at === path.length) found.push(bound);
    return;
  }
  if (token.kind === 'text') {
    if (matchesText(token.text, path, at)) walk(tokens, index + 1, path, at + token.text.length, bound, found);
    return;
  }
  const known = token.kind === 'part' ? ownValue(bound, token.name) : undefined;
  if (known !== undefined) {
    if (path.startsWith(known, at)) walk(tokens, index + 1, path, at + known.length, bound, found);
    return;
  }
  const deep = token.kind === 'any' && token.deep;
  const slash = path.indexOf('/', at);
  const end = deep || slash === -1 ? path.length : slash;
  const following = tokens[index + 1];
  for (let stop = token.kind === 'part' ? at + 1 : at; stop <= end; stop += 1) {
    if (following?.kind === 'text' && !matchesText(following.text, path, stop)) continue;
    const next = token.kind === 'part' ? { ...bound, [token.name]: path.slice(at, stop) } : bound;
    walk(tokens, index + 1, path, stop, next, found);
    if (token.kind === 'any' && found.length > 0) return;
  }
}

function matchesText(text: string, path: string, at: number): boolean {
  if (text === '?') return at < path.length && path[at] !== '/';
  return path.startsWith(text, at);
}
