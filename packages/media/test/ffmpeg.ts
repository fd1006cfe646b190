import { execFileSync, spawnSync } from 'node:child_process';

/** Whether ffmpeg and ffprobe are here. In CI they must be. */
export function hasFfmpeg(): boolean {
  if (process.env.CI) return true;
  const isHere = ['ffmpeg', 'ffprobe'].every((name) => spawnSync(name, ['-version']).status === 0);
  if (!isHere) console.warn('Skipped: reading what was written with ffmpeg, which is not here.');
  return isHere;
}

/** The tracks of a file as ffprobe lists them. */
export function listTracks(path: string): { codec_type: string; codec_name?: string; tags?: Record<string, string> }[] {
  const args = ['-v', 'error', '-show_streams', '-of', 'json', path];
  return JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' })).streams;
}

/** The first track of subtitles as SubRip. */
export function extractSubtitles(path: string): string {
  return execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-map', '0:s:0', '-f', 'srt', '-'], { encoding: 'utf8' });
}

/** Everything that decoding the whole file has to complain about. */
export function decodingErrors(path: string): string {
  return spawnSync('ffmpeg', ['-v', 'warning', '-i', path, '-f', 'null', '-'], { encoding: 'utf8' }).stderr;
}
