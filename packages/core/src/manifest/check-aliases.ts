import { type Alias, isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, visit } from 'yaml';
import { nearestWord } from '../text/nearest.js';
import { describeValue } from './fields/scalar.js';
import { type Finding, issueAt, type ManifestIssue } from './manifest-issue.js';
import { type SourceText, spanOf } from './manifest-source.js';

/** What each alias of a text stands for; those without an anchor above them are not in it. */
type Targets = ReadonlyMap<Alias, Node>;

/** Aliases that stand for nothing or for themselves, and merges (`<<`) of what is no mapping: such a text has no values. */
export function aliasIssues(source: SourceText): ManifestIssue[] {
  const { targets, merges, unknown } = aliasesOf(source);
  const issues = unknown.map(({ alias, anchors }) => issueOf(source, alias, unknownAlias(alias, anchors)));
  for (const [alias, target] of targets) {
    if (isInside(alias, target)) issues.push(issueOf(source, alias, endlessAlias(alias)));
  }
  for (const { key, value } of merges) {
    for (const node of mergeFaults(value, targets)) issues.push(issueOf(source, node ?? key, mergeFault(node)));
  }
  return issues;
}

type MergePair = Pair<Node, Node | null>;

/** In one pass, since a manifest may have an alias for each of thousands of videos. */
function aliasesOf({ document }: SourceText) {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const unknown: { alias: Alias; anchors: readonly string[] }[] = [];
  const merges: MergePair[] = [];
  visit(document, {
    Value(_key, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
    Alias(_key, alias) {
      const target = anchors.get(alias.source);
      if (target === undefined) unknown.push({ alias, anchors: [...anchors.keys()] });
      else targets.set(alias, target);
    },
    Pair(_key, pair) {
      // The parser's mark of a merge key.
      if (isScalar(pair.key) && typeof pair.key.value === 'symbol') merges.push(pair as MergePair);
    },
  });
  return { targets, unknown, merges };
}

function unknownAlias({ source }: Alias, anchors: readonly string[]): Finding {
  const nearest = nearestWord(source, anchors);
  const expected = nearest === null ? `&${source} before the value that it stands for` : `did you mean *${nearest}?`;
  return { code: 'YAML', message: `the alias *${source} has no anchor above it`, expected };
}

function isInside(alias: Alias, target: Node): boolean {
  const at = alias.range?.[0] ?? -1;
  return at >= (target.range?.[0] ?? 0) && at < (target.range?.[1] ?? 0);
}

function endlessAlias({ source }: Alias): Finding {
  const message = `the alias *${source} stands inside the value that it stands for`;
  return { code: 'YAML', message, expected: 'an alias outside of its own value' };
}

/** The nodes behind a merge key that cannot be merged; `null`: there is nothing. Unknown aliases are reported already. */
function mergeFaults(value: Node | null, targets: Targets): (Node | null)[] {
  const behind = resolved(value, targets);
  if (behind === null) return isAlias(value) ? [] : [null];
  if (isMap(behind)) return [];
  if (!isSeq(behind)) return [value];
  return behind.items.flatMap((item) => {
    if (!isNode(item)) return [];
    const real = resolved(item, targets);
    return real === null || isMap(real) ? [] : [item];
  });
}

function resolved(node: Node | null, targets: Targets): Node | null {
  return isAlias(node) ? (targets.get(node) ?? null) : node;
}

function mergeFault(node: Node | null): Finding {
  const message = `\`<<\` merges mappings, and this is ${mergedWords(node)}`;
  return { code: 'YAML', message, expected: 'an alias of a mapping, as in <<: *name, or a list of such' };
}

function mergedWords(node: Node | null): string {
  if (isAlias(node)) return `*${node.source}, which is none`;
  return isScalar(node) ? describeValue(node.value) : describeValue(node === null ? null : []);
}

function issueOf({ file, lines, text }: SourceText, node: Node, finding: Finding): ManifestIssue {
  const [start, end] = node.range ?? [0, 1];
  return issueAt(spanOf(file, lines, text, start, end), finding);
}
