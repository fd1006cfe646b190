import { dirname } from 'node:path';
import { LocalizeError } from '@localize/core';
import { DownloadError } from './http/download-error.js';
import { diskFull, isForWantOfRoom } from './output/disk-space.js';
import { whyUnusable } from './output/output-place.js';
import { requireWritable } from './output/output-writable.js';
import type { RunContext } from './run-context.js';
import { DAMAGED, isDamage } from './store/open/damage.js';

/** Gives the machine's faults their stable codes; a bug stays what it is. */
export function asMachineFault(error: unknown): unknown {
  if (error instanceof LocalizeError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  const message = error instanceof Error ? error.message : String(error);
  if (isForWantOfRoom(error)) {
    const { path } = error as NodeJS.ErrnoException;
    if (path !== undefined) return diskFull(dirname(path), error);
    const hint =
      'localize doctor shows which disk it is and what is needed: free that, then run again; nothing that was paid for is lost';
    return new LocalizeError('DISK_FULL', `a disk is full: ${message}`, { hint, cause: error });
  }
  if (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED') {
    return stateLocked(code, error);
  }
  if (code.startsWith('SQLITE_')) {
    const hint = isDamage(error) ? DAMAGED : 'check the state’s folder and disk, then run again';
    return new LocalizeError('STATE_UNUSABLE', `${code}: ${message}`, { hint, cause: error });
  }
  if (code === 'ERR_DLOPEN_FAILED' || isUnbuilt(error)) {
    const hint =
      'build it: npm rebuild better-sqlite3; where localize is installed for all: npm rebuild -g better-sqlite3';
    const what = 'SQLite’s native part, better-sqlite3, was not built for this Node';
    return new LocalizeError('STATE_UNUSABLE', what, { hint, cause: error });
  }
  if ((error as NodeJS.ErrnoException | null)?.syscall === 'uv_cwd') {
    const hint = 'go to a folder that is there (cd), and run again';
    return new LocalizeError('USAGE', 'the folder that this was started in is not there any more', { hint });
  }
  if (code === 'EFBIG') {
    const hint = 'lift the limit on the size of files (ulimit -f), then run again: nothing that was paid for is lost';
    return new LocalizeError('OUTPUT_UNWRITABLE', message, { hint, cause: error });
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EIO'].includes(code)) {
    const hint = 'make that folder usable, then run again: nothing that was paid for is lost';
    return new LocalizeError('OUTPUT_UNWRITABLE', message, { hint, cause: error });
  }
  return error;
}

/** Another process does not let go of the state. */
export function stateLocked(code: string, cause?: unknown): LocalizeError {
  const hint = 'another program holds it, perhaps a stopped run: let it end, then run again';
  return new LocalizeError('STATE_UNUSABLE', `the state database is locked (${code})`, { hint, cause });
}

/** What looks for a native module says where it has looked. */
function isUnbuilt(error: unknown): boolean {
  return error instanceof Error && 'tries' in error && Array.isArray(error.tries);
}

const MACHINE_FAULTS = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR', 'EMFILE', 'ENFILE']);

/** What the file system said, if it was that: of a path on this machine, with which no provider has to do. */
export function fileFaultIn(error: unknown): NodeJS.ErrnoException | null {
  if (error instanceof DownloadError || !(error instanceof Error)) return null;
  const { syscall, cause } = error as NodeJS.ErrnoException;
  return syscall === undefined ? fileFaultIn(cause) : error;
}

/** What the folder of one output may say while all others can be written. */
const OF_A_FOLDER = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR']);

/** Whether no other job would fare better than the one that has met such a fault. */
export async function stopsRun({ folder }: Pick<RunContext, 'folder'>, fault: NodeJS.ErrnoException): Promise<boolean> {
  if (!isMachineFault(fault)) return false;
  if (!OF_A_FOLDER.has(fault.code ?? '')) return true;
  return requireWritable(folder).then(
    () => false,
    () => true,
  );
}

/** What one job's own files and folders say, with what mends them; `null`: it is about more than that job. */
export async function faultOfOne(context: Pick<RunContext, 'folder'>, error: unknown): Promise<string | null> {
  const fault = fileFaultIn(error);
  if (fault === null || (await stopsRun(context, fault))) return null;
  return fault.path === undefined ? fault.message : whyUnusable(fault.path, fault);
}

/** Faults of this machine stop the run; no other job would fare better. */
export function isMachineFault(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code !== undefined && MACHINE_FAULTS.has(code);
}
