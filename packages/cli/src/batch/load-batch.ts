import {
  expandManifest,
  formatIssues,
  type IssueFormat,
  JobList,
  LocalizeError,
  listAssets,
  type Manifest,
  type ManifestFiles,
  type ManifestIssue,
  type Plan,
  type PlannedJobs,
  parseManifest,
  planInto,
  type Remainder,
  remainderIssues,
  shellWord,
  sortIssues,
} from '@localize/core';
import { catalogue } from '@localize/providers';
import { BatchJobs, JobSpool, readRedos } from '@localize/runner';
import type { FoundUserConfig } from '../config/read-user-config.js';
import { ManifestInvalid } from '../errors/manifest-invalid.js';
import { readVersion } from '../infra/process-context.js';
import type { ShowPlaces } from '../keys/collect-keys.js';
import { type KeyFlags, readKeyFlags } from '../keys/key-flags.js';
import type { Variables } from '../keys/read-environment.js';
import { createSecrets, type Secrets } from '../keys/secrets.js';
import { chooseState } from '../state/choose-state.js';
import { locateState, type StateLocation } from '../state/locate-state.js';
import { readEmulatedSpeed } from './emulated-speed.js';
import { knownPlan, type PlannedBatch, recordMedia, recordReads, recordText, rememberPlan } from './known-plan.js';
import { manifestFiles } from './manifest-files.js';
import type { ManifestPath } from './manifest-path.js';
import { placePrinter } from './place-printer.js';
import { probeAssets, type ShowLook } from './probe-assets.js';
import { readTextFile } from './read-text-file.js';
import { openRememberedMedia, type RememberedMedia } from './remembered-media.js';

export interface LoadOptions {
  readonly emulate: boolean;
  /** Missing and unreadable media files cost their own jobs only. */
  readonly keepGoing: boolean;
  readonly color: boolean;
  readonly signal: AbortSignal;
  readonly cwd: string;
  /** The state database as the user named it. */
  readonly state?: string | undefined;
  /** Hosts beyond the providers' own that may get a key. */
  readonly allowHosts: readonly string[];
  readonly keyFlags: KeyFlags;
  readonly variables: Variables;
  /** Whether a plan that a run has carried out before will do, as long as nothing of what it was made of has changed. */
  readonly knownPlans?: boolean | undefined;
  /** The jobs are on their way into the state: until then they lie in a file, and not in memory. */
  readonly isToRun?: boolean | undefined;
  /** Shows the look at the media files, which may take long. */
  readonly showLook?: ShowLook | undefined;
  /** `null`: the user's own settings are left alone. */
  readonly ownConfig: FoundUserConfig | null;
}

export interface LoadedBatch {
  readonly manifest: ManifestPath;
  /** What names this batch in a command that goes on with it: the manifest, and the options that choose its state. */
  readonly again: string;
  readonly location: StateLocation;
  readonly secrets: Secrets;
  /** Hosts beyond the providers' own that may get a key. */
  readonly allowHosts: readonly string[];
  readonly ownConfig: FoundUserConfig | null;
  /** Whom the manifest wants to be told; `null`: nobody. */
  readonly notify: NonNullable<Manifest['notify']> | null;
  /** Shows where in the manifest some of its values stand; those that are not in it are left out. */
  readonly showPlaces: ShowPlaces;
  readonly plan: Plan;
  /** How many times faster than the real providers the emulator is. */
  readonly emulatedSpeed: number;
  /** Everything worth saying before a run. */
  readonly warnings: readonly ManifestIssue[];
  /** Lays some of them out, with the lines that they are about. */
  readonly showWarnings: (warnings: readonly ManifestIssue[], limit?: IssueFormat['limit']) => string;
  /** Writes down what the manifest came to, once the state has its jobs; `null` where that is known, or cannot be. */
  readonly remember: (() => void) | null;
}

/**
 * Manifest file -> manifest -> videos and tracks -> media facts -> plan; all of it at once where a run has carried out
 * the same before.
 * @throws ManifestInvalid with every mistake at once
 */
export async function loadBatch(manifest: ManifestPath, options: LoadOptions): Promise<LoadedBatch> {
  const known = options.knownPlans ? knownPlan(manifest, options) : null;
  if (known === null) return loadedBatch(manifest, options, await planBatch(manifest, options));
  return loadedBatch(manifest, options, { ...known, show: againShown(manifest, options), remember: null });
}

/** The same batch without the texts that it was read from, once its warnings were shown: a CSV file may be the largest of all. */
export function withoutTexts(batch: LoadedBatch, options: LoadOptions): LoadedBatch {
  return { ...batch, showWarnings: againShown(batch.manifest, options) };
}

interface Planned {
  readonly batch: PlannedBatch;
  readonly location: StateLocation;
  readonly show: Show;
  readonly remember: (() => void) | null;
}

async function planBatch(manifest: ManifestPath, options: LoadOptions): Promise<Planned> {
  const { files, reads } = recordReads(manifestFiles(manifest.absolute));
  const text = readManifest(manifest);
  recordText(reads, manifest.absolute, text);
  const parsed = parseManifest(text, { file: manifest.typed, catalogue, files });
  const texts = new Map(parsed.texts);
  const show: Show = (issues, limit) =>
    formatIssues(issues, (file) => texts.get(file) ?? null, { color: options.color, ...(limit && { limit }) });
  if (parsed.manifest === null) {
    const later = await laterIssues(manifest, { remainder: parsed.remainder, texts }, { files, options });
    throw invalid(sortIssues([...parsed.issues, ...later]), show);
  }
  const written = { ...parsed.manifest, ownSettings: options.ownConfig?.providers };
  const { expanded, texts: csvTexts } = expandManifest(written, { files });
  for (const [file, csv] of csvTexts) texts.set(file, csv);
  const assets = listAssets(expanded);
  const media = await probeAssets(assets, {
    remembered: rememberedOf(manifest, options),
    signal: options.signal,
    show: options.showLook,
  });
  const emulate = (expanded.manifest.emulate ?? false) || options.emulate;
  const location = locateState(manifest.absolute, { emulate, override: chooseState(manifest.absolute, options) });
  const redos = readRedos(location.path, expanded.manifest.batch);
  const isOfState = options.isToRun || options.knownPlans;
  const { plan, issues, warnings } = planInto<PlannedJobs>(isOfState ? new JobSpool() : new JobList(), expanded, {
    catalogue,
    media,
    emulate: options.emulate,
    redos,
    letGo: true,
  });
  const forgiven = issues.filter((issue) => options.keepGoing && isAboutMedia(issue));
  if (forgiven.length < issues.length) throw invalid(issues, show);
  const worthSaying = [...forgiven.map(asWarning), ...warnings];
  const jobs = BatchJobs.planned(plan.jobs);
  if (options.knownPlans) jobs.moveIfRegistered({ path: location.path, batch: plan.batch });
  const batch: PlannedBatch = {
    plan: { ...plan, emulate, jobs },
    emulatesItself: plan.emulate,
    notify: parsed.manifest.notify ?? null,
    warnings: worthSaying,
  };
  const isKnowable = recordMedia(reads, assets, media);
  const remember = isKnowable ? rememberer(manifest, options, { batch, location, reads }) : null;
  return { batch, location, show, remember };
}

/** Apart from where all that a manifest is read into lies, of which a closure there would keep hold. */
function rememberer(manifest: ManifestPath, options: LoadOptions, of: Parameters<typeof rememberPlan>[2]): () => void {
  let waiting: typeof of | null = of;
  return () => {
    if (waiting !== null) rememberPlan(manifest, options, waiting);
    waiting = null;
  };
}

function loadedBatch(
  manifest: ManifestPath,
  options: LoadOptions,
  { batch, location, show, remember }: Planned,
): LoadedBatch {
  const { plan, emulatesItself, notify, warnings } = batch;
  const { variables, ownConfig } = options;
  const flags = readKeyFlags(options.keyFlags, { plan, cwd: options.cwd, variables });
  return {
    manifest,
    again: againOf(manifest, emulatesItself, options),
    location,
    secrets: createSecrets({ flags, variables, manifestPath: manifest.absolute, ownConfig }),
    allowHosts: [...options.allowHosts, ...(ownConfig?.allowHosts ?? [])],
    ownConfig,
    notify,
    showPlaces: (places) => showIn(manifest, options, places),
    plan,
    emulatedSpeed: readEmulatedSpeed(variables),
    warnings,
    showWarnings: show,
    remember,
  };
}

/** Reads the manifest again: it is asked when something is wrong, and else its text need not stay in memory. */
function showIn(manifest: ManifestPath, { color }: LoadOptions, places: Parameters<ShowPlaces>[0]): string {
  const files = manifestFiles(manifest.absolute);
  const parsed = parseManifest(readManifest(manifest), { file: manifest.typed, catalogue, files });
  if (parsed.manifest === null) return '';
  return placePrinter(parsed.manifest, (file) => parsed.texts.get(file) ?? null, color)(places);
}

/** Apart from where the texts are, as {@link rememberer}. */
function againShown(manifest: ManifestPath, options: LoadOptions): Show {
  return (...asked) => showAgain(manifest, options, asked);
}

/** The same of warnings, where nobody has read it in this process. */
function showAgain(
  manifest: ManifestPath,
  { color }: LoadOptions,
  [warnings, limit]: Parameters<LoadedBatch['showWarnings']>,
): string {
  const files = manifestFiles(manifest.absolute);
  const parsed = parseManifest(readManifest(manifest), { file: manifest.typed, catalogue, files });
  const csvTexts = parsed.manifest === null ? new Map() : expandManifest(parsed.manifest, { files }).texts;
  const texts = new Map<string, string>([...parsed.texts, ...csvTexts]);
  return formatIssues(warnings, (file) => texts.get(file) ?? null, { color, ...(limit && { limit }) });
}

/** Mistakes in what the other mistakes have left, so that all are seen at once. */
async function laterIssues(
  manifest: ManifestPath,
  { remainder, texts }: { remainder: Remainder | null; texts: Map<string, string> },
  { files, options }: { files: ManifestFiles; options: LoadOptions },
): Promise<ManifestIssue[]> {
  if (remainder === null) return [];
  const written = { ...remainder.manifest, ownSettings: options.ownConfig?.providers };
  const { expanded, texts: csvTexts } = expandManifest(written, { files });
  for (const [file, csv] of csvTexts) texts.set(file, csv);
  const { signal, showLook: show } = options;
  const media = await probeAssets(listAssets(expanded), { remembered: rememberedOf(manifest, options), signal, show });
  return remainderIssues(remainder, expanded, { catalogue, media, emulate: options.emulate });
}

function rememberedOf({ absolute }: ManifestPath, { variables }: LoadOptions): RememberedMedia {
  return openRememberedMedia({ manifestPath: absolute, version: readVersion(), variables });
}

function againOf(manifest: ManifestPath, emulatesItself: boolean, { emulate, state }: LoadOptions): string {
  const flags = [
    ...(emulate && !emulatesItself ? ['--emulate'] : []),
    ...(state === undefined ? [] : ['--state', shellWord(state)]),
  ];
  return [shellWord(manifest.typed), ...flags].join(' ');
}

function readManifest(manifest: ManifestPath): string {
  const text = manifest.draft ?? readTextFile(manifest.absolute, manifest.typed);
  if (text === null) throw new LocalizeError('MANIFEST_MISSING', `there is no file ${manifest.typed} any more`);
  return text;
}

type Show = LoadedBatch['showWarnings'];

/** More than anybody mends before the next look: one slip in a pattern is a mistake of every job. */
const MOST_SHOWN = 100;

function invalid(issues: readonly ManifestIssue[], show: Show): ManifestInvalid {
  return new ManifestInvalid(`${show(issues, { most: MOST_SHOWN, hint: '--json lists them all' })}\n`, issues);
}

function isAboutMedia(issue: ManifestIssue): boolean {
  return issue.code === 'FILE_MISSING' || issue.code === 'MEDIA';
}

function asWarning(issue: ManifestIssue): ManifestIssue {
  return { ...issue, severity: 'warning' };
}
