import { existsSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { EXIT, type ExitCode, LocalizeError } from '@localize/core';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { arrangeVideos, type VideoEntry } from '../init/arrange-videos.js';
import { envExample } from '../init/env-example.js';
import { type FoundFile, findMedia } from '../init/find-media.js';
import { manifestText } from '../init/manifest-text.js';
import { canonical, isTwoVoices, matchAudio } from '../init/match-audio.js';
import {
  defaultChoices,
  foundLanguages,
  readChoices,
  readLanguages,
  splitList,
  withTwoVoices,
} from '../init/read-answers.js';
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
export async function init(context: CommandContext, options: InitOptions): Promise<ExitCode> {
  const path = join(context.cwd, MANIFEST);
  if (existsSync(path)) throw exists();
  const gathered = await gather(context, options, path).catch((error: unknown) => {
    if (error instanceof Unanswered) return null;
    throw error;
  });
  if (gathered === null) {
    context.err.write('nothing was written\n');
    return EXIT.interrupted;
  }
  const { contents, leftOut } = gathered;
  writeNew(path, manifestText(contents));
  const env = join(context.cwd, ENV_EXAMPLE);
  const wroteEnv = !existsSync(env);
  if (wroteEnv) writeNew(env, envExample(contents.providers));
  context.err.write(leftOut.map((line) => `${line}\n`).join(''));
  return validateNew(context, options, wroteEnv);
}

/** Asks, looks, and puts together what the manifest will say; writes nothing. */
async function gather(context: CommandContext, options: InitOptions, path: string) {
  const ask = asker(context, options);
  const media = resolve(context.cwd, await ask('Folder with the videos and their audio', options.media, '.'));
  const files = findMedia(media, context.cwd);
  const { videos, unmatched } = matchAudio(files.videos, files.audio);
  const found = foundLanguages(videos);
  if (found.length === 0) throw nothingFound(displayPath(media, context.cwd), files.videos);
  const languages = readLanguages(splitList(await ask('Languages', options.languages, found.join(', '))), found);
  const fallback = defaultChoices(path, context.variables).join(', ');
  const choices = splitList(await ask('Providers, the preferred first', options.providers, fallback));

  const tags = new Set(languages.map(canonical));
  const made = arrangeVideos(videos, (language) => tags.has(canonical(language)));
  if (made.length === 0) throw nothingFound(displayPath(media, context.cwd), files.videos);
  const hasHoles = videos.some(({ tracks }) => {
    const own = new Set(tracks.map(({ language }) => canonical(language)));
    return [...tags].some((tag) => !own.has(tag));
  });
  const silent = videos.filter(({ tracks }) => tracks.length === 0);
  return {
    contents: {
      batch: batchName(context.cwd),
      languages,
      hasHoles,
      ...withTwoVoices(readChoices(choices), made.some(hasTwoVoices)),
      entries: made,
    },
    leftOut: [
      ...silent.map(({ file }) => `${file.path} is left out: no audio was found for it`),
      ...unmatched.map((file) => `${file.path} is left out: by its name it is no track of a video`),
    ],
  };
}

function hasTwoVoices(entry: VideoEntry): boolean {
  return entry.kind === 'video' && entry.tracks.some(isTwoVoices);
}

/** The question was closed (Ctrl-C, Ctrl-D), which is no answer. */
class Unanswered extends Error {}

type Ask = (question: string, given: string | undefined, otherwise: string) => Promise<string>;

/** A flag is an answer; so is `--yes`, and so is nobody to ask, since nothing is spent here. */
function asker({ askText }: CommandContext, options: InitOptions): Ask {
  return async (question, given, otherwise) => {
    if (given !== undefined) return given;
    if (options.yes || askText === null) return otherwise;
    const answer = await askText(`${question} [${otherwise}]: `);
    if (answer === null) throw new Unanswered();
    return answer === '' ? otherwise : answer;
  };
}

/** What was written is read back as `validate` would: a mistake here is better than one at the first run. */
async function validateNew(context: CommandContext, options: InitOptions, wroteEnv: boolean): Promise<ExitCode> {
  const batch = await openBatch(context, MANIFEST, options);
  sayWarnings(context, batch, options);
  const jobs = batch.plan.jobs.length;
  if (options.json) context.out.write(`${JSON.stringify({ manifest: MANIFEST, env_example: wroteEnv, jobs })}\n`);
  else if (!options.quiet) {
    const files = wroteEnv ? `${MANIFEST} and ${ENV_EXAMPLE} are` : `${MANIFEST} is`;
    context.out.write(`${files} written: ${jobs} ${jobs === 1 ? 'job' : 'jobs'}\n`);
    context.out.write('Next: localize plan, then localize run --emulate (free), then localize run\n');
  }
  return EXIT.ok;
}

/** Somebody else may have written it since we looked: theirs stays. */
function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists();
    throw error;
  }
}

/** The folder's name, as far as it may be a batch's. */
function batchName(folder: string): string {
  const name = basename(folder)
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  return /^[a-z]/.test(name) ? name.slice(0, 60) : `batch${name === '' ? '' : `-${name.slice(0, 60)}`}`;
}

function exists(): LocalizeError {
  return new LocalizeError('FILE_EXISTS', `there is a ${MANIFEST} here already, and it is left as it is`, {
    hint: 'call localize init in another folder, or move the file away',
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
