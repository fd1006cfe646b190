import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ReviewMark, writeReview } from '@localize/report';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { SMALL } from './support/manifests.js';

describe('localize review', { timeout: 120_000 }, () => {
  test('takes in the marks of several reviewers, shows conflicts, and the next report carries them', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    await localize(folder, []);
    const { stdout } = await localize(folder, ['report', '--format', 'json']);
    const jobs = (JSON.parse(stdout) as { jobs: { key: string; output_sha256: string }[] }).jobs;
    const mark = (key: string, over: Partial<ReviewMark> = {}): ReviewMark => {
      const sha256 = jobs.find((job) => job.key === key)?.output_sha256 ?? '';
      return { key, sha256, verdict: 'approve', route: null, note: '', at: '2026-03-14T10:00:00.000Z', ...over };
    };
    const file = (name: string, text: string) => writeFileSync(join(folder, name), text);
    file('ana.json', writeReview('small', 'Ana', [mark('safety/de'), mark('safety/fr')]));
    file('ben.json', writeReview('small', 'Ben', [mark('safety/fr', { verdict: 'redo', note: 'lips run ahead' })]));
    file('old.json', writeReview('small', '', [mark('safety/de', { sha256: 'c'.repeat(64) })]));
    file('other.json', writeReview('autumn', 'Ana', [mark('safety/de')]));

    const mixed = await localize(folder, ['review', 'ana.json', 'other.json']);
    expect([mixed.exit, mixed.stderr]).toEqual([2, expect.stringContaining('it is of the batch autumn')]);

    const first = await localize(folder, ['review', 'ana.json']);
    expect([first.exit, first.stdout]).toEqual([0, expect.stringContaining('2 of 2 marks taken in; 2 approved')]);

    const second = await localize(folder, ['review', 'ben.json', 'old.json', '-m', 'manifest.yaml']);
    expect(second.exit).toBe(1);
    expect(second.stdout).toBe(
      [
        'safety/de: the mark of old.json is of another video than the one that is there now; not applied',
        'safety/fr: the reviewers disagree',
        '  Ana: approve',
        '  Ben: redo: lips run ahead',
        '1 of 2 marks taken in; 1 approved, 0 to be made again, 1 in dispute',
        '',
      ].join('\n'),
    );

    const plan = readFileSync(join(folder, 'manifest.yaml'), 'utf8').replace('tracks:', 'prompt: slowly\n    tracks:');
    file('manifest.yaml', plan);
    const planned = await localize(folder, ['plan']);
    expect(planned.stdout).toContain('(approved: only with --include-approved)');
    const remade = await localize(folder, ['--remake']);
    expect([remade.exit, remade.stderr]).toEqual([
      0,
      expect.stringContaining('safety/de changed since it was made (prompt) and is approved'),
    ]);

    expect((await localize(folder, ['--include-approved'])).exit).toBe(2);
    const html = readFileSync(join(folder, 'localized/small.emulated/report/index.html'), 'utf8');
    expect(html).toContain('"note":"lips run ahead"');
    const csv = await localize(folder, ['report', '--format', 'csv']);
    expect(csv.stdout).toMatch(/safety\/de.*,approved\r\n.*safety\/fr.*,disputed\r\n/);
  });

  test('says how a video is made again, and that works', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    await localize(folder, ['--only', '*/fr']);
    const read = async () => {
      const { jobs } = JSON.parse((await localize(folder, ['report', '--format', 'json'])).stdout);
      return jobs[1] as { output_sha256: string; attempts: unknown[]; marks: unknown[] };
    };
    const before = await read();
    const redo = { key: 'safety/fr', sha256: before.output_sha256, verdict: 'redo', route: null, note: '' } as const;
    const text = writeReview('small', 'Ana', [{ ...redo, at: '2026-03-14T10:00:00.000Z' }]);
    writeFileSync(join(folder, 'ana.json'), text);
    const { exit, stdout } = await localize(folder, ['review', 'ana.json']);
    expect([exit, stdout]).toEqual([0, expect.stringContaining('give their tracks another seed or provider')]);
    expect((await read()).marks).toHaveLength(1);

    const manifest = SMALL.replace('provider: wavespeed/infinitetalk }', 'provider: wavespeed/infinitetalk, seed: 7 }');
    writeFileSync(join(folder, 'manifest.yaml'), manifest);
    expect((await localize(folder, ['--remake', '--only', '*/fr'])).exit).toBe(0);
    // The emulator's video looks the same whatever the seed; that a second one was made is what counts here.
    expect((await read()).attempts).toHaveLength(2);
  });
});
