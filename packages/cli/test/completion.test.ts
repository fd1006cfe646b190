import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN, folderWith, localize } from './support/cli.js';
import { SMALL } from './support/manifests.js';

/** A folder with a manifest and with `localize` as a program of its own. */
function scene(): { folder: string; script: (shell: string) => Promise<string> } {
  const folder = folderWith({
    'manifest.yaml': SMALL,
    'spaced.yaml': SMALL.replace('id: safety', 'id: my talk'),
    'bin/localize': '',
  });
  writeFileSync(join(folder, 'bin/localize'), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
  chmodSync(join(folder, 'bin/localize'), 0o755);
  const script = async (shell: string) => {
    const { stdout } = await localize(folder, ['completion', shell]);
    writeFileSync(join(folder, `completion.${shell}`), stdout);
    return stdout;
  };
  return { folder, script };
}

function runIn(folder: string, shell: string, args: readonly string[]): string {
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, TERM: 'dumb', HOME: folder };
  const { stdout } = spawnSync(shell, args, { cwd: folder, env, encoding: 'utf8', timeout: 60_000 });
  return stdout;
}

/** Without these shells a person's run skips their tests and says so; CI fails. */
function has(shell: string): boolean {
  if ((process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, shell)))) return true;
  if (process.env.CI) throw new Error(`there is no ${shell} to test completion in`);
  console.warn(`there is no ${shell} here: its completion is not tested`);
  return false;
}

describe('completion', { timeout: 90_000 }, () => {
  test('knows commands, options, and what the manifest and the catalogue name', async () => {
    const { folder } = scene();
    const words = async (...typed: string[]) => {
      const { exit, stdout, stderr } = await localize(folder, ['completion', 'words', '--', ...typed]);
      expect([exit, stderr]).toEqual([0, '']);
      return stdout.split('\n').flatMap((line) => line.split('\t')[0] || []);
    };
    expect(await words('st')).toEqual(['status', ':files']);
    expect(await words('--pro')).toEqual(['--provider']);
    expect(await words('status', '--lang', '')).toEqual(['de', 'fr']);
    expect(await words('plan', 'manifest.yaml', '--only', 'safety/f')).toEqual(['safety/fr']);
    expect(await words('run', '--provider', 'fal')).toEqual(['fal', 'fal/infinitalk']);
    expect(await words('logs', '')).toEqual(['safety/de', 'safety/fr']);
    expect(await words('settle', 'manifest.yaml', 's')).toEqual(['safety/de', 'safety/fr']);
    expect(await words('logs', 'spaced.yaml', '')).toEqual(['my talk/de', 'my talk/fr']);
    expect(await words('logs', 'safety/de', 's')).toEqual([':files']);
    expect(await words('logs', '-m', 'gone.yaml', '--stat')).toEqual(['--state']);
    expect(await words('plan', 'gone.yaml', '--only', '')).toEqual([]);
    expect(await words('report', '--format', 'm')).toEqual(['markdown']);
    expect(await words('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(await words('plan', '--only', 'safety/de,')).toEqual(['safety/de,safety/fr']);
    expect(await words('plan', '--only=')).toEqual(['--only=safety/de', '--only=safety/fr']);
    expect(await words('plan', '--only=safety/de,s')).toEqual(['--only=safety/de,safety/fr']);
    expect(await words('plan', '--only', '=', 'safety/f')).toEqual(['safety/fr']);
    expect(await words('plan', '--lang', '=', 'de', '--only', '=')).toEqual(['safety/de', 'safety/fr']);
    expect(await words('limits', 'e')).toEqual(['eachlabs', ':files']);
    const only = folderWith({ 'batch.yaml': SMALL });
    const before = await localize(only, ['completion', 'words', '--', 'logs', '']);
    expect(before.stdout).toBe('safety/de\nsafety/fr\n');
    expect((await localize(folder, ['completion', '--help'])).stdout).not.toContain('words');
    const unknown = await localize(folder, ['completion', 'tcsh']);
    expect([unknown.exit, unknown.stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish')]);
  });

  test.runIf(has('bash'))('works in bash', async () => {
    const { folder, script } = scene();
    await script('bash');
    const complete = (...words: string[]) => {
      const typed = words.map((word) => `'${word}'`).join(' ');
      const text = `source completion.bash; COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _localize; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return runIn(folder, 'bash', ['--norc', '-c', text]).trim().split('\n');
    };
    expect(complete('localize', 'val')).toEqual(['validate']);
    expect(complete('localize', 'plan', '--only', 'safety/')).toEqual(['safety/de', 'safety/fr']);
    expect(complete('localize', 'plan', 'mani')).toEqual(['manifest.yaml']);
    expect(complete('localize', 'plan', '--only', '=')).toEqual(['safety/de', 'safety/fr']);
    expect(complete('localize', 'limits', 'wave')).toEqual(['wavespeed']);
    const spaced = (word: string) => complete('localize', 'plan', 'spaced.yaml', '--only', word);
    expect(spaced('my')).toEqual(['my\\ talk/de', 'my\\ talk/fr']);
    expect(spaced('my\\ talk/de,my\\ talk/f')).toEqual(['my\\ talk/de,my\\ talk/fr']);
    expect(spaced('"my t')).toEqual(['my talk/de', 'my talk/fr']);
  });

  test.runIf(has('fish'))('works in fish', async () => {
    const { folder, script } = scene();
    await script('fish');
    const complete = (line: string) =>
      runIn(folder, 'fish', ['--no-config', '-c', `source completion.fish; complete -C '${line}'`])
        .trim()
        .split('\n');
    expect(complete('localize val')).toEqual([
      'validate\tcheck a manifest and its media files, and show every mistake',
    ]);
    expect(complete('localize plan --only safety/')).toEqual(['safety/de', 'safety/fr']);
    expect(complete('localize plan --only=safety/f')).toEqual(['--only=safety/fr']);
    expect(complete('localize plan mani')).toEqual(['manifest.yaml']);
    expect(complete('localize plan spaced.yaml --only my\\ talk/d')).toEqual(['my talk/de']);
    expect(complete('localize plan spaced.yaml --only "my talk/d')).toEqual(['my talk/de']);
  });

  test.runIf(has('zsh'))('works in zsh', async () => {
    const { folder, script } = scene();
    await script('zsh');
    // A zsh in a pseudo-terminal of another: what it completes is typed out by the key that prints the line.
    const complete = (line: string) =>
      runIn(folder, 'zsh', [
        '-f',
        '-c',
        `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1=; autoload -Uz compinit && compinit -u -D; source completion.zsh'
zpty -w z 'show() { print -r -- "<<$BUFFER>>"; zle send-break }; zle -N show; bindkey "^X" show; print READY'
zpty -r -m z line '*READY*READY*'
zpty -w -n z ${JSON.stringify(line)}$'\\t'$'\\C-x'
zpty -r -m z line '*<<*>>*'
print -r -- "\${\${line##*<<}%%>>*}"`,
      ]).trim();
    expect(complete('localize val')).toBe('localize validate');
    expect(complete('localize plan --only safety/d')).toBe('localize plan --only safety/de');
    expect(complete('localize plan mani')).toBe('localize plan manifest.yaml');
    const spaced = 'localize plan spaced.yaml --only my\\ talk/d';
    expect(complete(spaced)).toBe(`${spaced}e`);
  });
});
