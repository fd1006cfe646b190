import { quote } from './fields/scalar.js';
import type { ManifestIssueCode } from './manifest-issue.js';
import type { Path } from './manifest-source.js';
import type { PlacedFinding } from './schema-issues.js';

type Raw = Readonly<Record<string, unknown>>;

const KINDS = ['source', 'from', 'csv'] as const;
/** What an entry of each kind cannot have. */
const FOREIGN = {
  source: [],
  from: ['duration', 'mask_image'],
  csv: ['id', 'duration', 'mask_image', 'tracks'],
} as const;

/** An entry of `videos` is one of three kinds, with the fields that go with it. */
export function checkKind(video: Raw, path: Path): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  const say = (field: string, code: ManifestIssueCode, message: string, expected: string) => {
    const part = code === 'CONFLICT' ? 'key' : 'value';
    findings.push({ place: { path: [...path, field], part }, finding: { code, message, expected } });
  };
  const lack = (fields: readonly string[], expected: string) => {
    const message = `\`${fields[0]}\` is missing in ${name}`;
    const lacks = fields.map((field) => [...path, field]);
    findings.push({ place: { path }, finding: { code: 'MISSING', message, expected }, lacks });
  };
  const name = typeof video.id === 'string' ? `video ${video.id}` : `video ${Number(path[1]) + 1}`;
  const [kind, other] = KINDS.filter((field) => video[field] !== undefined);
  if (kind === undefined) {
    lack(KINDS, 'source, or from with a pattern, or csv with a file');
    return findings;
  }
  if (other !== undefined) {
    say(other, 'CONFLICT', `\`${other}\` cannot stand beside \`${kind}\``, 'one of source, from and csv');
  }
  for (const field of FOREIGN[kind]) {
    if (video[field] === undefined) continue;
    const expected = kind === 'csv' ? 'a column of that file' : 'an item with source for that video';
    say(field, 'CONFLICT', `\`${field}\` cannot stand beside \`${kind}\``, expected);
  }
  if (kind === 'source' && video.id === undefined) {
    lack(['id'], 'a name of letters, digits and . _ -');
  }
  if (kind === 'from' && video.tracks === undefined) {
    lack(['tracks'], 'a pattern such as ./audio/{lang}/{name}.mp3');
  }
  checkIdPattern(kind, video.id, (message, expected) => say('id', 'VALUE', message, expected));
  return findings;
}

function checkIdPattern(kind: string, id: unknown, say: (message: string, expected: string) => void): void {
  if (typeof id !== 'string') return;
  const isPattern = id.includes('{');
  if (kind === 'from' && !isPattern) say(`\`id\` is ${quote(id)} for every match`, 'a pattern with {name} in it');
  if (kind === 'source' && isPattern) say(`\`id\` is ${quote(id)}`, 'a plain name; {name} belongs to `from`');
}
