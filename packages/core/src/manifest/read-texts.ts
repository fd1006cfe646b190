import { LineCounter, parseDocument } from 'yaml';
import { encodingFault } from './check-encoding.js';
import type { ManifestFiles } from './expand-manifest.js';
import { readPath, SHARED_FILE } from './fields/place-fields.js';
import { describeValue } from './fields/scalar.js';
import { folderOf, pathBeside } from './file-names.js';
import { type Finding, issueAt, type ManifestIssue, type Span } from './manifest-issue.js';
import { type SourceText, spanIn, spanOf } from './manifest-source.js';
import { isMapping } from './merge-values.js';
import { plainValues, UNREADABLE } from './plain-values.js';
import { reservedKeyIssues } from './reserved-keys.js';
import { valuesInPieces, YAML_OPTIONS } from './values-in-pieces.js';
import { yamlIssues } from './yaml-errors.js';

/** One YAML text with what it says. */
export interface ReadText extends SourceText {
  /** Its plain values; `UNREADABLE` where it is no YAML. */
  readonly root: unknown;
  /** Mistakes in the YAML itself. */
  readonly issues: readonly ManifestIssue[];
}

/** What following `extends` needs of the disk. */
export type SharedFiles = Pick<ManifestFiles, 'resolve' | 'readText' | 'nearest' | 'isFolder'>;

interface Reading {
  /** The manifest's own file, as messages name it. */
  readonly file: string;
  readonly files: SharedFiles;
}

/**
 * A manifest's text and those that it extends, nearest first: `extends` is followed from file to file. What stands in
 * the way is an issue at the `extends` that leads there.
 */
export function readTexts(
  own: ReadText,
  files: SharedFiles,
): { texts: [ReadText, ...ReadText[]]; issues: ManifestIssue[] } {
  const texts: [ReadText, ...ReadText[]] = [own];
  const issues = [...own.issues];
  const seen = new Set([files.resolve(own.file.slice(folderOf(own.file).length))]);
  for (let from: ReadText | null = own; from !== null; ) {
    const step = follow(from, seen, { file: own.file, files });
    if (step !== null && 'finding' in step) issues.push(issueAt(spanIn(from, ['extends']), step.finding));
    from = step !== null && 'next' in step ? step.next : null;
    if (from === null) break;
    texts.push(from);
    issues.push(...from.issues, ...ownKeyIssues(from));
  }
  return { texts, issues };
}

/** From so many characters on what a text says is read in pieces, and where it says it only when somebody asks. */
const LARGE_CHARACTERS = 100_000;

/** @param place `folder`: put before the text's relative paths, so that they start at the manifest's folder. */
export function readText(text: string, { file, folder }: { file: string; folder: string }): ReadText {
  const source = new LazySource({ file, folder, text });
  const fault = encodingFault(text);
  const damage = fault === null ? [] : [issueAt(pointIn(source, fault.index), fault.finding)];
  if (fault?.unreadable) return source.saying(UNREADABLE, damage);
  const root = fault === null && text.length >= LARGE_CHARACTERS ? valuesInPieces(text) : null;
  if (root !== null) return source.saying(root, reservedKeyIssues(source, root));
  const values = plainValues(source);
  return source.saying(values.root, [...damage, ...yamlIssues(source), ...values.issues]);
}

/** A text whose nodes are not there before somebody asks where one stands: of a large one they take a gigabyte. */
class LazySource implements SourceText {
  readonly file: string;
  readonly folder: string;
  readonly text: string;
  #document: SourceText['document'] | null = null;
  #lines: LineCounter | null = null;

  constructor({ file, folder, text }: Pick<SourceText, 'file' | 'folder' | 'text'>) {
    this.file = file;
    this.folder = folder;
    this.text = text;
  }

  get document(): SourceText['document'] {
    this.#document ??= parseDocument(this.text, YAML_OPTIONS);
    return this.#document;
  }

  get lines(): LineCounter {
    this.#lines ??= linesOf(this.text);
    return this.#lines;
  }

  saying(root: unknown, issues: readonly ManifestIssue[]): ReadText {
    return Object.assign(this, { root, issues });
  }
}

/** Not the parser's own count, which lacks lines that it read as a part of a mistake. */
function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  for (let start = 0; ; ) {
    lines.addNewLine(start);
    const end = text.indexOf('\n', start);
    if (end === -1) return lines;
    start = end + 1;
  }
}

function pointIn({ file, text, lines }: SourceText, index: number): Span {
  return spanOf(file, lines, text, index, index + 1);
}

type Step = { readonly next: ReadText } | { readonly finding: Finding } | null;

function follow(from: ReadText, seen: Set<string>, { file, files }: Reading): Step {
  const written = isMapping(from.root) ? from.root.extends : undefined;
  if (written === undefined) return null;
  const reading = readPath(written, SHARED_FILE);
  if (!('value' in reading)) {
    // The manifest's own is checked with its other fields.
    if (from.folder === '' && from.file === file) return null;
    return {
      finding: { code: reading.code ?? 'VALUE', message: `\`extends\` ${reading.problem}`, expected: reading.expected },
    };
  }
  const path = pathBeside(from.folder, reading.value);
  const absolute = files.resolve(path);
  const name = pathBeside(folderOf(file), path);
  if (seen.has(absolute)) {
    const message = `\`extends\` leads back to ${name}`;
    return { finding: { code: 'EXTENDS', message, expected: 'files that extend one another in one direction' } };
  }
  seen.add(absolute);
  const text = files.readText(absolute);
  if (text === null) {
    const message = `${reading.value} ${files.isFolder?.(absolute) ? 'is a folder' : 'is not there'}`;
    const nearest = files.nearest?.(absolute) ?? null;
    const expected = nearest === null ? `a YAML file; looked at ${absolute}` : `did you mean ${nearest}?`;
    return { finding: { code: 'EXTENDS', message, expected } };
  }
  return { next: readText(text, { file: name, folder: folderOf(path) }) };
}

/** Parts of a manifest that are its own. */
const OWN_KEYS = ['batch', 'videos'];

function ownKeyIssues(shared: ReadText): ManifestIssue[] {
  const { root } = shared;
  if (root === UNREADABLE) return [];
  if (!isMapping(root)) {
    const expected = 'a mapping with what manifests share, such as providers, staging and defaults';
    return [issueAt(spanIn(shared, []), { code: 'TYPE', message: `the file is ${describeValue(root)}`, expected })];
  }
  return OWN_KEYS.filter((key) => root[key] !== undefined).map((key) => {
    const message = `\`${key}\` stands in a file that others extend`;
    return issueAt(spanIn(shared, [key], 'key'), { code: 'CONFLICT', message, expected: 'each manifest has its own' });
  });
}

/** What a shared file gives to those that extend it. */
export function sharedValues({ root }: ReadText): unknown {
  if (!isMapping(root)) return {};
  const own = new Set([...OWN_KEYS, 'extends']);
  return Object.fromEntries(Object.entries(root).filter(([key]) => !own.has(key)));
}
