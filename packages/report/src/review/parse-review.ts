import { LONGEST_NAME, LONGEST_NOTE, REVIEW_VERSION, type Review, type ReviewMark } from './review.js';

/** Either the review, or what is wrong with the file in words for its reader. */
export type ParsedReview = { readonly review: Review } | { readonly problem: string };

const SHA256 = /^[0-9a-f]{64}$/;

/** Reads a review file. It comes from a person by mail or chat, so that nothing in it is trusted. */
export function parseReview(text: string): ParsedReview {
  const value = parseJson(text);
  if (!isRecord(value) || value.format !== 'localize-review') {
    return { problem: 'it is no review file (the report’s “Download marks” makes one)' };
  }
  if (value.version !== REVIEW_VERSION) {
    return { problem: `it has version ${JSON.stringify(value.version)}, and only ${REVIEW_VERSION} is known here` };
  }
  const { batch, reviewer, marks } = value;
  if (typeof batch !== 'string') return { problem: 'it names no batch' };
  if (typeof reviewer !== 'string') return { problem: 'it names no reviewer' };
  if (reviewer.length > LONGEST_NAME) {
    return { problem: `its reviewer's name has ${reviewer.length} characters, and ${LONGEST_NAME} are the most` };
  }
  if (!Array.isArray(marks)) return { problem: 'it has no list of marks' };
  const read: ReviewMark[] = [];
  for (const [index, item] of marks.entries()) {
    const mark = readMark(item);
    if (typeof mark === 'string') return { problem: `mark ${index + 1} ${mark}` };
    read.push(mark);
  }
  return { review: { format: 'localize-review', version: REVIEW_VERSION, batch, reviewer, marks: read } };
}

function readMark(item: unknown): ReviewMark | string {
  if (!isRecord(item)) return 'is no object';
  const { key, sha256, verdict, route, note, at } = item;
  if (typeof key !== 'string' || key === '') return 'names no job';
  if (typeof sha256 !== 'string' || !SHA256.test(sha256)) return `(${key}) has no SHA-256 of the output`;
  if (verdict !== 'approve' && verdict !== 'redo') return `(${key}) says neither approve nor redo`;
  if (route !== null && typeof route !== 'string') return `(${key}) has a route that is no text`;
  if (typeof note !== 'string') return `(${key}) has a note that is no text`;
  if (note.length > LONGEST_NOTE) {
    return `(${key}) has a note of ${note.length} characters, and ${LONGEST_NOTE} are the most`;
  }
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) return `(${key}) has no time`;
  return { key, sha256, verdict, route, note, at };
}

function parseJson(text: string): unknown {
  try {
    // Some editors put a byte order mark before it.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
