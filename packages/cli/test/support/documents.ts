import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './cli.js';

/** A fenced block of a document. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** What its first line calls it: `# batch.yaml`. */
  readonly name: string | null;
}

/** Documents whose commands and examples must work, by their paths in the repository. */
export const GUIDES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'packages/cli/README.md',
  ...readdirSync(join(REPOSITORY, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export const DOCUMENTS: readonly string[] = [
  ...GUIDES,
  'CHANGELOG.md',
  'packages/report/README.md',
  'manifests/media/README.md',
];

export function readDocument(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

export function blocksOf(text: string, language: string): Block[] {
  const fences = text.matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```$/gm);
  return [...fences]
    .map(([, indent = '', found = '', inner = '']) => {
      const lines = inner.split('\n').map((line) => line.slice(indent.length));
      const name = /^# (\S+)$/.exec(lines[0] ?? '')?.[1] ?? null;
      return { language: found, text: lines.join('\n'), name };
    })
    .filter((block) => block.language === language);
}

/** The lines of shell blocks, one command each. */
export function commandsOf(text: string): string[] {
  return blocksOf(text, 'sh')
    .flatMap((block) => block.text.split('\n'))
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

/** What stands in backticks in the prose, on one line each. */
export function spansOf(text: string): string[] {
  const prose = text.replace(/^( *)```[\s\S]*?^\1```$/gm, '');
  return [...prose.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.replace(/\s+/g, ' '));
}

/** Commands of cron tables, without their times. @throws Error where the times are none */
export function cronCommandsOf(text: string): string[] {
  const lines = blocksOf(text, 'cron').flatMap((block) => block.text.split('\n'));
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = /^(?:[\d*/,-]+ ){5}(.+)$/.exec(line);
      if (match?.[1] === undefined) throw new Error(`no cron line: ${line}`);
      return match[1];
    });
}

/** Headings as the anchors that links name them by, in the manner of GitHub. */
export function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}

/** Where a document links to, without addresses of the web. */
export function linksOf(text: string): { words: string; target: string }[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/\[((?:[^\]`]|`[^`]*`)*)\]\(([^)\s]+)\)/g)]
    .map(([, words = '', target = '']) => ({ words, target }))
    .filter(({ target }) => !/^https?:/.test(target));
}
