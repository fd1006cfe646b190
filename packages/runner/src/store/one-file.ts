import { statSync } from 'node:fs';

/** Whether two paths lead to the same file: it, or a folder on the way to it, may be reached by a link. */
export function areOneFile(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [identityOf(one), identityOf(other)];
  return a !== null && b !== null && a.dev === b.dev && a.ino === b.ino;
}

/** `null`: it is not there any more, or nobody may look. */
function identityOf(path: string): { readonly dev: bigint; readonly ino: bigint } | null {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return null;
  }
}
