import { aliasIssues } from './check-aliases.js';
import { issueAt, type ManifestIssue } from './manifest-issue.js';
import { type SourceText, spanIn, spanOf } from './manifest-source.js';
import { reservedKeyIssues } from './reserved-keys.js';

/** In the place of values that a text does not have, since it is no YAML. */
export const UNREADABLE = Symbol('unreadable');

/** The values of a text, and what of it is YAML that means something else than it seems to. */
export function plainValues(source: SourceText): { root: unknown; issues: ManifestIssue[] } {
  const { document } = source;
  if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY')) return { root: UNREADABLE, issues: [] };
  const issues = directiveIssues(source);
  const faults = aliasIssues(source);
  if (faults.length > 0) return { root: UNREADABLE, issues: [...issues, ...faults] };
  try {
    // One anchor may well be used by every video; the bound is only against texts that explode.
    const root = document.toJS({ maxAliasCount: 1_000_000 }) as unknown;
    return { root, issues: [...issues, ...reservedKeyIssues(source, root)] };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { root: UNREADABLE, issues: [...issues, endlessAliases(source)] };
  }
}

/** The bound on aliases has been met; what else may be wrong with one is found before. */
function endlessAliases({ file, lines, text }: SourceText): ManifestIssue {
  const span = spanOf(file, lines, text, 0, 1);
  return issueAt(span, {
    code: 'YAML',
    message: 'the aliases multiply without end',
    expected: 'fewer aliases of aliases',
  });
}

/** In YAML 1.1 `no` is false, so that Norwegian would vanish. */
function directiveIssues(source: SourceText): ManifestIssue[] {
  if (source.document.directives?.yaml.version !== '1.1') return [];
  const span = { ...spanIn(source, []), line: 1, column: 1, length: 5 };
  const message = 'the manifest asks for YAML 1.1, in which `no` is false and not Norwegian';
  return [issueAt(span, { code: 'YAML', message, expected: 'YAML 1.2: drop the %YAML line' })];
}
