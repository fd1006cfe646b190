import { chmodSync, copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Finding } from '../src/doctor/finding.js';
import { folderWith, localize, localizeApart } from './support/cli.js';
import { SMALL, smallAt } from './support/manifests.js';

/** The superuser may write everywhere, and is somebody else where that matters. */
const BECOME_USER = 'if (process.getuid() === 0) { process.setgid(65_534); process.setuid(65_534); }';

const NOBODY = 'http://127.0.0.1:9';

describe.runIf(process.platform === 'linux')(
  'a user who may read a state and not write it',
  { timeout: 60_000 },
  () => {
    let folder: string;
    let state: string;
    const ask = (...args: string[]) =>
      localizeApart(folder, args, { NODE_OPTIONS: `--require ${join(folder, 'become-user.cjs')}` });

    beforeEach(async () => {
      folder = folderWith({ 'manifest.yaml': SMALL, 'become-user.cjs': BECOME_USER }, { media: true });
      state = join(folder, '.localize');
      await localize(folder, ['run', '--lang', 'de', '--quiet']);
    });

    const stateFile = () => readdirSync(state).find((name) => name.endsWith('.db')) ?? '';

    function takeRights() {
      for (const name of readdirSync(state)) chmodSync(join(state, name), 0o444);
      chmodSync(state, 0o555);
      chmodSync(folder, 0o555);
      onTestFinished(() => {
        chmodSync(folder, 0o755);
        chmodSync(state, 0o755);
      });
    }

    test('is told how the batch stands, what it did and what it would cost, and changes nothing', async () => {
      takeRights();
      const before = readdirSync(state);
      const status = await ask('status', '--json');
      expect([status.exit, status.stderr]).toEqual([0, '']);
      expect(JSON.parse(status.stdout).totals).toMatchObject({ jobs: 2, succeeded: 1 });
      expect(await ask('logs', 'safety/de')).toMatchObject({ exit: 0, stdout: expect.stringContaining('accepted') });
      expect(await ask('plan')).toMatchObject({ exit: 0, stderr: '' });
      expect(readdirSync(state)).toEqual(before);
    });

    test('is not told older figures where newer ones lie in a log that only a writer can read', async () => {
      writeFileSync(join(state, `${stateFile()}-wal`), 'x'.repeat(5_000));
      takeRights();
      const { exit, stderr } = await ask('status');
      expect(exit).toBe(4);
      expect(stderr).toContain('error [STATE_UNUSABLE]');
      expect(stderr).toContain('changes that lie beside it');
      expect(stderr).toContain('as a user who may write there');
    });

    test.each([false, true])('has every line of doctor, with what mends that (unread log: %s)', async (hasLog) => {
      // As if it had been bought: a real batch looks at more.
      copyFileSync(join(state, stateFile()), join(state, 'state.db'));
      if (hasLog) writeFileSync(join(state, 'state.db-wal'), 'x'.repeat(5_000));
      writeFileSync(join(folder, 'manifest.yaml'), smallAt({ eachlabs: NOBODY, wavespeed: NOBODY }));
      takeRights();
      const { exit, stdout, stderr } = await ask('doctor', '--json');
      expect([exit, stderr]).toEqual([1, '']);
      const { findings } = JSON.parse(stdout) as { findings: Finding[] };
      const of = (about: string) => findings.find((finding) => finding.about === about);
      expect(of('state')).toMatchObject({
        level: hasLog ? 'warn' : 'fail',
        found: expect.stringContaining(hasLog ? 'changes that lie beside it' : 'cannot be written'),
      });
      expect(of('state folder')).toMatchObject({
        level: 'fail',
        mend: expect.stringContaining('give yourself the right'),
      });
      expect(of('output disk')).toMatchObject({ level: 'ok' });
      expect(of('eachlabs limits')).toMatchObject({ level: 'ok' });
    });

    test('is told by doctor that the state’s file cannot be written in a folder that can', async () => {
      chmodSync(state, 0o777);
      chmodSync(join(state, stateFile()), 0o444);
      chmodSync(folder, 0o755);
      const { findings } = JSON.parse((await ask('doctor', '--json')).stdout) as { findings: Finding[] };
      expect(findings.find(({ about }) => about === 'state')).toMatchObject({
        level: 'fail',
        found: expect.stringContaining('cannot be written'),
        mend: expect.stringContaining('give yourself the right'),
      });
    });
  },
);
