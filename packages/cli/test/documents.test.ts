import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ManifestIssue, parseManifest, parseUserConfig } from '@localize/core';
import { catalogue } from '@localize/providers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { CommandContext } from '../src/definitions.js';
import { buildProgram } from '../src/program.js';
import { filesBelow, folderWith, REPOSITORY, startLocalize, waitFor } from './support/cli.js';
import {
  anchorsOf,
  blocksOf,
  commandsOf,
  cronCommandsOf,
  DOCUMENTS,
  GUIDES,
  linksOf,
  readDocument,
  spansOf,
} from './support/documents.js';
import { otherCommands } from './support/other-commands.js';
import { type Sandbox, sandbox } from './support/sandbox.js';

const packageFile = (path: string) => JSON.parse(readDocument(path)) as Record<string, never>;
const OTHERS = otherCommands(
  `${packageFile('package.json').packageManager}`,
  `${packageFile('packages/cli/package.json').version}`,
);
const SILENT = { write: () => undefined, isTerminal: false, columns: 100, rows: 24 };
const ours = (line: string) => /^(\.\/)?localize (?!manifests\/demo\.yaml)/.test(line);

describe('the commands of', { timeout: 400_000 }, () => {
  let place: Sandbox;
  /** A line that several documents have is carried out once. */
  const done = new Set<string>();
  beforeAll(async () => {
    place = sandbox();
    // Documents speak of a batch that has run.
    await place.carryOut('localize batch.yaml');
  }, 120_000);
  afterAll(() => place.remove());

  test.each(GUIDES.filter((path) => runnable(path).length > 0))('%s work', async (path) => {
    for (const line of runnable(path)) {
      const command = plain(line);
      if (!done.has(command)) await place.carryOut(command);
      done.add(command);
    }
  });

  test('the sandbox does not carry out are listed, each with what does so and why', () => {
    const found = GUIDES.flatMap((path) => {
      const text = readDocument(path);
      const inProse = spansOf(text).filter((each) => /^(npm|npx|node) /.test(each));
      return [
        ...commandsOf(text)
          .filter((each) => !ours(each))
          .map(plain),
        ...inProse,
      ];
    });
    expect([...new Set(found)].sort()).toEqual(OTHERS.map(({ command }) => command).sort());
    for (const { command, by, words } of OTHERS) {
      const text = readDocument(by);
      for (const each of words) expect(text, `${by} carries out ${command}`).toContain(each);
    }
  });

  test('other programs name scripts, tools and files that are there', () => {
    for (const { command } of OTHERS) checkPrograms(command);
  });

  test.each(GUIDES)('%s, in its prose, have names and options that the command line has', (path) => {
    for (const span of spansOf(readDocument(path)).filter(ours)) checkNames(span);
  });

  test.each(GUIDES.filter((path) => blocksOf(readDocument(path), 'ts').length > 0))(
    '%s are also programs, which compile and run',
    (path) => {
      const programs = blocksOf(readDocument(path), 'ts').map(({ text }, index) => ({
        text,
        name: `program-${index}`,
      }));
      for (const { name, text } of programs) writeFileSync(join(place.folder, `${name}.mts`), text);
      compile(
        place.folder,
        programs.map(({ name }) => `${name}.mts`),
      );
      for (const { name } of programs) {
        const ran = spawnSync(process.execPath, [`${name}.mjs`], { cwd: place.folder, encoding: 'utf8' });
        expect([name, ran.status, ran.stderr]).toEqual([name, 0, expect.not.stringContaining('    at ')]);
      }
    },
  );
});

/** A command without the comment behind it, and without the clone's path before it. */
function plain(line: string): string {
  return line.replace(/\s+# .*$/, '').replace(/^\.\//, '');
}

/** Every command that can be carried out here: of shell blocks, cron tables and workflows. */
function runnable(path: string): string[] {
  const text = readDocument(path);
  return [...commandsOf(text).filter(ours), ...cronCommandsOf(text), ...workflowCommands(text)];
}

function workflowCommands(text: string): string[] {
  const workflows = blocksOf(text, 'yaml').filter(({ name }) => name?.startsWith('.github/'));
  return workflows.flatMap((block) => {
    const { jobs } = parse(block.text) as { jobs: Record<string, { steps: { run?: string }[] }> };
    return Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  });
}

/** Of a command each program is one that is installed or that Node can read, and each file that it names is there. */
function checkPrograms(command: string): void {
  const script = /^npm (?:run )?(test|build|typecheck|format|docs|chaos|bench)$/.exec(command)?.[1];
  if (script !== undefined) {
    const { scripts } = packageFile('package.json');
    expect(Object.keys(scripts ?? {})).toContain(script);
    const line = (scripts as unknown as Record<string, string>)[script] ?? '';
    return line.split(' && ').forEach(checkStep);
  }
  if (command.startsWith('node ')) checkStep(command.replace(/ manifests\/localized\/.*$/, ''));
  if (command.startsWith('npx vitest ')) checkStep(command.replace(/^npx /, ''));
}

const { commands } = buildProgram(
  { version: '', out: SILENT, err: SILENT } as unknown as CommandContext,
  async () => undefined,
);

/** What prose says of a command: it may leave out what a reader knows, but names nothing that is not there. */
function checkNames(span: string): void {
  const [, first = '', ...words] = plain(span).split(/\s+/);
  const command = commands.find((each) => each.name() === first || each.aliases().includes(first));
  const isRun = /\.ya?ml$|^--help$|^<command>$/.test(first);
  expect(command !== undefined || isRun, `${first} of ${span}`).toBe(true);
  const { options } = command ?? commands.find((each) => each.name() === 'run') ?? { options: [] };
  const known = ['--help', ...options.flatMap(({ long, short }) => [long, short])];
  for (const word of words.filter((each) => /^--?[a-z]/.test(each))) {
    expect(known, span).toContain(word.replace(/=.*$/, ''));
  }
}

function checkStep(step: string): void {
  const words = step.replace(/^(?:[A-Z_]+=\S+ )+/, '').split(' ');
  const [program = '', first = ''] = words;
  const isThere = (path: string) => expect(existsSync(join(REPOSITORY, path)), `${path} of ${step}`).toBe(true);
  if (program === 'node') {
    const read = spawnSync(process.execPath, ['--check', join(REPOSITORY, first)], { encoding: 'utf8' });
    expect([step, read.status, read.stderr]).toEqual([step, 0, '']);
  } else if (program !== 'npx') isThere(`node_modules/.bin/${program}`);
  for (const word of words.slice(1)) if (/^[\w.-]+\/|\.\w*json$/.test(word)) isThere(word);
}

describe('the examples of', () => {
  test.each(GUIDES)('%s are manifests and settings that this version reads', (path) => {
    for (const block of blocksOf(readDocument(path), 'yaml')) {
      const value = parse(block.text) as Record<string, unknown> | null;
      if (value === null || block.name?.startsWith('.github/')) continue;
      const issues = block.name?.endsWith('config.yaml')
        ? parseUserConfig(block.text, { file: block.name, catalogue }).issues
        : issuesOf(value);
      expect([block.text, issues]).toEqual([block.text, []]);
    }
  });
});

/** Mistakes in a manifest, or in a piece of one. */
function issuesOf(value: Record<string, unknown>): ManifestIssue[] {
  const videos = [{ id: 'a', source: './a.mp4', tracks: './{lang}/a.mp3' }];
  const whole = { version: 1, batch: 'piece', videos, ...value };
  const files = { resolve: (path: string) => path, readText: () => 'defaults: { seed: 1 }\n' };
  return [...parseManifest(JSON.stringify(whole), { file: 'piece.yaml', catalogue, files }).issues];
}

/** Against the package as a user imports it, by name. */
function compile(folder: string, files: readonly string[]): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  if (!existsSync(join(modules, 'localize')))
    symlinkSync(join(REPOSITORY, 'packages/cli'), join(modules, 'localize'), 'dir');
  const types = dirname(dirname(createRequire(import.meta.url).resolve('@types/node/package.json')));
  const flags = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--typeRoots', types];
  const tsc = join(REPOSITORY, 'node_modules/.bin/tsc');
  const compiled = spawnSync(tsc, [...flags, '--skipLibCheck', ...files], { cwd: folder, encoding: 'utf8' });
  expect([compiled.status, compiled.stdout]).toEqual([0, '']);
}

describe('documents', () => {
  test.each(DOCUMENTS)('%s links to what is there', (path) => {
    const text = readDocument(path);
    for (const { target } of linksOf(text)) {
      const [file = '', anchor] = target.split('#');
      const linked = file === '' ? path : join(dirname(path), file);
      expect(existsSync(join(REPOSITORY, linked)), target).toBe(true);
      if (anchor !== undefined) expect([...anchorsOf(readDocument(linked))], target).toContain(anchor);
    }
  });

  test('name files of the code that are there', () => {
    const rows = readDocument('docs/architecture.md')
      .split('\n')
      .filter((line) => line.startsWith('| '));
    const named = spansOf(rows.join('\n')).filter((each) => /^[\w.-]+\/[\w./-]*(\.\w+|\/)$/.test(each));
    expect(named.length).toBeGreaterThan(80);
    const inPackage = (path: string) => path.replace(/^(\w+)\//, 'packages/$1/src/');
    const isThere = (path: string) => [path, inPackage(path)].some((each) => existsSync(join(REPOSITORY, each)));
    expect(named.filter((path) => !isThere(path))).toEqual([]);
  });

  test('link a test from every row of what happens if, by the test’s own name', () => {
    const text = readDocument('docs/what-happens-if.md');
    const rows = text.split('\n').filter((line) => line.startsWith('| ') && !/^\| (if|---) /.test(line));
    expect(rows.length).toBeGreaterThan(30);
    const broken = rows.flatMap((row) => {
      const tests = linksOf(row).filter(({ target }) => target.endsWith('.test.ts'));
      if (tests.length === 0) return [`no test: ${row}`];
      const unknown = tests.filter(
        ({ words, target }) => !readFileSync(join(REPOSITORY, 'docs', target), 'utf8').includes(`'${words}'`),
      );
      return unknown.map(({ words, target }) => `${target} has no test '${words}'`);
    });
    expect(broken).toEqual([]);
  });

  test('that are made from code are as the code is', async () => {
    const made = (await import(join(REPOSITORY, 'packages/cli/build/docs/documents.mjs'))) as {
      documents(repository: string): Map<string, string>;
    };
    for (const [path, text] of made.documents(REPOSITORY)) {
      expect(readDocument(path), `to renew ${path}: npm run docs`).toBe(text);
      expect(text, 'something has no description').not.toContain('undefined');
    }
  });
});

describe('a release', () => {
  const changelog = readDocument('CHANGELOG.md');

  test('has one version everywhere, the changelog’s last, and the state of each is kept', () => {
    const released = [...changelog.matchAll(/^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$/gm)].map(([, version]) => version);
    const packages = readdirSync(join(REPOSITORY, 'packages')).map((name) => `packages/${name}/package.json`);
    const versions = ['package.json', ...packages].map((path) => packageFile(path).version);
    expect(new Set(versions)).toEqual(new Set([released[0]]));
    const states = readdirSync(join(REPOSITORY, 'packages/runner/test/fixtures/states'));
    expect(states.sort()).toEqual(released.map((version) => `${version}.db`).sort());
  });

  test('is installed and built by one package manager', () => {
    const { packageManager, scripts = {} as { build: string } } = packageFile('package.json');
    expect(scripts.build).toContain(` ${packageManager} `);
    expect(readDocument('scripts/prepare.mjs')).toContain(`'${packageManager}'`);
  });

  test('dates what was unreleased, once', async () => {
    const { releasedChangelog } = (await import(join(REPOSITORY, 'scripts/release.mjs'))) as {
      releasedChangelog(text: string, release: { version: string; date: string }): string;
    };
    const next = { version: '99.0.0', date: '2030-01-02' };
    const added = '## [Unreleased]\n\n### Added\n\n- Something.\n\n';
    const text = `# Changelog\n\n${added}## [98.0.0] - 2029-01-02\n`;
    const made = releasedChangelog(text, next);
    expect(made).toBe(text.replace('## [Unreleased]\n', '## [Unreleased]\n\n## [99.0.0] - 2030-01-02\n'));
    expect(() => releasedChangelog(made, { ...next, version: '100.0.0' })).toThrow('nothing under "Unreleased"');
    expect(() => releasedChangelog(text, { ...next, version: '98.0.0' })).toThrow('has 98.0.0 already');
  });

  test('writes all that a release changes, or, where a step fails, nothing', async () => {
    const { releaseEdits, writeOrRestore } = (await import(join(REPOSITORY, 'scripts/release.mjs'))) as {
      releaseEdits(root: string, release: { version: string; date: string }): Map<string, string>;
      writeOrRestore(
        root: string,
        edits: Map<string, string>,
        then: { made: string; work: () => Promise<void> },
      ): Promise<void>;
    };
    const numbered = '{\n  "version": "1.0.0"\n}\n';
    const root = folderWith({
      ...{ 'package.json': numbered, 'benchmarks/package.json': numbered, 'packages/core/package.json': numbered },
      'CHANGELOG.md': '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Something.\n',
      'docs/operations.md': 'npm install -g localize-1.0.0.tgz\n',
    });
    const before = filesBelow(root);
    const edits = releaseEdits(root, { version: '1.1.0', date: '2030-01-02' });
    const made = 'state.db';
    const make = async () => writeFileSync(join(root, made), 'a state');
    const failing = async () => {
      await make();
      throw new Error('the test failed');
    };
    await expect(writeOrRestore(root, edits, { made, work: failing })).rejects.toThrow('the test failed');
    expect(filesBelow(root)).toEqual(before);
    await writeOrRestore(root, edits, { made, work: make });
    expect(filesBelow(root)).toEqual(new Map([...before, ...edits, [made, 'a state']]));
    expect(edits.size).toBe(5);
    for (const text of edits.values()) expect(text).toContain('1.1.0');
    expect(() => releaseEdits(root, { version: '1.1', date: '2030-01-02' })).toThrow('which version?');
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'that %s ends in the midst of a step leaves nothing behind',
    async (signal) => {
      const script = pathToFileURL(join(REPOSITORY, 'scripts/release.mjs'));
      const root = folderWith({
        'CHANGELOG.md': 'before\n',
        'run.mjs': `import { steps, writeOrRestore } from '${script}';
const run = steps('.');
const step = "require('fs').writeFileSync('state.db', ''); console.log('at work'); setInterval(() => {}, 1000)";
const work = async () => { await run(process.execPath, '-e', step); };
await writeOrRestore('.', new Map([['CHANGELOG.md', 'after']]), { made: 'state.db', work });
`,
      });
      const before = filesBelow(root);
      const release = startLocalize(root, [], {}, join(root, 'run.mjs'));
      await waitFor(release.stdout, 'at work');
      expect(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')).toBe('after');
      release.child.kill(signal);
      expect(await release.finished).toMatchObject({ exit: 1, stderr: expect.stringContaining(`ended by ${signal}`) });
      expect(filesBelow(root)).toEqual(before);
    },
  );
});
