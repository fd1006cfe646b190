/**
 * Makes `bundle/`, which is what the package ships: the command and the library face with the workspace's packages in
 * them, the types of the library face, and the manifest's schema. Packages from the registry stay imports.
 */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { collectTypes } from './collect-types.mjs';

const cli = fileURLToPath(new URL('..', import.meta.url));
const packages = join(cli, '..');
const target = join(cli, 'bundle');

await makeBundle();

async function makeBundle() {
  rmSync(target, { recursive: true, force: true });
  const chunks = await bundleCode();
  refuseUndeclared(chunks);
  collectTypes({ packages, face: join(cli, 'dist/index.d.ts'), target });
  cpSync(join(packages, '../manifests/manifest.schema.json'), join(target, 'manifest.schema.json'));
}

async function bundleCode() {
  const build = await rolldown({
    cwd: cli,
    // `main` too: a launcher that has set up everything else starts there.
    input: { bin: 'dist/bin.js', main: 'dist/main.js', index: 'dist/index.js' },
    platform: 'node',
    external: isFromRegistry,
  });
  const { output } = await build.write({
    dir: target,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
  });
  await build.close();
  return output.filter((file) => file.type === 'chunk');
}

/** What is neither a file nor one of this workspace's packages (`#…`: an import of a package's own). */
function isFromRegistry(specifier) {
  return !/^[.#]|^@localize\//.test(specifier) && !isAbsolute(specifier);
}

/** What the bundle imports must come with the package: an import of a bundled package is one of ours. */
function refuseUndeclared(chunks) {
  const { dependencies } = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8'));
  const imported = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]).filter(isFromRegistry);
  const names = imported.filter((specifier) => !isBuiltin(specifier) && !isChunk(specifier, chunks)).map(packageOf);
  const missing = [...new Set(names)].filter((name) => !(name in dependencies));
  if (missing.length === 0) return;
  throw new Error(
    `packages/cli needs ${missing.join(', ')} as dependencies: packages that are bundled into it import them`,
  );
}

function isChunk(fileName, chunks) {
  return chunks.some((chunk) => chunk.fileName === fileName);
}

function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
