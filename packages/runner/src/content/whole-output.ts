import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { FileStamp } from '@localize/core';
import type { FinishedOutput } from '../store/schema/stored-types.js';
import { fileStamp, isSameStamp, modifiedMs } from './file-stamp.js';
import { lookAt } from './regular-file.js';
import { sidecarPath } from './sidecar.js';

/** What a look at an output's files needs of it. */
interface Looked extends Pick<FinishedOutput, 'path' | 'bytes' | 'modifiedMs'> {
  /** Of any kind. */
  readonly finish?: unknown;
}

/**
 * Whether an output is a deliverable, on disk as it was verified, with its sidecar beside it. A synchronous look, since
 * each of a hundred thousand promises would cost more than the look itself.
 */
export function isWholeOutput(output: Looked): boolean {
  if (output.finish === undefined || output.modifiedMs === undefined) return false;
  return liesAsVerified(output) && existsSync(sidecarPath(output.path));
}

/**
 * The same of an output as the state has it. A look at a finished batch asks this of each job, of which to parse its whole
 * text would be an eighth.
 */
export function isWholeAsStored(text: string): boolean {
  return isWholeOutput(glimpse(text) ?? (JSON.parse(text) as FinishedOutput));
}

/** A path without a backslash is written as it is. */
const BEGINS = /^\{"path":"([^"\\]+)","sha256":"[0-9a-f]{64}","bytes":([0-9]+),/;
const ENDS = /,"modifiedMs":([0-9]+)\}$/;
const END_CHARACTERS = 40;
/** Never within a text, where each quote has a backslash before it. */
const IS_FINISHED = ',"finish":{';

/** Of an output that was written in the usual order; `null`: only parsing tells. */
function glimpse(text: string): Looked | null {
  const begin = BEGINS.exec(text);
  const end = ENDS.exec(text.slice(-END_CHARACTERS));
  if (begin === null || end === null || !text.includes(IS_FINISHED)) return null;
  return { path: String(begin[1]), bytes: Number(begin[2]), modifiedMs: Number(end[1]), finish: true };
}

/** What lies in a video's place: the very file that was put there, another one, or nothing. */
export type Place = 'own' | 'other' | 'nothing';

/**
 * What lies in a video's place, in one synchronous look, since readers ask within a transaction. Bytes are compared only
 * where the length is the same and the time is not. Where nobody can look, it may be what it was.
 */
export function placeOf(output: FinishedOutput): Place {
  if (liesAsVerified(output)) return 'own';
  const { kind } = lookAt(output.path);
  if (kind === 'nothing') return 'nothing';
  if (kind === 'hidden') return 'own';
  return kind === 'file' && hasSameBytes(output) ? 'own' : 'other';
}

/** Whether there is a file of its length and, where that is known, its time. */
function liesAsVerified(output: Looked): boolean {
  const found = lookAt(output.path);
  if (found.kind !== 'file' || found.facts.size !== output.bytes) return false;
  return output.modifiedMs === undefined || modifiedMs(found.facts) === output.modifiedMs;
}

/** What was hashed of files whose time is not that of their video: a live page asks for it every second. */
const hashed = new Map<string, { readonly stamp: FileStamp; readonly sha256: string }>();

function hasSameBytes({ path, bytes, sha256 }: FinishedOutput): boolean {
  const stamp = fileStamp(statSync(path, { bigint: true }));
  if (stamp.bytes !== bytes) return false;
  const known = hashed.get(path);
  if (known && isSameStamp(known.stamp, stamp)) return known.sha256 === sha256;
  const found = sha256Now(path);
  if (found === null) return true;
  hashed.set(path, { stamp, sha256: found });
  return found === sha256;
}

const PIECE_BYTES = 1024 * 1024;

/** `null`: it cannot be read. */
function sha256Now(path: string): string | null {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  try {
    const file = openSync(path, 'r');
    try {
      for (let read = readSync(file, piece); read > 0; read = readSync(file, piece))
        hash.update(piece.subarray(0, read));
    } finally {
      closeSync(file);
    }
    return hash.digest('hex');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return null;
  }
}
