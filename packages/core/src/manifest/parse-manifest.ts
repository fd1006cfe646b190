import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import type { Catalogue } from '../provider/route.js';
import { checkWhole } from './check-whole.js';
import type { Manifest, ManifestValues } from './manifest.js';
import { issueAt, type ManifestIssue, sortIssues } from './manifest-issue.js';
import { manifestSchema } from './manifest-schema.js';
import { type ManifestSource, manifestSource, spanOf } from './manifest-source.js';
import { salvage } from './salvage.js';
import { schemaFindings } from './schema-issues.js';
import { yamlIssues } from './yaml-errors.js';

export interface ParsedManifest {
  /** `null` when there is any mistake. */
  readonly manifest: Manifest | null;
  /**
   * What is left without the mistakes, so that its files can be looked at in the same go; never to be run. `null` when
   * there is no mistake, or too little is left.
   */
  readonly remainder: Manifest | null;
  /** Every mistake, in the order of the file. */
  readonly issues: readonly ManifestIssue[];
}

const schemas = new WeakMap<Catalogue, z.ZodType<ManifestValues>>();

/**
 * Reads a manifest: YAML 1.2, then the fields, then the rules between them. Every mistake comes back at once; only
 * text that is no YAML hides the mistakes behind it.
 * @param options.file the manifest's name as it should stand in messages.
 */
export function parseManifest(text: string, options: { file: string; catalogue: Catalogue }): ParsedManifest {
  const { file, catalogue } = options;
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    logLevel: 'error',
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
  });
  const source = manifestSource(file, catalogue, document, lines, text);
  const issues = yamlIssues([...document.errors, ...document.warnings], file, lines, text);
  if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY'))
    return { manifest: null, remainder: null, issues: sortIssues(issues) };

  issues.push(...checkDirective(document, source));
  const root = plainValues(document);
  if (root === UNREADABLE) {
    issues.push(...unknownAliases(document, file, lines, text));
    return { manifest: null, remainder: null, issues: sortIssues(issues) };
  }
  const parsed = schemaOf(catalogue).safeParse(root);
  const findings = [...(parsed.success ? [] : schemaFindings(parsed.error.issues, root)), ...checkWhole(root)];
  issues.push(...findings.map(({ place, finding }) => source.issueAt(place, finding)));
  if (issues.length > 0 || !parsed.success) {
    const rest = schemaOf(catalogue).safeParse(
      salvage(
        root,
        findings.flatMap(({ place }) => ('path' in place ? [place.path] : [])),
      ),
    );
    const remainder = rest.success ? { ...rest.data, source } : null;
    return { manifest: null, remainder, issues: sortIssues(issues) };
  }
  return { manifest: { ...parsed.data, source }, remainder: null, issues };
}

function schemaOf(catalogue: Catalogue): z.ZodType<ManifestValues> {
  const known = schemas.get(catalogue);
  if (known !== undefined) return known;
  const schema = manifestSchema(catalogue);
  schemas.set(catalogue, schema);
  return schema;
}

const UNREADABLE = Symbol('unreadable');

function plainValues(document: Document.Parsed): unknown {
  try {
    // One anchor may well be used by every video; the bound is only against texts that explode.
    return document.toJS({ maxAliasCount: 1_000_000 }) as unknown;
  } catch (error) {
    if (error instanceof ReferenceError) return UNREADABLE;
    throw error;
  }
}

function unknownAliases(document: Document.Parsed, file: string, lines: LineCounter, text: string): ManifestIssue[] {
  const issues: ManifestIssue[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return;
      const [start, end] = alias.range ?? [0, 1];
      const message = `the alias *${alias.source} has no anchor above it`;
      const expected = `&${alias.source} before the value that it stands for`;
      issues.push(issueAt(spanOf(file, lines, text, start, end), { code: 'YAML', message, expected }));
    },
  });
  if (issues.length > 0) return issues;
  const span = spanOf(file, lines, text, 0, 1);
  return [
    issueAt(span, { code: 'YAML', message: 'the aliases multiply without end', expected: 'fewer aliases of aliases' }),
  ];
}

/** In YAML 1.1 `no` is false, so that Norwegian would vanish. */
function checkDirective(document: Document.Parsed, source: ManifestSource): ManifestIssue[] {
  if (document.directives?.yaml.version !== '1.1') return [];
  const span = { ...source.spanAt({ path: [] }), line: 1, column: 1, length: 5 };
  const message = 'the manifest asks for YAML 1.1, in which `no` is false and not Norwegian';
  return [issueAt(span, { code: 'YAML', message, expected: 'YAML 1.2: drop the %YAML line' })];
}
