import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import {
  IdNotSavedError,
  KeptCreate,
  releaseRescueFile,
  rescuedLines,
  rescuePaths,
  reserveRescueFile,
} from '../src/store/rescue/rescue-file.js';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'localize-rescue-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const create = (index: number) => ({
  attemptId: `attempt-${index}`,
  predictionId: `prediction-${index}`,
  reference: { url: 'u'.repeat(200) },
  costMicros: null,
  atMs: index,
});

/** Where the shared file cannot be written at all. */
const without = (path: string) => ({ ...rescuePaths(path, 'spring'), shared: join(path, 'missing', 'x.jsonl') });

function rescued(paths: ReturnType<typeof rescuePaths>, index: number): IdNotSavedError {
  try {
    return new KeptCreate(paths, create(index)).giveUp(new Error('full'));
  } catch (error) {
    if (error instanceof IdNotSavedError) return error;
    throw error;
  }
}

it('has its room from the start, in bytes and not as a hole, and takes hundreds of ids without growing', () => {
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  onTestFinished(() => void vi.restoreAllMocks());
  const paths = without(join(folder(), 'state.db'));
  reserveRescueFile(paths);
  const { size, blocks } = statSync(paths.reserved);
  expect(blocks * 512).toBeGreaterThanOrEqual(size);
  for (let index = 0; index < 200; index += 1) expect(rescued(paths, index).savedIn).toBe(paths.reserved);
  expect(statSync(paths.reserved)).toMatchObject({ size, blocks });
  const lines = rescuedLines(readFileSync(paths.reserved)).map((line) => JSON.parse(line));
  expect(lines).toEqual(Array.from({ length: 200 }, (_, index) => create(index)));
  // Kept as long as a line is in it.
  releaseRescueFile(paths);
  expect(statSync(paths.reserved).size).toBe(size);
});

it('says of several ids how many lines are to be kept by hand, where no file takes them', () => {
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  onTestFinished(() => void vi.restoreAllMocks());
  const paths = without(join(folder(), 'state.db'));
  const errors = [1, 2, 3].map((index) => rescued(paths, index));
  expect(IdNotSavedError.together(errors, paths)).toMatchObject({
    code: 'ID_NOT_SAVED',
    message: 'the state could not take the ids of 3 predictions: prediction-1, prediction-2, prediction-3',
    hint: expect.stringContaining('append each of the 3 lines above'),
  });
  expect(IdNotSavedError.together(errors.slice(0, 1), paths).hint).toContain('append the line above');
});
