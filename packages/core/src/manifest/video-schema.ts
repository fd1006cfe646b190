import type { Catalogue } from '../provider/route.js';
import { durationField, LONGEST_MEDIA_MS } from './fields/measure-fields.js';
import { readName } from './fields/name-fields.js';
import { isUrl, mediaExpectation, mediaField, pathField, readMedia } from './fields/place-fields.js';
import { quote, scalar } from './fields/scalar.js';
import { placeholdersOf, readTemplate } from './fields/template-fields.js';
import { wordField } from './fields/text-fields.js';
import { either, mapping, named } from './schema-parts.js';
import { labelsSchema, settingsShape } from './settings-schema.js';

/** An entry of `videos`. Which fields go together is checked apart, with better words than a union would have. */
export function videoSchema(catalogue: Catalogue) {
  return mapping('a video: a mapping with id, source and tracks', {
    id: idField()
      .describe('Name of the video in job keys, reports and file names; of a `from` entry a pattern with {name}.')
      .optional(),
    source: mediaField('video')
      .describe('The source video: a path from the manifest’s folder, or an https URL.')
      .optional(),
    from: pathField('a pattern such as ./course/*.mp4')
      .describe('A pattern of files; every match is a video.')
      .optional(),
    csv: pathField('a path such as ./rows.csv')
      .describe('A CSV file with columns such as video,lang,audio; one row a job.')
      .optional(),
    duration: durationField(LONGEST_MEDIA_MS)
      .describe('Length of the source video; trusted when set, else measured.')
      .optional(),
    mask_image: mediaField('image').describe('A picture that marks the region to animate.').optional(),
    tracks: tracksSchema(catalogue).optional(),
    labels: labelsSchema().optional(),
    ...settingsShape(catalogue),
  }).meta({ oneOf: [{ required: ['source'] }, { required: ['from'] }, { required: ['csv'] }] });
}

function tracksSchema(catalogue: Catalogue) {
  const expected =
    'a track for each language, such as { de: ./audio/keynote.de.mp3 }, or a pattern such as ./audio/{lang}/{name}.mp3';
  return either(expected, [
    named(expected, either('an audio file, or a mapping with audio', [audioTemplate(), trackSchema(catalogue)])),
    trackPattern(),
  ]).describe(
    'The audio of each language, by language tag; or a pattern with {lang} and {name}. What stands under the tag "{lang}" is such a pattern too, of two voices where it has left_audio and right_audio.',
  );
}

/** One track as a mapping; a row of a CSV file is checked by it too. */
export function trackSchema(catalogue: Catalogue) {
  return mapping('an audio file, or a mapping with audio', {
    audio: audioTemplate()
      .describe('The track’s audio: a path from the manifest’s folder, or an https URL.')
      .optional(),
    left_audio: audioTemplate().describe('The left speaker’s audio, on routes that take two voices.').optional(),
    right_audio: audioTemplate().describe('The right speaker’s audio, on routes that take two voices.').optional(),
    order: wordField(['meanwhile', 'left_right', 'right_left'] as const)
      .describe('Who speaks when, of two voices: both at once (meanwhile), or one after the other. Default: meanwhile.')
      .optional(),
    duration: durationField(LONGEST_MEDIA_MS)
      .describe('Length of the audio; of two voices, of the finished video. Trusted when set.')
      .optional(),
    left_duration: durationField(LONGEST_MEDIA_MS).describe('Length of the left speaker’s audio.').optional(),
    right_duration: durationField(LONGEST_MEDIA_MS).describe('Length of the right speaker’s audio.').optional(),
    mask_image: mediaField('image')
      .describe('A picture that marks the region to animate, for this language only.')
      .optional(),
    labels: labelsSchema().optional(),
    ...settingsShape(catalogue),
  });
}

function idField() {
  const expected = 'a name of letters, digits and . _ -';
  return scalar<string>(expected, { type: 'string' }, (value) => {
    if (typeof value !== 'string') return readName(value, expected);
    return readTemplate(value, expected, ['name'], (template) => {
      const reading = readName(template.replaceAll('{name}', 'name'), expected);
      return 'value' in reading ? { value: template } : reading;
    });
  });
}

/** A media path that may hold `{lang}` and `{name}`; other words in braces are slips, other braces part of a name. */
function audioTemplate() {
  const expected = mediaExpectation('audio');
  return scalar<string>(expected, { type: 'string' }, (value) => {
    const reading = readMedia(value, expected);
    if (!('value' in reading) || isUrl(reading.value)) return reading;
    const unknown = placeholdersOf(reading.value).find((word) => /^[a-z]+$/i.test(word) && !PARTS.includes(word));
    if (unknown === undefined) return reading;
    return { problem: `is ${quote(reading.value)}, and {${unknown}} is unknown`, expected: '{lang} or {name}' };
  });
}

const PARTS = ['lang', 'name'];

function trackPattern() {
  const expected = 'a pattern with {lang} in it, such as ./audio/{lang}/{name}.mp3';
  return scalar<string>(expected, { type: 'string' }, (value) =>
    readTemplate(value, expected, PARTS, (template) => {
      if (/^https?:/i.test(template))
        return { problem: 'is a URL', expected: 'paths here; URLs go under their language tags' };
      return template.includes('{lang}') ? { value: template } : { problem: 'has no {lang} in it', expected };
    }),
  );
}
