import { isAbsolute, relative } from 'node:path';

/** A path as the user would type it from `cwd`: relative when it lies near, else absolute. Always with `/`. */
export function displayPath(path: string, cwd: string): string {
  const near = relative(cwd, path);
  const text = near === '' ? '.' : isAbsolute(near) || near.startsWith('../../..') ? path : near;
  return text.replaceAll('\\', '/');
}
