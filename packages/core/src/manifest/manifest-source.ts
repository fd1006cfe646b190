import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type ParsedNode,
} from 'yaml';
import type { Catalogue } from '../provider/route.js';
import { pathBeside } from './file-names.js';
import type { Finding, ManifestIssue, Span } from './manifest-issue.js';
import { issueAt } from './manifest-issue.js';

/** Keys and indexes from the top of the manifest. */
export type Path = readonly (string | number)[];

/** A path with a step more. A copy by spreading has room for sixteen, and a large manifest keeps many thousands. */
export function under(path: Path, step: string | number): Path {
  return path.concat(step);
}

/** A value in the manifest, its key, or a cell of a CSV file that the manifest names. */
export type Place = { readonly path: Path; readonly part?: 'key' | 'value' } | { readonly span: Span };

/** The text of a manifest, for finding out where a value stands. Nothing is computed before someone asks. */
export interface ManifestSource {
  /** As the user named it. */
  readonly file: string;
  /** What the manifest was checked against. */
  readonly catalogue: Catalogue;
  spanAt(place: Place): Span;
  issueAt(place: Place, finding: Finding, severity?: ManifestIssue['severity']): ManifestIssue;
  /** A file path as seen from the manifest's folder: what is written in a shared file starts at that file's folder. */
  pathFromManifest(path: Path, written: string): string;
}

/** One of the texts that a manifest is made of. */
export interface SourceText {
  /** As messages name it. */
  readonly file: string;
  /** Put before its relative paths, so that they start at the manifest's folder: empty, or with a `/` at its end. */
  readonly folder: string;
  readonly text: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** @param texts the manifest's own text, then those that it extends, nearest first. */
export function manifestSource(texts: readonly [SourceText, ...SourceText[]], catalogue: Catalogue): ManifestSource {
  const [own] = texts;
  const source: ManifestSource = {
    file: own.file,
    catalogue,
    spanAt(place) {
      if ('span' in place) return place.span;
      return spanIn(textOf(texts, place.path), place.path, place.part);
    },
    issueAt: (place, finding, severity) => issueAt(source.spanAt(place), finding, severity),
    pathFromManifest(path, written) {
      const { folder } = textOf(texts, path);
      return folder === '' ? written : pathBeside(folder, written);
    },
  };
  return source;
}

/** Where a value, or its key, stands in one text. */
export function spanIn({ file, document, lines, text }: SourceText, path: Path, part: 'key' | 'value' = 'value'): Span {
  const [start, end] = rangeOf(document, path, part);
  return spanOf(file, lines, text, start, end);
}

/** The text that a value comes from: the nearest of those that have the most of its path. */
function textOf(texts: readonly [SourceText, ...SourceText[]], path: Path): SourceText {
  let [best] = texts;
  let most = -1;
  for (const text of texts.length === 1 ? [] : texts) {
    const depth = depthOf(text.document, path);
    if (depth > most) [best, most] = [text, depth];
  }
  return best;
}

/** How many steps of a path are in a text. */
function depthOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  for (const [depth, step] of path.entries()) {
    const child = childOf(document, node, step);
    if (child === null) return depth;
    node = child.value;
  }
  return path.length;
}

/** A span of one line at least one character long. */
export function spanOf(file: string, lines: LineCounter, text: string, start: number, end: number): Span {
  const { line, col } = lines.linePos(Math.min(start, text.length));
  const lineEnd = text.indexOf('\n', start);
  const stop = Math.min(end, lineEnd === -1 ? text.length : lineEnd);
  const length = Math.max(1, text.slice(start, stop).trimEnd().length);
  return { file, line: Math.max(1, line), column: Math.max(1, col), length };
}

type Range = readonly [number, number];

/** The text range of a value or key; of the nearest thing around it when it is not in the text. */
function rangeOf(document: Document.Parsed, path: Path, part: 'key' | 'value'): Range {
  let node: unknown = document.contents;
  let range: Range = shownRange(node) ?? [0, 1];
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    const child = childOf(document, node, step);
    if (child === null) return range;
    range = (last && part === 'key' ? child.key : (shownRange(child.value) ?? child.key)) ?? range;
    node = child.value;
  }
  return range;
}

function childOf(document: Document.Parsed, node: unknown, step: string | number) {
  const real = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(real)) {
    const value = real.items[Number(step)];
    return value === undefined ? null : { key: shownRange(value), value };
  }
  const pair = isMap(real) ? findPair(document, real.items, String(step)) : null;
  return pair === null ? null : { key: nodeRange(pair.key), value: pair.value };
}

/** The last pair with that key, looking through merges (`<<`). */
function findPair(document: Document.Parsed, pairs: readonly Pair[], key: string): Pair | null {
  const own = pairs.findLast((pair) => keyText(pair.key) === key);
  if (own !== undefined) return own;
  for (const pair of pairs) {
    if (keyText(pair.key) !== '<<') continue;
    const merged = isAlias(pair.value) ? pair.value.resolve(document) : pair.value;
    for (const map of isSeq(merged) ? merged.items : [merged]) {
      const real = isAlias(map) ? map.resolve(document) : map;
      const found = isMap(real) ? findPair(document, real.items, key) : null;
      if (found !== null) return found;
    }
  }
  return null;
}

function keyText(key: unknown): string {
  return isScalar(key) ? (key.source ?? String(key.value)) : String(key);
}

/** What to underline of a value: a collection is shown by its first item. */
function shownRange(node: unknown): Range | null {
  if (isMap(node) && !node.flow && node.items[0] !== undefined) return nodeRange(node.items[0].key);
  if (isSeq(node) && !node.flow && node.items[0] !== undefined) return shownRange(node.items[0]);
  const range = nodeRange(node);
  // An empty value has no text of its own, so its key is shown.
  return range !== null && range[0] === range[1] ? null : range;
}

function nodeRange(node: unknown): Range | null {
  const range = (node as ParsedNode | Node | null)?.range;
  return range ? [range[0], range[1]] : null;
}
