import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { BIN, folderWith, localize } from './support/cli.js';
import { SMALL } from './support/manifests.js';

/** The command as a shell starts it, with its streams where `redirection` sends them. */
function redirected(cwd: string, line: string, redirection: string) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, XDG_CONFIG_HOME: '/nonexistent' };
  const command = `'${process.execPath}' '${BIN}' ${line} ${redirection}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd, env, encoding: 'utf8' });
  return { exit: status, stdout, stderr };
}

const FULL = (stream: string) =>
  new RegExp(`^error \\[STREAM_UNWRITABLE\\] standard ${stream} could not be written: ENOSPC`);

describe.runIf(process.platform === 'linux')('a stream that cannot be written', { timeout: 120_000 }, () => {
  test('does not end a run, which is told of by the other stream and ends with 4', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const first = redirected(folder, 'run --json --lang de', '>/dev/full');
    expect([first.exit, first.stderr]).toEqual([4, expect.stringMatching(FULL('output'))]);
    const second = redirected(folder, 'run --verbose', '2>/dev/full');
    expect([second.exit, second.stdout]).toEqual([4, expect.stringMatching(new RegExp(FULL('error').source, 'm'))]);
    const { stdout } = await localize(folder, ['status', '--json']);
    expect(JSON.parse(stdout).totals).toMatchObject({ jobs: 2, succeeded: 2 });
  });

  test('is no manifest, also where a shell has sent a file into it', () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    for (const name of ['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']) {
      const { exit, stderr } = redirected(folder, `validate ${name}`, '<manifest.yaml');
      expect([name, exit, stderr]).toEqual([name, 2, expect.stringContaining('[MANIFEST_UNREADABLE]')]);
      expect(stderr).toContain('write the text to a file and name that');
    }
  });

  test('is one line of every other command, without a stack', () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    for (const line of ['validate', 'plan', 'routes', 'schema', '--help', '--version']) {
      const { exit, stderr } = redirected(folder, line, '>/dev/full');
      expect([line, exit, stderr]).toEqual([line, 4, expect.stringMatching(FULL('output'))]);
      expect(stderr.split('\n').filter((each) => /^\s+at |^error/.test(each))).toHaveLength(1);
    }
    expect(redirected(folder, 'plan --onyl x', '2>/dev/full').exit).toBe(4);
    expect(redirected(folder, 'plan', '>/dev/full 2>&1').exit).toBe(4);
  });
});
