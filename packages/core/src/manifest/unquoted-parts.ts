import { issueAt, type ManifestIssue } from './manifest-issue.js';

/** A value or a key that begins with a named part such as `{lang}`, up to its end. */
const UNQUOTED = /(?<=(?:^|[:,[{-])\s+|^)\{\s*[a-z]+\s*\}(?:\{[a-z]+\}|[^\s,{}\]:])*/g;

/** What such a text is taken for: a mapping, in which nothing fits. */
const CONSEQUENCES: ReadonlySet<string> = new Set(['YAML', 'TYPE', 'LANGUAGE']);

/**
 * The same issues, but where named parts of a pattern stand without quotes: YAML takes their braces for a mapping, and what
 * it says of that misleads. What is no YAML for that reason hides the lines behind it.
 * @param texts by the names that issues give them
 */
export function explainUnquoted(
  issues: readonly ManifestIssue[],
  texts: ReadonlyMap<string, string>,
): readonly ManifestIssue[] {
  const lines = new Map([...texts].map(([file, text]) => [file, text.split('\n')]));
  const explained = issues.map((issue) => {
    if (!CONSEQUENCES.has(issue.code)) return issue;
    return unquotedIn(issue, lines.get(issue.file)?.[issue.line - 1] ?? '') ?? issue;
  });
  const broken = issues.find((issue, index) => issue.code === 'YAML' && explained[index] !== issue);
  if (broken === undefined) return explained;
  const isBehind = (issue: ManifestIssue) => issue.file === broken.file && issue.line > broken.line;
  return explained.filter((issue, index) => issue !== issues[index] || issue.code !== 'YAML' || !isBehind(issue));
}

function unquotedIn(issue: ManifestIssue, line: string): ManifestIssue | null {
  const found = [...line.matchAll(UNQUOTED)].find(({ index }) => !isQuoted(line.slice(0, index)));
  if (found === undefined) return null;
  const [text] = found;
  const { file } = issue;
  const message = 'braces without quotes around them are a mapping in YAML';
  const span = { file, line: issue.line, column: found.index + 1, length: text.length };
  return issueAt(span, { code: 'YAML', message, expected: `quote it: "${text}"` });
}

function isQuoted(before: string): boolean {
  return /^[^"]*(?:"[^"]*"[^"]*)*"[^"]*$/.test(before) || /^[^']*(?:'[^']*'[^']*)*'[^']*$/.test(before);
}
