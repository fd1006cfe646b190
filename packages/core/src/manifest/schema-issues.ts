import type { z } from 'zod';
import { nearestWord } from '../text/nearest.js';
import { ownValue } from '../text/own-value.js';
import { orList } from '../text/words.js';
import { describeValue, type MistakeParams } from './fields/scalar.js';
import type { Finding } from './manifest-issue.js';
import type { Path, Place } from './manifest-source.js';

type SchemaIssue = z.core.$ZodIssue;

export interface PlacedFinding {
  readonly place: Place;
  readonly finding: Finding;
  /** Of an unknown key the known one that was most likely meant, in its place; `null`: none comes near. */
  readonly meant?: Path | null;
  /** Of something that is missing, the keys of which any would do. */
  readonly lacks?: readonly Path[];
}

/** Without what is missing only since its key is misspelt: that is one mistake. */
export function withoutEchoes(findings: readonly PlacedFinding[]): PlacedFinding[] {
  const meant = new Set(findings.flatMap((each) => (each.meant ? [JSON.stringify(each.meant)] : [])));
  return findings.filter(({ lacks = [] }) => !lacks.some((path) => meant.has(JSON.stringify(path))));
}

/** Turns what zod found into findings in plain words, each with its place. */
export function schemaFindings(issues: readonly SchemaIssue[], root: unknown): PlacedFinding[] {
  return issues.flatMap((issue) => describeIssue(issue, [], root));
}

function describeIssue(issue: SchemaIssue, base: Path, root: unknown): PlacedFinding[] {
  const path = [...base, ...(issue.path as Path)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, issue.message.split(' ').filter(Boolean)));
    case 'invalid_union':
      return describeUnion(issue, path, root);
    case 'custom':
      return [describeScalar(issue, path)];
    default:
      return [describeType(path, issue.message, root)];
  }
}

/** The branch that the user meant is the one that takes this type of value. */
function describeUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, root: unknown): PlacedFinding[] {
  const meant = issue.errors.filter((branch) => !branch.some(isWrongType));
  const [branch] = meant.sort((a, b) => a.length - b.length);
  if (branch !== undefined && branch.length > 0) return branch.flatMap((inner) => describeIssue(inner, path, root));
  return [describeType(path, issue.message, root)];
}

function isWrongType(issue: SchemaIssue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'custom') return ['TYPE', 'MISSING'].includes((issue.params as unknown as MistakeParams).code);
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(isWrongType));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function describeScalar(issue: z.core.$ZodIssueCustom, path: Path): PlacedFinding {
  const { code, expected } = issue.params as unknown as MistakeParams;
  if (code === 'MISSING') return missing(path, expected);
  return { place: { path }, finding: { code, message: `${nameOf(path)} ${issue.message}`, expected } };
}

function describeType(path: Path, expected: string, root: unknown): PlacedFinding {
  const value = valueAt(root, path);
  if (value === undefined) return missing(path, expected);
  const seen = Array.isArray(value) && value.length === 0 ? 'an empty list' : describeValue(value);
  return { place: { path }, finding: { code: 'TYPE', message: `${nameOf(path)} is ${seen}`, expected } };
}

function missing(path: Path, expected: string): PlacedFinding {
  const finding = { code: 'MISSING', message: `${nameOf(path)} is missing${ownerOf(path)}`, expected } as const;
  return { place: { path: path.slice(0, -1) }, finding, lacks: [path] };
}

/** What has its place elsewhere, since a manifest is edited by many. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'notify.command': 'a command runs as you: --notify-command names one, or `notify.command` of your own settings',
};

function unknownKey(path: Path, key: string, known: readonly string[]): PlacedFinding {
  const nearest = nearestWord(key, known);
  const all = known.length === 0 ? 'nothing can be set here' : orList(known);
  const elsewhere = ownValue(ELSEWHERE, [...path, key].join('.'));
  const expected = elsewhere ?? (nearest === null ? all : `did you mean \`${nearest}\`?`);
  const message = `\`${key}\` is unknown${ownerOf([...path, key])}`;
  return {
    place: { path: [...path, key], part: 'key' },
    finding: { code: 'UNKNOWN_KEY', message, expected, concealed: isForHook(key, nearest, known) },
    meant: nearest === null ? null : [...path, nearest],
  };
}

/** The URL of a webhook may stand where the name of its variable belongs, or under a name that nobody asks for. */
function isForHook(key: string, meant: string | null, known: readonly string[]): boolean {
  return known.some((each) => each.endsWith('_env')) || /hook|notify|slack|discord/i.test(`${key} ${meant}`);
}

/** `` `duration` ``, ``item 2 of `languages` ``, ``the manifest`` */
export function nameOf(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the manifest';
  if (typeof last === 'string') return `\`${last}\``;
  const list = path.at(-2);
  return list === 'videos' ? `video ${last + 1}` : `item ${last + 1} of \`${list}\``;
}

function ownerOf(path: Path): string {
  const owner = path.slice(0, -1);
  return owner.length === 0 ? '' : ` in ${nameOf(owner)}`;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
