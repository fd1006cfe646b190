import type { FoundFile } from './find-media.js';
import { canonical, type FoundVideo, isTwoVoices, languageSlip, meantBy, rivalsFor } from './match-audio.js';

const NO_TRACK = 'by its name it is no track of a video';

/** What is wrong with each video that no audio was found for, and with each audio file that is no track, a line each. */
export function whyLeftOut(found: readonly FoundVideo[], unmatched: readonly FoundFile[]): string[] {
  const videos = found.map(({ file }) => file);
  const rivals = new Set(unmatched.flatMap((file) => rivalsFor(file, videos)));
  const silent = found.flatMap(({ file, tracks }) => (tracks.length === 0 && !rivals.has(file) ? [file] : []));
  return [
    ...silent.map(({ path }) => `${path} is left out: no audio was found for it`),
    ...unmatched.map((file) => `${file.path} is left out: ${whyUnmatched(file, found) ?? NO_TRACK}`),
  ];
}

/** `null`: its name is like that of no video's track. */
export function whyUnmatched(file: FoundFile, found: readonly FoundVideo[]): string | null {
  const videos = found.map((each) => each.file);
  const rivals = rivalsFor(file, videos);
  if (rivals.length > 0) return namesakeWords(rivals);
  const taken = takenBy(file, found);
  if (taken !== null) return taken;
  const slip = languageSlip(file, videos);
  // A track in a language that is misspelt is the likeliest of what belongs to no video.
  return slip && `its language ${slip.language} ${slip.problem} (${slip.expected})`;
}

/** @param rivals two or more */
function namesakeWords(rivals: readonly FoundFile[]): string {
  const paths = rivals.map(({ path }) => path).join(' and ');
  return `${paths} have the same name, so that it may belong to either (rename one of them, and its audio)`;
}

function takenBy(file: FoundFile, found: readonly FoundVideo[]): string | null {
  const meant = meantBy(
    file,
    found.map((each) => each.file),
  );
  const video = meant && found.find((each) => each.file === meant.video);
  const track = video?.tracks.find(({ language }) => canonical(language) === canonical(meant?.track.language ?? ''));
  if (!video || !track) return null;
  const audio = isTwoVoices(track) ? `${track.left} and ${track.right}` : track.path;
  return `${video.file.path} has its audio in ${track.language} already, ${audio}`;
}
