import { type Document, isMap, isScalar, isSeq, type ParsedNode, parseDocument } from 'yaml';

/** How all of our YAML is read. */
export const YAML_OPTIONS = { version: '1.2', logLevel: 'error', prettyErrors: false, merge: true } as const;

/** The line above the one list that may be very long. */
const LIST_BEGINS = /^videos:(?: *| +#[^\n]*)\r?\n/m;

/**
 * What could make a text mean something else when it is read in pieces: anchors, aliases and tags, merges, directives and
 * ends of documents, and white space that parsers have their own ideas of. Where it stands within a text it is doubtful too.
 */
const DOUBTFUL = /[\t\ufeff]|\r(?!\n)|<<|^(?:%|---|\.\.\.)|(?:^|[\s[\]{},:"'-])[&*!]/m;

/** Much less costs a parser for every few items, much more the memory that reading in pieces is to save. */
const PIECE_CHARACTERS = 4_000;

/**
 * The plain values of a text whose `videos` are a list in block style, of which a few at a time are parsed: a hundred
 * thousand of them take ten times as much memory as nodes. Wherever anything is out of the ordinary there are none, and the
 * text is to be parsed as a whole: then alone it is sure where mistakes stand.
 * @returns `null` in any doubt
 */
export function valuesInPieces(text: string, pieceCharacters = PIECE_CHARACTERS): unknown {
  const begin = LIST_BEGINS.exec(text);
  if (begin === null || DOUBTFUL.test(text)) return null;
  const from = begin.index + begin[0].length;
  const list = itemsOf(text, from);
  if (list === null) return null;
  const root = valuesWithoutList(`${text.slice(0, from)}${text.slice(list.end)}`, begin.index);
  if (root === null) return null;
  const videos: unknown[] = [];
  for (const { start, end, count } of piecesOf(list, { from, pieceCharacters })) {
    const items = listValues(text.slice(start, end), count);
    if (items === null) return null;
    for (const item of items) videos.push(item);
  }
  return Object.assign(root, { videos });
}

interface List {
  /** Where the line of each item begins. */
  readonly starts: readonly number[];
  /** Where the first line behind the list begins. */
  readonly end: number;
}

/** @returns `null` where lines are not plainly those of a list: one stands out to the left, or there is no item */
function itemsOf(text: string, from: number): List | null {
  const starts: number[] = [];
  let margin: number | null = null;
  for (let at = from; at < text.length; ) {
    const word = firstWord(text, at);
    const next = text.indexOf('\n', word) + 1 || text.length;
    if (!isBlank(text, word)) {
      const indent = word - at;
      margin ??= indent;
      if (indent === margin && isItem(text, word)) starts.push(at);
      else if (starts.length === 0) return null;
      else if (indent === 0) return { starts, end: at };
      else if (indent <= margin) return null;
    }
    at = next;
  }
  return starts.length === 0 ? null : { starts, end: text.length };
}

function firstWord(text: string, at: number): number {
  let word = at;
  while (text[word] === ' ') word += 1;
  return word;
}

/** Nothing, or a comment. */
function isBlank(text: string, word: number): boolean {
  return word === text.length || text[word] === '\n' || text[word] === '\r' || text[word] === '#';
}

function isItem(text: string, word: number): boolean {
  return text[word] === '-' && ' \r\n'.includes(text[word + 1] ?? ' ');
}

interface Piece {
  readonly start: number;
  readonly end: number;
  /** How many items begin in it. */
  readonly count: number;
}

/** What stands above the first item belongs to it. */
function* piecesOf({ starts, end }: List, { from, pieceCharacters }: { from: number; pieceCharacters: number }) {
  let piece: Piece = { start: from, end: from, count: 0 };
  for (const [index] of starts.entries()) {
    piece = { ...piece, end: starts[index + 1] ?? end, count: piece.count + 1 };
    if (piece.end - piece.start < pieceCharacters && piece.end < end) continue;
    yield piece;
    piece = { start: piece.end, end: piece.end, count: 0 };
  }
}

/** @param at where in the text the list's key stands, whose value is left out */
function valuesWithoutList(text: string, at: number): Record<string, unknown> | null {
  const document = parseDocument(text, YAML_OPTIONS);
  const { contents } = document;
  if (!isSound(document) || !isMap(contents) || contents.flow) return null;
  const pair = contents.items.find(({ key }) => isScalar(key) && (key as ParsedNode).range[0] === at);
  const isEmpty = isScalar(pair?.value) && pair.value.value === null;
  return isEmpty ? (document.toJS() as Record<string, unknown>) : null;
}

function listValues(text: string, count: number): readonly unknown[] | null {
  const document = parseDocument(text, YAML_OPTIONS);
  const { contents } = document;
  if (!isSound(document) || !isSeq(contents) || contents.flow || contents.items.length !== count) return null;
  return document.toJS() as readonly unknown[];
}

function isSound({ errors, warnings }: Document.Parsed): boolean {
  return errors.length === 0 && warnings.length === 0;
}
