import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EXIT, type ExitCode, LocalizeError, orList } from '@localize/core';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { asCalled } from '../infra/call-name.js';
import { arrangeVideos, type VideoEntry } from '../init/arrange-videos.js';
import { envExample } from '../init/env-example.js';
import { type FoundFile, findMedia } from '../init/find-media.js';
import { canonical, type FoundVideo, isTwoVoices, languageSlip, matchAudio } from '../init/match-audio.js';
import {
  defaultChoices,
  foundLanguages,
  readChoices,
  readLanguages,
  splitList,
  withTwoVoices,
} from '../init/read-answers.js';
import { validManifest } from '../init/valid-manifest.js';
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
  if (existsSync(path)) throw exists(typed);
  refuseUnwritable(path, typed);
  const gathered = await gather(context, options, path).catch((error: unknown) => {
    if (error instanceof Unanswered) return null;
    throw error;
  });
  if (gathered === null) {
    context.err.write('nothing was written\n');
    return EXIT.interrupted;
  }
  const { contents, leftOut } = gathered;
  // As `validate` would read it, before it is written: a mistake here is better than one at the first run.
  const {
    text,
    batch,
    leftOut: unfit,
  } = await validManifest(contents, (draft) => openBatch(context, { absolute: path, typed, draft }, options));
  // Whoever opens it reads the commands there, and types them where this one was typed.
  writeNew(path, asCalled(text, context.name ?? 'localize'), typed);
  const env = join(dirname(path), ENV_EXAMPLE);
  const wroteEnv = !existsSync(env);
  if (wroteEnv) writeNew(env, envExample(contents.providers), ENV_EXAMPLE);
  context.err.write([...leftOut, ...unfit].map((line) => `${line}\n`).join(''));
  sayWarnings(context, batch, options);
  sayWritten(context, options, { manifest: typed, wroteEnv, jobs: batch.plan.jobs.length });
  return EXIT.ok;
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
  const { files, videos, unmatched, found } = await ask(
    { text: 'Folder with the videos and their audio', given: options.media, otherwise: '.' },
    (answer) => lookIn(resolve(context.cwd, answer), { cwd: context.cwd, base: dirname(path) }),
  );
  const { languages, made } = await ask(
    { text: 'Languages', given: options.languages, otherwise: found.join(', ') },
    (answer) => arranged(videos, readLanguages(splitList(answer), found), found),
  );
  const fallback = defaultChoices(path, context.variables).join(', ');
  const chosen = await ask(
    { text: 'Providers, the preferred first', given: options.providers, otherwise: fallback },
    (answer) => readChoices(splitList(answer)),
  );
  const hasHoles = videos.some(({ tracks }) => {
    const own = new Set(tracks.map(({ language }) => canonical(language)));
    return languages.some((tag) => !own.has(canonical(tag)));
  });
  const silent = videos.filter(({ tracks }) => tracks.length === 0);
  return {
    contents: {
      batch: batchName(path),
      languages,
      hasHoles,
      ...withTwoVoices(chosen, made.some(hasTwoVoices)),
      entries: made,
    },
    leftOut: [
      ...silent.map(({ file }) => `${file.path} is left out: no audio was found for it`),
      ...unmatched.map((file) => `${file.path} is left out: ${whyUnmatched(file, files.videos)}`),
    ],
  };
}

/** @throws LocalizeError NO_MEDIA_FOUND */
function lookIn(media: string, { cwd, base }: { cwd: string; base: string }) {
  const shown = displayPath(media, cwd);
  if (!statSync(media, { throwIfNoEntry: false })?.isDirectory()) {
    throw new LocalizeError('NO_MEDIA_FOUND', `there is no folder ${shown}`, { hint: '--media names the folder' });
  }
  const files = findMedia(media, base);
  const { videos, unmatched } = matchAudio(files.videos, files.audio);
  const found = foundLanguages(videos);
  if (found.length === 0) throw nothingFound(shown, files.videos);
  return { files, videos, unmatched, found };
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

/** A track in a language that is misspelt is the likeliest of what belongs to no video. */
function whyUnmatched(file: FoundFile, videos: readonly FoundFile[]): string {
  const slip = languageSlip(file, videos);
  return slip === null
    ? 'by its name it is no track of a video'
    : `its language ${slip.language} ${slip.problem} (${slip.expected})`;
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
  { manifest, wroteEnv, jobs }: { manifest: string; wroteEnv: boolean; jobs: number },
): void {
  if (json) context.out.write(`${JSON.stringify({ manifest, env_example: wroteEnv, jobs })}\n`);
  if (json || quiet) return;
  const files = wroteEnv ? `${manifest} and ${ENV_EXAMPLE} are` : `${manifest} is`;
  const own = manifest === MANIFEST ? '' : ` ${manifest}`;
  context.out.write(`${files} written: ${jobs} ${jobs === 1 ? 'job' : 'jobs'}\n`);
  context.out.write(`Next: localize plan${own}, then localize run${own} --emulate (free), then localize run${own}\n`);
}

/** Somebody else may have written it since we looked: theirs stays. */
function writeNew(path: string, text: string, typed: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(typed);
    throw unwritable(path, typed, error);
  }
}

/**
 * Before anything is asked.
 * @throws LocalizeError OUTPUT_UNWRITABLE
 */
function refuseUnwritable(path: string, typed: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw unwritable(path, typed, error);
  }
}

function unwritable(path: string, typed: string, cause: unknown): LocalizeError {
  const { code } = cause as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'there is no folder' : 'nothing can be written in';
  return new LocalizeError('OUTPUT_UNWRITABLE', `${typed} cannot be written: ${why} ${dirname(path)} (${code})`, {
    hint: 'name a file elsewhere, and the folder with the videos: localize init ~/videos.yaml --media .',
    cause,
  });
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

function nothingFound(media: string, videos: readonly FoundFile[]): LocalizeError {
  const counted =
    videos.length === 1
      ? '1 video was found, but no audio for it'
      : `${videos.length} videos were found, but no audio for them`;
  const what = videos.length === 0 ? 'no video was found' : counted;
  return new LocalizeError('NO_MEDIA_FOUND', `${what} below ${media}`, {
    hint: 'audio of keynote.mp4 is found as de/keynote.mp3, keynote/de.mp3 or keynote.de.mp3; --media names the folder',
  });
}
