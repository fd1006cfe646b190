import { posix } from 'node:path';
import {
  type AssetMedia,
  type AssetRole,
  type BuiltPlan,
  buildPlan,
  type Catalogue,
  type ExpandedManifest,
  type ExpandResult,
  expandManifest,
  formatIssues,
  listAssets,
  type Manifest,
  type ManifestIssue,
  parseManifest,
  type Redo,
} from '../src/index.js';
import { testCatalogue } from './test-catalogue.js';

/** A disk that is only a list of files below `/project`, with texts for some of them. */
export interface FakeDisk {
  readonly files?: readonly string[];
  readonly texts?: Readonly<Record<string, string>>;
}

const ROOT = '/project';

export function parse(text: string, catalogue: Catalogue = testCatalogue): Manifest {
  const { manifest, issues } = parseManifest(text, { file: 'manifest.yaml', catalogue });
  if (manifest === null) throw new Error(formatIssues(issues, text, { color: false }));
  return manifest;
}

/** What a user would see of a manifest's mistakes. */
export function mistakes(text: string, catalogue: Catalogue = testCatalogue): string {
  const { issues } = parseManifest(text, { file: 'manifest.yaml', catalogue });
  return printed(issues, text);
}

export function printed(issues: readonly ManifestIssue[], text: string, texts?: ReadonlyMap<string, string>): string {
  const textOf = (file: string) => texts?.get(file) ?? (file === 'manifest.yaml' ? text : null);
  return issues.length === 0 ? 'no mistakes' : formatIssues(issues, textOf, { color: false });
}

export function expand(text: string, disk: FakeDisk = {}, catalogue: Catalogue = testCatalogue): ExpandResult {
  const all = disk.files ?? [];
  return expandManifest(parse(text, catalogue), {
    files: {
      resolve: (path) => posix.resolve(ROOT, path),
      listFiles: (pattern) =>
        all.filter((file) => globMatches(posix.resolve(ROOT, pattern), posix.resolve(ROOT, file))),
      readText: (path) => disk.texts?.[posix.relative(ROOT, path)] ?? null,
    },
  });
}

/** What the disk of a test says of each file by default: 30 s of the right kind. */
export function goodMedia(expanded: ExpandedManifest, changes: Readonly<Record<string, Partial<AssetMedia>>> = {}) {
  const media = new Map<string, AssetMedia>();
  for (const { name, key, role, probe } of listAssets(expanded)) {
    if (!probe) continue;
    const change = changes[posix.relative(ROOT, key)] ?? changes[key];
    const facts = factsFor(role, 30_000, containerOf(key));
    media.set(name, change === undefined ? { facts } : ({ facts, ...change } as AssetMedia));
  }
  return media;
}

/** What a file's name says; `undefined` where it says nothing special. */
function containerOf(key: string): string | undefined {
  const ending = posix.extname(key).slice(1);
  if (ending === 'jpg') return 'jpeg';
  return ['wav', 'ogg', 'flac', 'm4a', 'mp3', 'mp4', 'mov', 'webm', 'png', 'gif', 'webp'].includes(ending)
    ? ending
    : undefined;
}

export function factsFor(role: AssetRole, durationMs = 30_000, container?: string) {
  const containers = { video: 'mp4', audio: 'mp3', mask: 'png', subtitles: 'webvtt' };
  return {
    durationMs: role === 'mask' ? 0 : durationMs,
    container: container ?? containers[role],
    video: role === 'video' ? { width: 854, height: 480, codec: 'avc' } : null,
    audio:
      role === 'mask' || role === 'subtitles'
        ? null
        : { codec: 'aac', channels: 1, sampleRate: 44_100, decodable: false },
  };
}

export function plan(
  text: string,
  options: {
    disk?: FakeDisk;
    media?: Readonly<Record<string, Partial<AssetMedia>>>;
    catalogue?: Catalogue;
    redos?: ReadonlyMap<string, readonly Redo[]>;
  } = {},
): BuiltPlan {
  const catalogue = options.catalogue ?? testCatalogue;
  const { expanded, issues } = expand(text, options.disk, catalogue);
  if (issues.length > 0) throw new Error(printed(issues, text));
  const { redos = new Map() } = options;
  return buildPlan(expanded, { catalogue, media: goodMedia(expanded, options.media), redos });
}

/** What a user would see of a plan's problems and warnings. */
export function problems(text: string, media: Readonly<Record<string, Partial<AssetMedia>>> = {}): string {
  const { issues, warnings } = plan(text, { media });
  return printed([...issues, ...warnings], text);
}

function globMatches(pattern: string, file: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*/g, (star) => (star === '*' ? '[^/]*' : '(?:.*/)?'));
  return new RegExp(`^${source}$`).test(file);
}
