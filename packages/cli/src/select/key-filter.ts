/** Whether a text is among what some globs name. */
export type TextFilter = (text: string) => boolean;

/**
 * Which jobs `--only` names. A pattern is matched against the job's key, whatever its case: `*` stands for anything but
 * a slash, `**` for anything, `?` for one character, `{a,b}` for either. A pattern without a slash names videos.
 */
export function keyFilter(patterns: readonly string[]): TextFilter {
  return globFilter(patterns.map((pattern) => (pattern.includes('/') ? pattern : `${pattern}/**`)));
}

export function globFilter(patterns: readonly string[]): TextFilter {
  const tests = patterns.map((pattern) => globExpression(pattern));
  return (text) => tests.some((test) => test.test(text));
}

function globExpression(pattern: string): RegExp {
  const source = pattern.replace(/\{[^{}]*\}|\*\*|\*|\?|[\\^$.|+()[\]{}]/g, (token) => {
    if (token.length > 1 && token.startsWith('{')) return alternatives(token.slice(1, -1));
    return WILDCARDS[token] ?? `\\${token}`;
  });
  return new RegExp(`^${source}$`, 'iu');
}

const WILDCARDS: Readonly<Record<string, string>> = { '**': '.*', '*': '[^/]*', '?': '[^/]' };

function alternatives(list: string): string {
  const parts = list.split(',').map((part) => globExpression(part).source.slice(1, -1));
  return `(?:${parts.join('|')})`;
}
