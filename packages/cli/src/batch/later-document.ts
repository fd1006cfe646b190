import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { type LaterFacts, laterPage, type ReportDocument } from '@localize/report';

const READ_BYTES = 256 * 1024;

/** A page as it is after a run that changed no job, from the file that the run before left; its jobs pass through. */
export function laterDocument(path: string, facts: LaterFacts): ReportDocument {
  return { head: laterText(path, facts), job: () => '', tail: '' };
}

function* laterText(path: string, facts: LaterFacts): Iterable<string> {
  let beginning: string | null = '';
  for (const piece of fileText(path)) {
    if (beginning === null) {
      yield piece;
      continue;
    }
    beginning += piece;
    const later = laterPage(beginning, facts);
    if (later === null) continue;
    beginning = null;
    yield later;
  }
  // What is no page of ours stays as it is.
  if (beginning !== null) yield beginning;
}

function* fileText(path: string): Iterable<string> {
  const descriptor = openSync(path, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    const bytes = Buffer.alloc(READ_BYTES);
    for (let read = readSync(descriptor, bytes); read > 0; read = readSync(descriptor, bytes)) {
      yield decoder.write(bytes.subarray(0, read));
    }
    yield decoder.end();
  } finally {
    closeSync(descriptor);
  }
}
