/**
 * Which jobs `--only` names. A pattern is matched against the job's key, whatever its case: `*` stands for anything but
 * a slash, `**` for anything, `?` for one character, `{a,b}` for either. A pattern without a slash names videos.
 */
export function createJobFilter(patterns: readonly string[] | undefined): (key: string) => boolean {
  if (patterns === undefined || patterns.length === 0) return () => true;
  const tests = patterns.map((pattern) => globExpression(pattern.includes('/') ? pattern : `${pattern}/**`));
  return (key) => tests.some((test) => test.test(key));
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
