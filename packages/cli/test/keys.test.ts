import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSecretSource } from '../src/keys/read-secret-source.js';
import { folderWith, localize } from './support/cli.js';
import { SMALL } from './support/manifests.js';

const REAL = SMALL.replace('emulate: true\n', '');

function withProviders(lines: string): string {
  return SMALL.replace('emulate: true\n', `providers:\n${lines}\n`);
}

describe('keys', () => {
  test('that are missing are shown where the manifest names them', async () => {
    const text = withProviders('  eachlabs: { keys: [ONE, TWO] }\n  wavespeed: {}');
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const { exit, stderr } = await localize(folder, ['run', '--yes'], { ONE: 'sesame-1', WAVESPEED_API_KEY: 'w' });
    expect(exit).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "error [KEY_MISSING] this key is not set: TWO (for eachlabs)
      manifest.yaml:4:27: TWO is not set
        4 |   eachlabs: { keys: [ONE, TWO] }
          |                           ^^^
        hint set them in the environment or in .env beside the manifest, or try the batch for free with --emulate
      "
    `);
  });

  test('that are missing are named, all at once, before anything is written', async () => {
    const folder = folderWith({ 'manifest.yaml': REAL }, { media: true });
    const { exit, stderr } = await localize(folder, ['run', '--yes'], { EACHLABS_API_KEY: '' });
    expect(exit).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "error [KEY_MISSING] these keys are not set: EACHLABS_API_KEY (for eachlabs), WAVESPEED_API_KEY (for wavespeed)
        hint set them in the environment or in .env beside the manifest, or try the batch for free with --emulate
      "
    `);
    expect(existsSync(join(folder, '.localize'))).toBe(false);
  });

  test('come from .env beside the manifest, below the real environment', async () => {
    // Some editors begin a file with a mark.
    const env = '\uFEFFEACHLABS_API_KEY="from-the-file"\n# a comment\n';
    const folder = folderWith({ 'manifest.yaml': REAL, '.env': env }, { media: true });
    const { stderr } = await localize(folder, ['run', '--yes']);
    expect(stderr).toContain('this key is not set: WAVESPEED_API_KEY (for wavespeed)');
  });

  test('of a command that never ends are not waited for, whatever it has started', async () => {
    const source = { kind: 'command', command: '(sleep 20; echo sesame) 2>/dev/null' } as const;
    await expect(readSecretSource('ONE', source, { timeoutMs: 200 })).rejects.toThrow(
      'ONE cannot be read: its command has not ended within 0.2 s',
    );
  });

  test.each([
    ['"sesame-1"', 'is in quotes'],
    ['ONE=sesame-1', 'is a whole NAME=KEY line'],
    ['EACHLABS_API_KEY=sesame-1', 'is a whole NAME=KEY line'],
    ['sesame\u20131', 'holds a character beyond plain ASCII'],
  ])('are not sent with what stands around them in a file: %s', async (text, words) => {
    const manifest = withProviders('  eachlabs: { keys: [ONE] }\n  wavespeed: { keys: [WAVE] }');
    const folder = folderWith({ 'manifest.yaml': manifest, 'key.txt': `${text}\n` }, { media: true });
    for (const command of ['run', 'doctor']) {
      const args = [command, '--key-file', 'ONE=key.txt'];
      const { exit, stdout, stderr } = await localize(folder, args, { WAVE: 'sesame-wäve' });
      expect([command, exit]).toEqual([command, command === 'run' ? 2 : 1]);
      expect(stdout + stderr).toContain(words);
      expect(stdout + stderr).not.toContain('sesame');
      if (command === 'doctor') expect(stdout).toContain('WAVE holds a character beyond plain ASCII');
    }
  });

  test.each([
    ['Bearer sesame-1', 'ONE is more than one word'],
    ['sesame\t1', 'ONE is more than one word'],
    ['sesame\n1', 'ONE is more than one word'],
    ["'sesame-1'", 'ONE is in quotes'],
    ['"sesame-1', 'ONE is in quotes'],
    ['ONE=sesame-1', 'ONE is a whole NAME=KEY line'],
  ])('are not sent with what stands around them in the environment: %j', async (value, words) => {
    const manifest = withProviders('  eachlabs: { keys: [ONE] }\n  wavespeed: { keys: [WAVE] }');
    const folder = folderWith({ 'manifest.yaml': manifest }, { media: true });
    const { exit, stderr } = await localize(folder, ['run', '--yes'], { ONE: value, WAVE: 'sesame-2' });
    expect(exit).toBe(2);
    expect(stderr).toContain(`error [KEY_UNREADABLE] ${words}`);
    expect(stderr).not.toContain('sesame');
  });

  test('may end as base64 does', async () => {
    const folder = folderWith({ 'key.txt': 'ABC_DEF==\n' });
    const source = { kind: 'file', path: join(folder, 'key.txt') } as const;
    expect(await readSecretSource('ONE', source)).toBe('ABC_DEF==');
  });

  test('that are one secret under two names are refused without showing it', async () => {
    const text = withProviders('  eachlabs: { keys: [ONE, TWO] }\n  wavespeed: { keys: [WAVE] }');
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const { exit, stderr } = await localize(folder, ['run', '-v'], { ONE: 'sesame-1', TWO: 'sesame-1', WAVE: 'w' });
    expect(exit).toBe(2);
    expect(stderr).toContain('error [KEY_DUPLICATE] one key of eachlabs stands under two names: ONE and TWO');
    expect(stderr).not.toContain('sesame');
  });

  test.each([
    ['https://api.eachlabs.example/v1', 'which is not one of the provider’s own hosts'],
    ['https://api.eachlabs.ai.example/v1', '--allow-host api.eachlabs.ai.example'],
  ])('do not go to %s', async (url, words) => {
    const text = withProviders(`  eachlabs: { base_url: "${url}" }\n  wavespeed: {}`);
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const keys = { EACHLABS_API_KEY: 'sesame-1', WAVESPEED_API_KEY: 'sesame-2' };
    const { exit, stderr } = await localize(folder, ['run', '--yes'], keys);
    expect(exit).toBe(2);
    expect(stderr).toContain('error [HOST_NOT_ALLOWED]');
    expect(stderr).toContain(words);
    // The line that is shown says it.
    expect(stderr.match(/which is not one of/g)).toHaveLength(1);
    expect(stderr).toMatch(/\nmanifest\.yaml:4:25: eachlabs’s base_url is .*\n {2}4 \| .*\n {4}\| {25}\^{30,}\n/);
    expect(existsSync(join(folder, '.localize'))).toBe(false);
  });
});
