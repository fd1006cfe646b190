import { issueAt, type ManifestIssue } from './manifest-issue.js';
import { type Path, type SourceText, spanIn } from './manifest-source.js';

/** No mapping of JavaScript keeps a key of this name: what stands under it would vanish without a word. */
export const RESERVED_KEY = '__proto__';

/** Each place of a text where the key stands that cannot be kept. */
export function reservedKeyIssues(source: SourceText, root: unknown): ManifestIssue[] {
  return placesOf(root, [], new Set()).map((path) =>
    issueAt(spanIn(source, path, 'key'), {
      code: 'VALUE',
      message: `\`${RESERVED_KEY}\` cannot be a key`,
      expected: 'another name',
    }),
  );
}

/** @param seen what an alias stands for is looked at once */
function placesOf(value: unknown, path: Path, seen: Set<object>): Path[] {
  if (value === null || typeof value !== 'object' || seen.has(value)) return [];
  seen.add(value);
  return Object.entries(value).flatMap(([key, child]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    return key === RESERVED_KEY ? [at] : placesOf(child, at, seen);
  });
}
