import { formatIssue, type IssueText, type Manifest } from '@localize/core';
import type { ShowPlaces } from '../keys/collect-keys.js';

/** Shows values of a manifest as a compiler would. What is not written in it has no place, and is left out. */
export function placePrinter(manifest: Manifest, text: IssueText, color: boolean): ShowPlaces {
  return (places) =>
    places
      .filter(({ path }) => isWritten(manifest, path))
      .map(({ path, message }) => manifest.source.issueAt({ path }, { code: 'VALUE', message }))
      .map((issue) => `${formatIssue(issue, text, { color, codes: false })}\n`)
      .join('');
}

function isWritten(value: unknown, [step, ...rest]: readonly (string | number)[]): boolean {
  if (step === undefined) return value !== undefined;
  if (value === null || typeof value !== 'object') return false;
  return isWritten((value as Record<string | number, unknown>)[step], rest);
}
