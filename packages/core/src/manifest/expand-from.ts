import { assetKey } from '../plan/list-assets.js';
import { orList } from '../text/words.js';
import type { ExpandContext, ReplacedMatch } from './expand-context.js';
import { assetOf, settingsOf } from './expand-track.js';
import { addTracks, templatesOf, trackPattern } from './expand-tracks.js';
import type { ExpandedAsset } from './expanded.js';
import { nameFault } from './fields/name-fields.js';
import { quote } from './fields/scalar.js';
import { fillTemplate } from './fields/template-fields.js';
import { fileStem, slashed } from './file-names.js';
import type { VideoFields } from './manifest.js';
import type { Path, Place } from './manifest-source.js';
import { hasTrack, NO_TRACKS, type VideoDraft } from './video-builder.js';

const byName = new Intl.Collator('en', { numeric: true });

/** Every file that matches `from` becomes a video; an explicit item with its id or its source takes its place. */
export function expandFrom(fields: VideoFields, path: Path, context: ExpandContext): void {
  const pattern = fields.from ?? '';
  const { report, files } = context;
  const matches = [...new Set(files.listFiles(slashed(pattern)))].sort((a, b) => byName.compare(a, b));
  if (matches.length === 0) {
    report.error(
      { path: [...path, 'from'] },
      { code: 'NO_MATCH', message: `no file matches ${quote(pattern)}`, expected: 'a pattern of video files' },
    );
    return;
  }
  for (const written of matches) expandMatch(written, fields, path, context);
}

function expandMatch(written: string, fields: VideoFields, path: Path, context: ExpandContext): void {
  const name = fileStem(written);
  const id = fillTemplate(fields.id ?? '{name}', { name });
  const place = { path: [...path, 'from'] };
  const video = assetOf(written, place, context.files.resolve);
  const explicit = context.explicitFor(id, video.source);
  const tracks = { tracks: fields.tracks, path: [...path, 'tracks'] };
  const [first] = explicit;
  if (first !== undefined) {
    const before = first.tracks.length;
    if (first.takesTracks) addTracks(first, name, tracks, context);
    const given = first.tracks.slice(before).map(({ language }) => language);
    const languages = first.takesTracks ? [] : languagesOf(first, name, tracks, context);
    context.replaced.push({ id, video, place, by: explicit, languages, given });
    return;
  }
  const fault = nameFault(id);
  if (fault !== null) {
    const isMended = nameFault(`lesson-${name}`) === null;
    context.report.error(place, {
      code: 'VALUE',
      message: `${written} would have the id ${quote(id)}, ${fault}`,
      expected: `another file name, or an ${isMended ? 'id such as "lesson-{name}"' : 'item of its own with this source and an id'}`,
    });
    return;
  }
  const draft: VideoDraft = {
    id,
    video,
    durationMs: null,
    mask: null,
    settings: settingsOf(fields),
    labels: context.labels(fields.labels),
    tracks: NO_TRACKS,
    takesTracks: false,
    place,
  };
  if (context.add(draft)) addTracks(draft, name, tracks, context);
}

/** What a match would have tracks for; its files count as used. Its mistakes are those of no job. */
function languagesOf(
  draft: VideoDraft,
  name: string,
  tracks: Parameters<typeof addTracks>[2],
  context: ExpandContext,
): string[] {
  const match: VideoDraft = { ...draft, tracks: NO_TRACKS };
  addTracks(match, name, tracks, { ...context, report: { error: () => undefined, warn: () => undefined } });
  return match.tracks.map(({ language }) => language);
}

function reportReplaced(context: ExpandContext): void {
  reportDropped(context);
  const { replaced, report } = context;
  for (const { id, video, place, by, languages } of replaced) {
    const lacking = languages.filter((language) => !by.some((draft) => hasTrack(draft, language)));
    if (lacking.length === 0) continue;
    report.warn(place, {
      code: 'EXTRA_TRACK',
      message: `${by[0]?.id} takes the place of ${video.written} and has tracks of its own, so that ${lacking.map((tag) => `${id}/${tag}`).join(', ')} will not be made`,
    });
  }
}

/** An item takes the place of one match; another one that has its id would be missing, and nobody would know. */
function reportDropped({ replaced, report }: ExpandContext): void {
  const byItem = new Map<VideoDraft, ReplacedMatch[]>();
  for (const match of replaced) {
    const [item] = match.by;
    if (item !== undefined) byItem.set(item, [...(byItem.get(item) ?? []), match]);
  }
  for (const [item, matches] of byItem) {
    const files = new Set(matches.map(({ video }) => assetKey(video.source)));
    const dropped = matches.filter(({ video, by }) => !by.some((each) => isSameSource(each.video, video)));
    const [first] = dropped;
    if (files.size < 2 || first === undefined) continue;
    const taken = orList(
      matches.map(({ video }) => video.written),
      'and',
    );
    const lost = orList(
      dropped.map(({ video }) => video.written),
      'and',
    );
    report.warn(first.place, {
      code: 'EXTRA_TRACK',
      message: `${item.id} takes the places of ${taken}: no video will be made of ${lost}${givenWords(item, dropped)}`,
      expected: 'an item of its own with its source and an id for each',
    });
  }
}

/** Which tracks an item has by the name of a file that it is not made of. */
function givenWords({ id, video }: VideoDraft, dropped: readonly ReplacedMatch[]): string {
  const keys = dropped.flatMap(({ given }) => given.map((language) => `${id}/${language}`));
  if (keys.length === 0) return '';
  return `, and ${orList(keys, 'and')} ${keys.length === 1 ? 'joins' : 'join'} its audio to the picture of ${video.written}`;
}

function isSameSource(one: ExpandedAsset, other: ExpandedAsset): boolean {
  return assetKey(one.source) === assetKey(other.source);
}

const SHOWN = 3;

/** Patterns that find nothing, and audio that belongs to no video; asked when every entry has taken its files. */
export function reportLeftOvers(context: ExpandContext): void {
  reportReplaced(context);
  const seen = new Set<string>();
  for (const [index, { from, tracks }] of context.manifest.videos.entries()) {
    if (from === undefined) continue;
    const pattern = trackPattern(tracks, ['videos', index, 'tracks']);
    for (const template of templatesOf(pattern)) {
      if (!seen.has(template)) reportTemplate(template, { path: pattern?.path ?? [] }, context);
      seen.add(template);
    }
  }
}

function reportTemplate(template: string, place: Place, context: ExpandContext): void {
  if (context.tracks.isEmpty(template)) {
    context.report.error(place, {
      code: 'NO_MATCH',
      message: `no file matches ${quote(template)}`,
      expected: 'a pattern of audio files',
    });
    return;
  }
  const { noVideo } = context.tracks.unclaimed(template);
  if (noVideo.length === 0) return;
  const more = noVideo.length > SHOWN ? ` and ${noVideo.length - SHOWN} more` : '';
  const message = `${noVideo.slice(0, SHOWN).join(', ')}${more}: no video has that name`;
  context.report.warn(place, { code: 'EXTRA_TRACK', message });
}
