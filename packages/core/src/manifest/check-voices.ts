import type { ManifestIssueCode } from './manifest-issue.js';
import type { Path } from './manifest-source.js';
import type { PlacedFinding } from './schema-issues.js';

const TWO_VOICE_FIELDS = ['order', 'left_duration', 'right_duration'];

/** A track has one voice (`audio`) or two (`left_audio` and `right_audio`), with the fields that go with them. */
export function checkVoices(track: Readonly<Record<string, unknown>>, path: Path): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  const say = (field: string, code: ManifestIssueCode, message: string, expected: string) =>
    findings.push({ place: { path: [...path, field], part: 'key' }, finding: { code, message, expected } });
  const lack = (fields: readonly string[], beside: string | null, expected: string) =>
    findings.push({
      place: { path: beside === null ? path : [...path, beside], part: 'key' },
      finding: { code: 'MISSING', message: `\`${fields[0]}\` is missing${name}`, expected },
      lacks: fields.map((field) => [...path, field]),
    });
  const has = (field: string) => track[field] !== undefined;
  const name = path.length === 0 ? '' : ` in track ${path.at(-1)}`;
  const two = has('left_audio') || has('right_audio');
  if (!two && !has('audio')) {
    lack(['audio', 'left_audio', 'right_audio'], null, 'audio, or left_audio and right_audio');
  }
  if (two && has('audio')) {
    say('audio', 'CONFLICT', '`audio` cannot stand beside `left_audio` and `right_audio`', 'one voice or two');
  }
  if (two && !has('left_audio')) lack(['left_audio'], 'right_audio', 'both voices');
  if (two && !has('right_audio')) lack(['right_audio'], 'left_audio', 'both voices');
  for (const field of TWO_VOICE_FIELDS) {
    if (two || !has(field)) continue;
    say(field, 'CONFLICT', `\`${field}\` is for two voices`, 'left_audio and right_audio, or no such field');
  }
  return findings;
}
