import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { decodeText, type ManifestFiles } from '@localize/core';
import { globSync } from 'tinyglobby';

/** The disk as the manifest sees it: paths start at the manifest's folder. */
export function manifestFiles(manifestPath: string): ManifestFiles {
  const folder = dirname(manifestPath);
  // A video is named once for each of its languages, and its path is kept as often.
  const resolved = new Map<string, string>();
  return {
    resolve: (path) => {
      const known = resolved.get(path) ?? resolve(folder, path);
      resolved.set(path, known);
      return known;
    },
    listFiles: (pattern) => globSync(pattern, { cwd: folder, absolute: true, expandDirectories: false }).sort(),
    readText: (path) => readText(resolve(folder, path)),
  };
}

function readText(path: string): string | null {
  try {
    return decodeText(readFileSync(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
    throw error;
  }
}
