import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { indexResults } from '../src/content/result-index.js';
import { obstacleAt } from '../src/output/output-place.js';
import { asUser } from '../testing/as-user.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'localize-unreadable-'));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a folder of outputs that may not be read', () => {
  it('keeps the run from nothing but the jobs whose place is there', async () => {
    const place = (video: string) => join(folder, video, `${video}.de.mp4`);
    for (const video of ['closed', 'open', 'open/inner']) {
      mkdirSync(join(folder, video), { recursive: true });
      chmodSync(join(folder, video), 0o777);
    }
    writeFileSync(place('open'), 'a video');
    chmodSync(dirname(place('closed')), 0o300);
    expect(await asUser(() => indexResults(folder, false, new Set()))).toEqual({
      results: new Map(),
      closed: [dirname(place('closed'))],
    });
    expect(await asUser(() => obstacleAt(folder, place('closed')))).toContain('permission denied');
    expect(await asUser(() => obstacleAt(folder, place('open')))).toBeNull();
    chmodSync(folder, 0o300);
    await expect(asUser(() => indexResults(folder, false, new Set()))).rejects.toMatchObject({ code: 'EACCES' });
    chmodSync(folder, 0o755);
    chmodSync(dirname(place('closed')), 0o755);
  });
});
