import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expandManifest, parseManifest } from '@localize/core';
import { catalogue } from '@localize/providers';
import { manifestFiles } from '../batch/manifest-files.js';
import { findManifest } from '../batch/manifest-path.js';
import type { BatchWords } from './candidates.js';

/** What the manifest's text names; only the catalogue's words where there is none, or none that can be read. */
export function readBatchWords(cwd: string, manifest: string | undefined): BatchWords {
  const providers = [...catalogue.providers, ...catalogue.routes].map(({ id }) => id);
  const jobs = readJobs(cwd, manifest);
  return {
    keys: jobs.map(({ video, language }) => `${video}/${language}`),
    videos: [...new Set(jobs.map(({ video }) => video))],
    languages: [...new Set(jobs.map(({ language }) => language))],
    providers,
  };
}

/** A job may be named before the manifest: the only one here is meant. */
function likelyManifest(cwd: string): string | undefined {
  if (existsSync(join(cwd, 'manifest.yaml'))) return undefined;
  const [only, ...others] = readdirSync(cwd).filter((name) => /\.ya?ml$/i.test(name));
  return others.length === 0 ? only : undefined;
}

function readJobs(cwd: string, manifest: string | undefined): { video: string; language: string }[] {
  try {
    const { absolute } = findManifest(cwd, manifest ?? likelyManifest(cwd));
    const files = manifestFiles(absolute);
    const text = readFileSync(absolute, 'utf8');
    const parsed = parseManifest(text, { file: basename(absolute), catalogue, files });
    const values = parsed.manifest ?? parsed.remainder?.manifest ?? null;
    if (values === null) return [];
    const { videos } = expandManifest(values, { files }).expanded;
    return videos.flatMap(({ id, tracks }) => tracks.map(({ language }) => ({ video: id, language })));
  } catch {
    // Nobody wants to read of a mistake while typing; the command itself tells.
    return [];
  }
}
