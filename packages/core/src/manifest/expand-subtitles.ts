import { count } from '../text/words.js';
import type { ExpandContext } from './expand-context.js';
import { assetOf, canonicalTag } from './expand-track.js';
import type { ExpandedAsset, ExpandedTrack } from './expanded.js';
import { quote } from './fields/scalar.js';
import { fillTemplate } from './fields/template-fields.js';
import { fileStem } from './file-names.js';
import type { SettingsFields } from './manifest.js';
import type { Place } from './manifest-source.js';
import type { VideoDraft } from './video-builder.js';

/** A `subtitles` template with where it is written: the track's, else its video's, else the defaults'. */
interface Template {
  readonly template: string;
  readonly place: Place;
}

/** Jobs without subtitles are named up to this number, then counted. */
const NAMED = 5;

export interface Subtitles {
  /** The subtitles of one track; `null` where there are none. */
  of(video: VideoDraft, track: ExpandedTrack): ExpandedAsset | null;
  /** Says which tracks have none although a pattern was written for them. */
  reportHoles(): void;
}

/** Finds each track's subtitles: by its pattern where that has `{lang}`, else at its path. */
export function createSubtitles(context: ExpandContext): Subtitles {
  const { files, tracks, report } = context;
  const holes = new Map<string, { place: Place; keys: string[] }>();
  const defaults = defaultTemplate(context);

  function of(video: VideoDraft, track: ExpandedTrack): ExpandedAsset | null {
    const found = own(track.settings, () => track.place) ?? own(video.settings, () => entryOf(video.place)) ?? defaults;
    if (found === null) return null;
    const { template, place } = found;
    const name = fileStem(video.video.written);
    if (!template.includes('{lang}')) return assetOf(fillTemplate(template, { name }), place, files.resolve);
    const [first, second] = tracks
      .find(template, name)
      .filter((file) => canonicalTag(file.spelling) === track.language);
    if (second !== undefined && first !== undefined) {
      const message = `two files claim the subtitles of ${video.id}/${track.language}: ${first.written} and ${second.written}`;
      report.error(place, { code: 'TWO_FILES', message, expected: 'one of them' });
    }
    if (first !== undefined) return assetOf(first.written, place, files.resolve);
    const hole = holes.get(template) ?? { place, keys: [] };
    hole.keys.push(`${video.id} x ${track.language}`);
    holes.set(template, hole);
    return null;
  }

  /** A pattern that finds nothing is a slip; one that lacks some files may be what the team has. */
  function reportHoles(): void {
    for (const [template, { place, keys }] of holes) {
      if (tracks.isEmpty(template)) {
        report.error(place, {
          code: 'NO_MATCH',
          message: `no file matches ${quote(template)}`,
          expected: 'WebVTT files',
        });
        continue;
      }
      const more = keys.length > NAMED ? ` and ${count(keys.length - NAMED, 'more output')}` : '';
      const message = `no subtitles for ${keys.slice(0, NAMED).join(', ')}${more}`;
      report.warn(place, { code: 'MISSING_TRACK', message });
    }
  }

  return { of, reportHoles };
}

function own({ subtitles: template }: SettingsFields, placeOf: () => Place): Template | null {
  if (template === undefined) return null;
  const place = placeOf();
  return { template, place: 'path' in place ? { path: [...place.path, 'subtitles'] } : place };
}

/** The entry that a video stands in: a match of `from` has its place at that field. */
function entryOf(place: Place): Place {
  return 'path' in place ? { path: place.path.slice(0, 2) } : place;
}

function defaultTemplate({ manifest }: ExpandContext): Template | null {
  const written = manifest.defaults?.subtitles;
  if (written === undefined) return null;
  const path = ['defaults', 'subtitles'];
  return { template: manifest.source.pathFromManifest(path, written), place: { path } };
}
