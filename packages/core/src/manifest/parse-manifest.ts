import type { z } from 'zod';
import type { Catalogue } from '../provider/route.js';
import { checkWhole } from './check-whole.js';
import type { Manifest, ManifestValues } from './manifest.js';
import { type ManifestIssue, sortIssues } from './manifest-issue.js';
import { manifestSchema } from './manifest-schema.js';
import { manifestSource, type Path } from './manifest-source.js';
import { mergeValues } from './merge-values.js';
import { UNREADABLE } from './plain-values.js';
import { readText, readTexts, type SharedFiles, sharedValues } from './read-texts.js';
import { type Remainder, remainderOf } from './remainder.js';
import { salvage } from './salvage.js';
import { type PlacedFinding, schemaFindings, withoutEchoes } from './schema-issues.js';
import { explainUnquoted } from './unquoted-parts.js';

export interface ParsedManifest {
  /** `null` when there is any mistake. */
  readonly manifest: Manifest | null;
  /**
   * What is left without the mistakes, so that the mistakes that only show later can be said in the same go. `null`
   * when there is no mistake, or too little is left.
   */
  readonly remainder: Remainder | null;
  /** Every mistake, in the order of the files. */
  readonly issues: readonly ManifestIssue[];
  /** The manifest's text and those that it extends, by the names that issues give them, for {@link formatIssues}. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface ParseOptions {
  /** The manifest's name as it should stand in messages. */
  readonly file: string;
  readonly catalogue: Catalogue;
  /** Where `extends` finds its files; without them the manifest stands alone. */
  readonly files?: SharedFiles;
}

const ALONE: SharedFiles = { resolve: (path) => path, readText: () => null };

const schemas = new WeakMap<Catalogue, z.ZodType<ManifestValues>>();

/**
 * Reads a manifest: YAML 1.2, with the files that it extends underneath; then the fields, then the rules between them.
 * Every mistake comes back at once; only text that is no YAML hides the mistakes behind it.
 */
export function parseManifest(text: string, { file, catalogue, files = ALONE }: ParseOptions): ParsedManifest {
  const { texts, issues } = readTexts(readText(text, { file, folder: '' }), files);
  const [own, ...shared] = texts;
  const named = new Map(texts.map((each) => [each.file, each.text]));
  if (texts.some(({ root }) => root === UNREADABLE)) {
    return { manifest: null, remainder: null, issues: sortIssues(explainUnquoted(issues, named)), texts: named };
  }
  const source = manifestSource(texts, catalogue);
  const root = shared.reduce((near, far) => mergeValues(near, sharedValues(far)), own.root);
  const parsed = schemaOf(catalogue).safeParse(root);
  const findings = [...(parsed.success ? [] : schemaFindings(parsed.error.issues, root)), ...checkWhole(root)];
  const isWhole = issues.length === 0;
  issues.push(...withoutEchoes(findings).map(({ place, finding }) => source.issueAt(place, finding)));
  if (issues.length > 0 || !parsed.success) {
    const mistakes = findings.flatMap(({ place }) => ('path' in place ? [place.path] : []));
    const rest = schemaOf(catalogue).safeParse(salvage(root, mistakes));
    const remainder = rest.success
      ? remainderOf(rest.data, source, { mistakes: findings.flatMap(doubtfulPlace), isWhole })
      : null;
    return { manifest: null, remainder, issues: sortIssues(explainUnquoted(issues, named)), texts: named };
  }
  return { manifest: { ...parsed.data, source }, remainder: null, issues, texts: named };
}

/** What a mistake leaves unsaid. A key that resembles no known one says nothing that could be missing elsewhere. */
function doubtfulPlace({ place, meant }: PlacedFinding): Path[] {
  if (meant === null) return [];
  if (meant !== undefined) return [meant];
  return 'path' in place ? [place.path] : [];
}

function schemaOf(catalogue: Catalogue): z.ZodType<ManifestValues> {
  const known = schemas.get(catalogue);
  if (known !== undefined) return known;
  const schema = manifestSchema(catalogue);
  schemas.set(catalogue, schema);
  return schema;
}
