import type { ReviewMark } from './review.js';

/** A file of more languages than this is named after none. */
const MOST_LANGUAGES = 3;
const LONGEST_PART = 60;

/** What the marks are downloaded as, so that the files of several reviewers lie side by side: `review-spring-de-Jana.json`. */
export function reviewFileName(batch: string, reviewer: string, marks: readonly ReviewMark[]): string {
  const languages = [...new Set(marks.map(({ key }) => key.slice(key.lastIndexOf('/') + 1)))];
  const named = languages.length <= MOST_LANGUAGES ? languages : [];
  const parts = ['review', batch, ...named, reviewer].map(plainPart).filter((part) => part !== '');
  return `${parts.join('-')}.json`;
}

/** What every file system takes. */
function plainPart(text: string): string {
  return text
    .replace(/[^\p{L}\p{N}.]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, LONGEST_PART);
}
