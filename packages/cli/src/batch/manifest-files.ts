import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { ManifestFiles } from '@localize/core';
import { globSync } from 'tinyglobby';
import { createAsOnDisk, spellings } from './as-on-disk.js';
import { isFolder } from './at-path.js';
import { nearestFile } from './nearest-file.js';
import { readTextFile } from './read-text-file.js';

/** The disk as the manifest sees it: paths start at the manifest's folder. */
export function manifestFiles(manifestPath: string): ManifestFiles {
  const folder = dirname(manifestPath);
  // A video is named once for each of its languages, and its path is kept as often.
  const resolved = new Map<string, string>();
  const asOnDisk = createAsOnDisk();
  return {
    resolve: (path) => {
      const known = resolved.get(path) ?? asOnDisk(resolve(folder, path));
      resolved.set(path, known);
      return known;
    },
    listFiles: (pattern) => {
      const found = globSync(spellings(pattern), { cwd: folder, absolute: true, expandDirectories: false }).sort();
      // What is said of them names them as the manifest does.
      return isAbsolute(pattern) ? found : found.map((path) => fileBeside(path, folder));
    },
    readText: (path) => readTextFile(resolve(folder, path), path),
    isFolder,
    nearest: (path) => {
      const nearest = nearestFile(path);
      return nearest === null || isFolder(nearest) ? null : fileBeside(nearest, folder);
    },
  };
}

/** As a manifest in that folder names it. */
function fileBeside(path: string, folder: string): string {
  const way = relative(folder, path).split(sep).join('/');
  return way.startsWith('../') ? way : `./${way}`;
}
