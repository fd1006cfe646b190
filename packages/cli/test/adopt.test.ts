import { appendFileSync, cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { SMALL } from './support/manifests.js';

describe('adopt', () => {
  test('takes in what is whole, names everything else with the reason, and says so with its exit code', {
    timeout: 60_000,
  }, async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    expect((await localize(folder, ['run'])).exit).toBe(0);
    renameSync(join(folder, 'localized'), join(folder, 'whole'));
    const takeIn = (from: string, flags: string[] = []) => {
      rmSync(join(folder, '.localize'), { recursive: true, force: true });
      rmSync(join(folder, 'localized'), { recursive: true, force: true });
      return localize(folder, ['adopt', from, ...flags]);
    };

    const good = await takeIn('whole');
    expect(good).toMatchObject({ exit: 0, stderr: '' });
    expect(good.stdout).toBe(
      'safety/de is taken in\nsafety/fr is taken in\n2 taken in, 0 refused, 0 not found in whole\n',
    );
    const log = readFileSync(join(folder, '.localize/logs/localize.log'), 'utf8');
    for (const key of ['safety/de', 'safety/fr']) expect(log).toMatch(new RegExp(`"key":"${key}".*"to":"succeeded"`));
    const history = await localize(folder, ['logs', 'safety/fr']);
    expect(history.stdout).toMatch(
      /taken +the result at \S+whole\S+safety\.fr\.mp4, made on wavespeed\/infinitetalk at \S+Z as \S+ for \$0\.\d+\n/,
    );
    const { lanes } = JSON.parse((await localize(folder, ['limits', '--json'])).stdout);
    expect(lanes.map(({ waiting_jobs }: { waiting_jobs: number }) => waiting_jobs)).toEqual([0, 0]);
    // A second time nothing is left to do.
    const again = await localize(folder, ['adopt', 'whole']);
    expect(again).toMatchObject({ exit: 0, stdout: '0 taken in, 0 refused, 0 not found in whole\n' });

    cpSync(join(folder, 'whole'), join(folder, 'damaged'), { recursive: true });
    const at = (name: string) => join(folder, 'damaged/small.emulated/safety', name);
    appendFileSync(at('safety.de.mp4'), 'more');
    writeFileSync(at('safety.fr.mp4.json'), '{ "version": 1, "finger');
    cpSync(at('safety.fr.mp4'), at('bare.mp4'));
    const sidecar = JSON.parse(readFileSync(at('safety.de.mp4.json'), 'utf8'));
    writeFileSync(at('gone.mp4.json'), JSON.stringify({ ...sidecar, fingerprint: 'f'.repeat(64) }));
    cpSync(at('safety.fr.mp4'), at('other.mp4'));
    const other = JSON.parse(readFileSync(join(folder, 'whole/small.emulated/safety/safety.fr.mp4.json'), 'utf8'));
    writeFileSync(at('other.mp4.json'), JSON.stringify({ ...other, job: 'intro/ja', fingerprint: 'e'.repeat(64) }));
    const bad = await takeIn('damaged');
    expect(bad.exit).toBe(1);
    const lines = bad.stdout.split('\n').filter((line) => !line.includes('.localize'));
    const inFolder = (name: string) => `damaged/small.emulated/safety/${name} is not taken in:`;
    expect(lines).toEqual([
      `${inFolder('bare.mp4')} it has no sidecar`,
      `${inFolder('gone.mp4')} its video is not there, only the sidecar`,
      `${inFolder('other.mp4')} it is of intro/ja, which is no job of this batch; its $${other.cost_usd} is counted under no cap`,
      `${inFolder('safety.de.mp4')} it has ${sidecar.bytes + 4} bytes, and its sidecar tells of ${sidecar.bytes}`,
      `${inFolder('safety.fr.mp4')} its sidecar cannot be read`,
      'safety/de is not found in damaged, but its sidecar there says that it is paid for: the next run asks its provider for it, for free',
      'safety/fr is not found in damaged',
      '0 taken in, 5 refused, 2 not found in damaged',
      '',
    ]);
    const { stdout } = await takeIn('damaged', ['--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      adopted: [],
      missing: ['safety/de', 'safety/fr'],
      paid: ['safety/de'],
      refused: [{ unusable: true }, { unusable: true }, { unusable: false }, { unusable: true }, { unusable: true }],
    });
  });

  test('of a folder that is not there is an error, and makes no state', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL, 'file.txt': 'text' }, { media: true });
    const { exit, stdout, stderr } = await localize(folder, ['adopt', './nonexistent']);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toContain('FOLDER_MISSING');
    expect(stderr).toContain('nonexistent is not there');
    expect((await localize(folder, ['adopt', 'file.txt'])).stderr).toContain('file.txt is no folder');
    expect(existsSync(join(folder, '.localize/emulated.db'))).toBe(false);
  });
});
