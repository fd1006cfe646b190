import { basename, dirname, join, resolve } from 'node:path';
import { EXIT, type ExitCode, LocalizeError, orList } from '@localize/core';
import { isFolder } from '../batch/at-path.js';
import type { ManifestPath } from '../batch/manifest-path.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { isAbort } from '../errors/is-abort.js';
import { asCalled } from '../infra/call-name.js';
import { arrangeVideos, type VideoEntry } from '../init/arrange-videos.js';
import { envExample } from '../init/env-example.js';
import { AUDIO, type FoundFile, findMedia, otherFiles, VIDEO } from '../init/find-media.js';
import { canonical, type FoundVideo, isTwoVoices, matchAudio } from '../init/match-audio.js';
import {
  defaultChoices,
  foundLanguages,
  readChoices,
  readLanguages,
  splitList,
  withTwoVoices,
} from '../init/read-answers.js';
import { validManifest } from '../init/valid-manifest.js';
import { whyLeftOut, whyUnmatched } from '../init/why-left-out.js';
import { isTaken, refuseUnwritable, writeNew } from '../init/write-new.js';
import { displayPath } from '../output/display-path.js';
import { sayWarnings } from '../output/say-warnings.js';
import { openBatch } from './open-batch.js';

export interface InitOptions extends SharedOptions {
  readonly providers?: string;
  readonly media?: string;
  readonly languages?: string;
  readonly yes?: boolean;
}

const MANIFEST = 'manifest.yaml';
const ENV_EXAMPLE = '.env.example';

/** `localize init`: a commented manifest from the videos and audio that are found. Overwrites nothing. */
export async function init(context: CommandContext, name: string | undefined, options: InitOptions): Promise<ExitCode> {
  const typed = nameOf(name);
  const path = resolve(context.cwd, typed);
  refuseUnwritable(path, typed);
  if (isTaken(path)) throw exists(typed);
  const drafted = await draft(context, options, { absolute: path, typed }).catch((error: unknown) => {
    if (error instanceof Unanswered || isAbort(error, context.interrupts.stop)) return null;
    throw error;
  });
  if (drafted === null) {
    context.err.write('nothing was written\n');
    return EXIT.interrupted;
  }
  const { text, batch, leftOut, providers } = drafted;
  // The manifest comes last: where it is, init is done.
  const env = join(dirname(path), ENV_EXAMPLE);
  const wroteEnv = !isTaken(env) && writeNew(env, envExample(providers), typed);
  // Whoever opens it reads the commands there, and types them where this one was typed.
  if (!writeNew(path, asCalled(text, context.name ?? 'localize'), typed)) throw exists(typed);
  context.err.write(leftOut.map((line) => `${line}\n`).join(''));
  sayWarnings(context, batch, options);
  const written = wroteEnv ? [typed, displayPath(env, context.cwd)] : [typed];
  sayWritten(context, options, { manifest: typed, written, jobs: batch.plan.jobs.length });
  return EXIT.ok;
}

/** What will be written, as `validate` would read it: a mistake here is better than one at the first run. */
async function draft(context: CommandContext, options: InitOptions, path: ManifestPath) {
  const { contents, leftOut } = await gather(context, options, path.absolute);
  const valid = await validManifest(contents, (text) => openBatch(context, { ...path, draft: text }, options));
  return { ...valid, leftOut: [...leftOut, ...valid.leftOut], providers: contents.providers };
}

/** @throws LocalizeError USAGE */
function nameOf(name: string | undefined): string {
  if (name === undefined || /\.ya?ml$/i.test(name)) return name ?? MANIFEST;
  throw new LocalizeError('USAGE', `${name} is no name for a manifest`, {
    hint: 'a manifest ends in .yaml; --media names the folder with the videos',
  });
}

/** Asks, looks, and puts together what the manifest will say; writes nothing. */
async function gather(context: CommandContext, options: InitOptions, path: string) {
  const ask = asker(context, options);
  const { videos, unmatched, found } = await ask(
    { text: 'Folder with the videos and their audio', given: options.media, otherwise: '.' },
    (answer) => lookIn(resolve(context.cwd, answer), { cwd: context.cwd, base: dirname(path) }),
  );
  const { languages, made } = await ask(
    { text: 'Languages', given: options.languages, otherwise: found.join(', ') },
    (answer) => arranged(videos, readLanguages(splitList(answer), found), found),
  );
  const usable = defaultChoices(path, context.variables);
  const chosen = await ask(
    { text: 'Providers, the preferred first, or cheapest', given: options.providers, otherwise: usable.join(', ') },
    (answer) => readChoices(splitList(answer), usable),
  );
  const hasHoles = videos.some(({ tracks }) => {
    const own = new Set(tracks.map(({ language }) => canonical(language)));
    return languages.some((tag) => !own.has(canonical(tag)));
  });
  return {
    contents: {
      batch: batchName(path),
      languages,
      hasHoles,
      ...withTwoVoices(chosen, made.some(hasTwoVoices)),
      entries: made,
    },
    leftOut: whyLeftOut(videos, unmatched),
  };
}

/** @throws LocalizeError NO_MEDIA_FOUND */
function lookIn(media: string, { cwd, base }: { cwd: string; base: string }) {
  const shown = displayPath(media, cwd);
  if (!isFolder(media)) {
    throw new LocalizeError('NO_MEDIA_FOUND', `there is no folder ${shown}`, { hint: '--media names the folder' });
  }
  const files = findMedia(media, base);
  const { videos, unmatched } = matchAudio(files.videos, files.audio);
  const found = foundLanguages(videos);
  if (found.length === 0) throw nothingFound(shown, { videos, unmatched, others: otherFiles(media, base) });
  return { videos, unmatched, found };
}

/** @throws LocalizeError NO_MEDIA_FOUND when no audio is in any of these languages */
function arranged(videos: readonly FoundVideo[], languages: string[], found: readonly string[]) {
  const tags = new Set(languages.map(canonical));
  const made = arrangeVideos(videos, (language) => tags.has(canonical(language)));
  if (made.length > 0) return { languages, made };
  throw new LocalizeError('NO_MEDIA_FOUND', `no audio was found in ${orList(languages)}`, {
    hint: `audio was found in ${orList(found, 'and')}`,
  });
}

function hasTwoVoices(entry: VideoEntry): boolean {
  return entry.kind === 'video' && entry.tracks.some(isTwoVoices);
}

/** The question was closed (Ctrl-C, Ctrl-D), which is no answer. */
class Unanswered extends Error {}

type Ask = <T>(
  question: { readonly text: string; readonly given: string | undefined; readonly otherwise: string },
  read: (answer: string) => T,
) => Promise<T>;

/**
 * A flag is an answer; so is `--yes`, and so is nobody to ask, since nothing is spent here. Who answers what cannot be is
 * asked again.
 */
function asker({ askText, err }: CommandContext, options: InitOptions): Ask {
  return async ({ text, given, otherwise }, read) => {
    if (given !== undefined) return read(given);
    if (options.yes || askText === null) return read(otherwise);
    for (;;) {
      const answer = await askText(`${text} [${otherwise}]: `);
      if (answer === null) throw new Unanswered();
      try {
        return read(answer === '' ? otherwise : answer);
      } catch (error) {
        if (!(error instanceof LocalizeError)) throw error;
        err.write(`  ${error.message}${error.hint === null ? '' : ` (${error.hint})`}\n`);
      }
    }
  };
}

function sayWritten(
  context: CommandContext,
  { json, quiet }: InitOptions,
  { manifest, written, jobs }: { manifest: string; written: readonly string[]; jobs: number },
): void {
  if (json) context.out.write(`${JSON.stringify({ manifest, env_example: written.length > 1, jobs })}\n`);
  if (json || quiet) return;
  const own = manifest === MANIFEST ? '' : ` ${manifest}`;
  context.out.write(
    `${orList(written, 'and')} ${written.length > 1 ? 'are' : 'is'} written: ${jobs} ${jobs === 1 ? 'job' : 'jobs'}\n`,
  );
  context.out.write(`Next: localize plan${own}, then localize run${own} --emulate (free), then localize run${own}\n`);
}

/** The folder's name, or the file's where that is its own, as far as it may be a batch's. */
function batchName(path: string): string {
  const file = basename(path);
  const name = (file === MANIFEST ? basename(dirname(path)) : file.replace(/\.\w+$/, ''))
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  return /^[a-z]/.test(name) ? name.slice(0, 60) : `batch${name === '' ? '' : `-${name.slice(0, 60)}`}`;
}

function exists(typed: string): LocalizeError {
  return new LocalizeError('FILE_EXISTS', `there is a ${typed} here already, and it is left as it is`, {
    hint: 'name another file, as in localize init other.yaml',
  });
}

interface Seen {
  readonly videos: readonly FoundVideo[];
  readonly unmatched: readonly FoundFile[];
  /** Files that are neither video nor audio. */
  readonly others: readonly FoundFile[];
}

function nothingFound(media: string, { videos, unmatched, others }: Seen): LocalizeError {
  const counted =
    videos.length === 1
      ? '1 video was found, but no audio for it'
      : `${videos.length} videos were found, but no audio for them`;
  const what = videos.length === 0 ? 'no video was found' : counted;
  const reasons = unmatched.flatMap((file) => {
    const why = whyUnmatched(file, videos);
    return why === null ? [] : [`${file.path}: ${why}`];
  });
  const lookedFor =
    videos.length === 0
      ? `a video ends in ${orList(VIDEO)}`
      : `audio of keynote.mp4 is found as de/keynote.mp3, keynote/de.mp3 or keynote.de.mp3, and ends in ${orList(AUDIO)}`;
  const there = [...videos.map(({ file }) => file), ...unmatched, ...others].map(({ path }) => path);
  return new LocalizeError('NO_MEDIA_FOUND', `${what} below ${media}`, {
    hint: reasons[0] ?? `${lookedFor}; ${seenWords(there)}; --media names the folder`,
  });
}

const SHOWN = 4;

function seenWords(paths: readonly string[]): string {
  if (paths.length === 0) return 'no file is there';
  const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : '';
  return `there ${paths.length === 1 ? 'is' : 'are'} ${paths.slice(0, SHOWN).join(', ')}${more}`;
}
