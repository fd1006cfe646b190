/**
 * Makes `dist/launch/`, what the repository's launcher starts: the whole command in a few CommonJS files. Node finds,
 * reads and links each module by itself, and hundreds of them cost more than all the work of a small command. Beside each
 * file lies what V8 has made of it.
 *
 * Each build has a folder of its own, and `main.cjs` leads to the newest: a run that is at work loads parts late, and must
 * find those that it was built with though its clone has been updated since.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const cli = fileURLToPath(new URL('..', import.meta.url));
const launch = join(cli, 'dist/launch');
/** Their names tell which came later. */
const buildName = `build-${new Date().toISOString().replaceAll(/\D/g, '')}`;
const target = join(launch, buildName);
/** The newest among them. */
const KEPT_BUILDS = 4;
const compile = join(cli, 'build/compile-launch.cjs');
/** Stay imports: a native addon, and a client that is large and that only a bucket needs. */
const APART = /^better-sqlite3$|^@aws-sdk\//;

/**
 * V8 keeps the text of what it has loaded, at two bytes a character as soon as a single one is beyond Latin-1: an arrow in
 * a message would double a megabyte for as long as the command runs.
 */
const narrowText = {
  name: 'narrow-text',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk') file.code = file.code.replaceAll(/[^\0-\xff]/g, asEscape);
    }
  },
};

/**
 * What knows how wide a text is asks V8 for the emoji of all the world, and for two tables of letters, as soon as it is
 * loaded: 35 ms, for the sake of texts that most commands never see. They are made when they are first used.
 */
const COSTLY = /^const (\w+) = (new Intl\.Segmenter\(.*\)|\/.*\\p\{RGI_Emoji\}.*\/v);$/gm;

const lateConstants = {
  name: 'late-constants',
  transform(code, id) {
    if (!/[\\/](string-width|slice-ansi|wrap-ansi)[\\/]/.test(id)) return null;
    let late = code;
    for (const [line, name, value] of code.matchAll(COSTLY)) {
      late = late.replace(line, () => `let made_${name}; const late_${name} = () => (made_${name} ??= ${value});`);
      late = late.replaceAll(`${name}.`, `late_${name}().`);
    }
    return late;
  },
};

mkdirSync(launch, { recursive: true });
const build = await rolldown({
  cwd: cli,
  input: { main: 'dist/main.js' },
  platform: 'node',
  external: APART,
  plugins: [lateConstants],
  onLog(level, log, tell) {
    // It would be found missing only by who needs it.
    if (log.code === 'UNRESOLVED_IMPORT') throw new Error(`bundling the command: ${log.message}`);
    tell(level, log);
  },
});
const { output } = await build.write({
  dir: target,
  format: 'cjs',
  // Code that V8 has from its compiled form cannot import: Node 20 forgets whose code that was.
  dynamicImportInCjs: false,
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunks/[name].cjs',
  comments: { legal: true, annotation: false, jsdoc: false },
  plugins: [narrowText],
});
await build.close();
for (const { fileName, code } of output) {
  if (code?.includes('import(')) throw new Error(`bundling the command: ${fileName} still imports as it runs`);
}
execFileSync(process.execPath, [compile, target], { stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '' } });
leadTo(buildName);
removeFormer();

/** In one step: a command that starts meanwhile has the one or the other. */
function leadTo(name) {
  const main = join(launch, 'main.cjs');
  writeFileSync(`${main}.new`, `module.exports = require('./${name}/main.cjs');\n`);
  renameSync(`${main}.new`, main);
}

function removeFormer() {
  const builds = readdirSync(launch).filter((name) => name.startsWith('build-'));
  const others = readdirSync(launch).filter((name) => !/^build-|^main\.cjs$/.test(name));
  for (const name of [...builds.sort().slice(0, -KEPT_BUILDS), ...others]) {
    rmSync(join(launch, name), { recursive: true, force: true });
  }
}

/** As source text has it within strings, templates and patterns alike. */
function asEscape(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
