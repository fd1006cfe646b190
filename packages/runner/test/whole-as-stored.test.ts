import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isWholeAsStored, isWholeOutput } from '../src/content/whole-output.js';
import type { FinishedOutput } from '../src/store/schema/stored-types.js';

const CONFUSING = '","modifiedMs":1}{"path":"/x","sha256":"","bytes":1,"finish":{';

const finish: NonNullable<FinishedOutput['finish']> = {
  id: 'f'.repeat(64),
  audio: 'provider',
  title: 'A title',
  language: 'de',
  subtitlesSha256: null,
  original: { sha256: 'b'.repeat(64), bytes: 3 },
  kept: null,
};

/** Of a video that lies in a folder of its own, with its sidecar. */
function outputNamed(name: string): FinishedOutput {
  const path = join(mkdtempSync(join(tmpdir(), 'whole-')), name);
  writeFileSync(path, 'video');
  writeFileSync(`${path}.json`, '{}');
  const modifiedMs = Math.round(statSync(path).mtimeMs);
  return { path, sha256: 'a'.repeat(64), bytes: 5, durationMs: 1, finish, modifiedMs };
}

/** In another order of fields, as no version has written it. */
function inOtherOrder({ path, ...rest }: FinishedOutput): FinishedOutput {
  return { ...rest, path };
}

describe('whether an output lies as the state has it', () => {
  test.each([
    ['a plain name', 'a.mp4'],
    ['other letters', 'Größe 語.mp4'],
    ['what JSON escapes', 'a"b\\c.mp4'],
    ['a name that looks like fields', CONFUSING.replaceAll('/', '-')],
  ])('is told of its text as of its fields: %s', (_, name) => {
    const output = outputNamed(name);
    const kinds = [
      output,
      inOtherOrder(output),
      { ...output, finish: { ...finish, title: CONFUSING } },
      { ...output, measured: { width: 1, height: 1, frameRate: 25, hasAudio: true, audioDurationMs: 1 } },
    ];
    for (const each of kinds) expect(isWholeAsStored(JSON.stringify(each))).toBe(true);
    for (const each of [
      { ...output, bytes: 6 },
      { ...output, modifiedMs: 1 },
    ]) {
      expect(isWholeAsStored(JSON.stringify(each))).toBe(false);
    }
    rmSync(`${output.path}.json`);
    for (const each of kinds) expect(isWholeAsStored(JSON.stringify(each))).toBe(false);
  });

  test.each([
    ['finish', { finish: undefined, durationMs: 1 }],
    ['time', { modifiedMs: undefined }],
  ])('is not told of one of an older version, without its %s', (_, without) => {
    const output = { ...outputNamed('a.mp4'), ...without };
    expect(isWholeOutput(output)).toBe(false);
    expect(isWholeAsStored(JSON.stringify(output))).toBe(false);
    expect(isWholeAsStored(JSON.stringify({ ...output, note: CONFUSING }))).toBe(false);
  });
});
