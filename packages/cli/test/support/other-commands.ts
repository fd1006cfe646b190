/** A command of the documents that the sandbox does not carry out, and what does so in its place. */
export interface OtherCommand {
  readonly command: string;
  /** Why the sandbox cannot. */
  readonly why: string;
  /** A file that carries it out, or each of its steps, and the words in it that do. */
  readonly by: string;
  readonly words: readonly string[];
}

const STEP_OF_ALL = 'it works on the repository itself, whose tests are running; it is a step of `npm test`';

/** @param packageManager with its version, as package.json names it @param version that the documents install */
export function otherCommands(packageManager: string, version: string): readonly OtherCommand[] {
  return [
    {
      command: 'localize manifests/demo.yaml',
      why: 'the demo takes a minute',
      by: 'packages/cli/test/demo-report.test.ts',
      words: ['manifests/demo.yaml', "startLocalize(folder, ['demo.yaml'"],
    },
    {
      command: 'npm test',
      why: 'it is what runs this test',
      by: 'scripts/test.mjs',
      words: ["run('vitest', ['run'"],
    },
    { command: 'npm run build', why: STEP_OF_ALL, by: 'scripts/test.mjs', words: ['await prepare(root,'] },
    {
      command: 'npm run typecheck',
      why: STEP_OF_ALL,
      by: 'scripts/test.mjs',
      words: ["'tsc', ['-b']", "'tsc', ['-p', 'tsconfig.test.json']"],
    },
    {
      command: 'npm run format',
      why: 'it rewrites the repository; that nothing is left to rewrite is a step of `npm test`',
      by: 'scripts/test.mjs',
      words: ["'biome', ['ci'"],
    },
    {
      command: 'npm run docs',
      why: 'it rewrites the repository; that it would change nothing is a test',
      by: 'packages/cli/test/documents.test.ts',
      words: ['build/docs/documents.mjs'],
    },
    {
      command: 'npm run chaos',
      why: 'its many seeds take an hour; the same file runs with fewer',
      by: 'packages/runner/test/chaos.test.ts',
      words: ['`npm run chaos` asks for more of them'],
    },
    {
      command: 'npm run bench',
      why: 'it takes an hour of a quiet machine; how it writes its results is tested',
      by: 'benchmarks/test/results-file.test.ts',
      words: ['written by npm run bench'],
    },
    {
      command: 'npx vitest run packages/runner/test/kill.test.ts',
      why: 'it is a test itself',
      by: 'packages/runner/test/kill.test.ts',
      words: ['SIGKILL'],
    },
    {
      command:
        'node packages/report/scripts/take-screenshots.mjs manifests/localized/demo.emulated/report/index.html docs/images',
      why: 'it would write over the README’s pictures; the test takes its own',
      by: 'packages/cli/test/demo-report.test.ts',
      words: ["'packages/report/scripts/take-screenshots.mjs'", 'pictures(fileURLToPath(index)'],
    },
    {
      command: 'node scripts/release.mjs 1.2.3',
      why: 'it would make a release',
      by: 'packages/cli/test/documents.test.ts',
      words: ['releaseEdits(root, {', 'writeOrRestore(root, edits'],
    },
    {
      command: `npx --yes ${packageManager} --dir packages/cli pack --pack-destination /tmp`,
      why: 'packing takes a minute',
      by: 'packages/cli/test/package.test.ts',
      words: ["'pack', '--pack-destination'"],
    },
    {
      command: `npm install --global /tmp/localize-${version}.tgz`,
      why: 'it would change the machine; the test installs below a folder of its own',
      by: 'packages/cli/test/package.test.ts',
      words: ["'install', '--global', '--prefix'"],
    },
    {
      command: 'npm rebuild better-sqlite3',
      why: 'it mends an installation that is broken',
      by: 'docs/errors.md',
      words: ['SQLite’s native part was not built'],
    },
    {
      command: 'npm rebuild -g better-sqlite3',
      why: 'it mends an installation that is broken',
      by: 'docs/errors.md',
      words: ['SQLite’s native part was not built'],
    },
    {
      command: 'npm config get registry',
      why: 'it shows a setting of npm’s own',
      by: 'docs/errors.md',
      words: ['the proxy and `npm config get registry`'],
    },
  ];
}
