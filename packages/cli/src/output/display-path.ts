import { isAbsolute, relative, sep } from 'node:path';

/** Steps that a path may be spelled with and that lead nowhere, or back. */
const DETOURS = /[/\\]\.{0,2}(?:[/\\]|$)/;

/** A path as the user would type it from `cwd`: relative when it lies near, else absolute. Always with `/`. */
export function displayPath(path: string, cwd: string): string {
  const near = isPlainlyBelow(path, cwd) ? path.slice(cwd.length + 1) : relative(cwd, path);
  const text = near === '' ? '.' : isAbsolute(near) || near.startsWith('../../..') ? path : near;
  return text.replaceAll('\\', '/');
}

/** Reports show some paths of every job, and nearly all of them lie there. */
function isPlainlyBelow(path: string, cwd: string): boolean {
  return path.startsWith(cwd) && path[cwd.length] === sep && !DETOURS.test(path);
}
