import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foldersBelow } from '../src/content/folders-below.js';

let dir: string;
let root: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'localize-folders-'));
  root = join(dir, 'localized');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function put(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), '');
  }
}

async function below(): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {};
  for await (const { path, files } of foldersBelow(root, [])) found[relative(root, path)] = files;
  return found;
}

describe('the folders below one', () => {
  it('are told with their files, as deep as they lie', async () => {
    put('localized/b/deep/er/2.mp4', 'localized/b/deep/er/1.mp4', 'localized/a.mp4', 'localized/a/x.json');
    expect(await below()).toEqual({
      '': ['a.mp4'],
      a: ['x.json'],
      b: [],
      'b/deep': [],
      'b/deep/er': ['1.mp4', '2.mp4'],
    });
  });

  it('are followed where a link leads, and no link leads around for ever', async () => {
    put('disk/video.mp4', 'localized/a/1.mp4');
    symlinkSync(join(dir, 'disk'), join(root, 'moved'));
    symlinkSync('..', join(root, 'a/up'));
    symlinkSync('.', join(root, 'a/here'));
    symlinkSync('nowhere', join(root, 'a/broken'));
    symlinkSync('itself', join(root, 'a/itself'));
    const found = await below();
    expect(found.moved).toEqual(['video.mp4']);
    expect(found.a).toEqual(['1.mp4', 'broken', 'itself', 'up']);
    expect(Object.keys(found)).toEqual(['', 'a', 'a/here', 'moved']);
  });

  it('are as good as empty where one is taken away meanwhile, and none is told where there is no folder', async () => {
    put('localized/a/1.mp4', 'localized/b/2.mp4');
    const found: string[] = [];
    for await (const { path, files } of foldersBelow(root, [])) {
      rmSync(join(root, 'b'), { recursive: true, force: true });
      found.push(relative(root, path), ...files);
    }
    expect(found).toEqual(['', 'a', '1.mp4', 'b']);
    rmSync(root, { recursive: true });
    await expect(below()).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
