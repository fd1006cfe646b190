import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LocalizeError } from '@localize/core';
import { LONGEST_NAME, parseReview } from '@localize/report';
import type { GivenMark } from '@localize/runner';
import { displayPath } from '../output/display-path.js';

/**
 * The marks of several review files. One bad file is an error before any mark is taken in.
 * @throws LocalizeError REVIEW_UNUSABLE
 */
export function readReviews(files: readonly string[], where: { cwd: string; batch: string }): GivenMark[] {
  return files.flatMap((file) => readReview(file, where));
}

function readReview(file: string, { cwd, batch }: { cwd: string; batch: string }): GivenMark[] {
  const parsed = parseReview(readText(file, resolve(cwd, file)));
  if ('problem' in parsed) throw unusable(file, parsed.problem);
  const { review } = parsed;
  if (review.batch !== batch) {
    throw unusable(file, `it is of the batch ${review.batch}, and this one is ${batch}`);
  }
  // Reviewers without a name are told apart by their files, of which several may have one name in different folders.
  const reviewer = review.reviewer.trim() || displayPath(resolve(cwd, file), cwd).slice(-LONGEST_NAME);
  return review.marks.map(({ at, ...mark }) => ({ ...mark, reviewer, atMs: Date.parse(at) }));
}

function readText(file: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unusable(file, (error as Error).message);
  }
}

function unusable(file: string, why: string): LocalizeError {
  return new LocalizeError('REVIEW_UNUSABLE', `${file} cannot be taken in: ${why}`, {
    hint: 'nothing was taken in of any file; give the review files that the page of this very batch downloads',
  });
}
