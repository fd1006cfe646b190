import type { Section } from './section.js';

/**
 * Replaces one family's section of the results and leaves all else as it is, what people wrote included. A family that
 * has none yet comes last.
 */
export function withSection(document: string, family: string, section: Section): string {
  const [begin, end] = [`<!-- begin ${family}: written by npm run bench -->`, `<!-- end ${family} -->`];
  const text = [begin, `## ${section.title}`, '', ...section.lines, end].join('\n');
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from === -1 || to < from) return `${document.trimEnd()}\n\n${text}\n`;
  return document.slice(0, from) + text + document.slice(to + end.length);
}
