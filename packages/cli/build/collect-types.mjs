import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const SCOPE = '@localize/';
/** `import type { A, B } from './x.js';`, as the compiler writes it. */
const NAMED = /(import|export)( type)? \{([^}]*)\} from '([^']+)';/g;
const ANY_SOURCE = /\bfrom '([^']+)'|\bimport\('([^']+)'\)/g;

/**
 * Copies the declarations that the library face reaches into `<target>/types/<package>/`. Names of a workspace package
 * are taken from the very files that declare them: through its index would come everything else, with the types of
 * dependencies that a user of the library does not have.
 * @param {{ packages: string, face: string, target: string }} places
 */
export function collectTypes({ packages, face, target }) {
  const placeOf = (source) => join(target, 'types', relative(packages, source).replace('/dist/', '/'));
  const waiting = [face];
  const seen = new Set(waiting);
  for (const source of waiting) {
    const text = directImports(readFileSync(source, 'utf8'), source, packages);
    const place = placeOf(source);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, pointAt(text, source, place, placeOf));
    for (const needed of relativeSources(text, source)) {
      if (seen.has(needed)) continue;
      seen.add(needed);
      waiting.push(needed);
    }
  }
}

/** Imports of a workspace package become imports of its files, by absolute path for now. */
function directImports(text, source, packages) {
  const direct = text.replace(NAMED, (statement, verb, isType, names, from) => {
    if (!from.startsWith(SCOPE)) return statement;
    const declaredIn = readIndex(join(packages, from.slice(SCOPE.length), 'dist/index.d.ts'));
    return names
      .split(',')
      .map((name) => `${verb}${isType ?? ''} { ${name.trim()} } from '${declaredIn(bareName(name))}';`)
      .join('\n');
  });
  if (direct.includes(`'${SCOPE}`)) throw new Error(`${source} imports a package in a way that is not known here`);
  return direct.replace(/\n\/\/# sourceMappingURL=.*/, '');
}

/** Tells in which file a package's index finds a name. */
function readIndex(index) {
  const text = readFileSync(index, 'utf8');
  const folder = dirname(index);
  const named = new Map();
  for (const [, , , names, from] of text.matchAll(NAMED)) {
    for (const name of names.split(',')) named.set(bareName(name), join(folder, from));
  }
  const whole = [...text.matchAll(/export \* from '([^']+)';/g)].map(([, from]) => join(folder, from));
  return (name) => {
    const file = named.get(name) ?? whole.find((each) => declares(each, name));
    if (file === undefined) throw new Error(`${index} has no ${name}`);
    return file;
  };
}

function declares(file, name) {
  const declaration = new RegExp(`^export (declare )?(const|type|interface|class|function) ${name}\\b`, 'm');
  return declaration.test(readFileSync(file.replace(/\.js$/, '.d.ts'), 'utf8'));
}

function bareName(name) {
  return name.replace(/^\s*type /, '').trim();
}

function relativeSources(text, source) {
  return [...text.matchAll(ANY_SOURCE)].flatMap(([, from, inline]) => sourceOf(from ?? inline, source) ?? []);
}

/** The declarations behind a specifier; `null` for a package from the registry. */
function sourceOf(specifier, importer) {
  if (specifier.startsWith('.')) return join(dirname(importer), specifier.replace(/\.js$/, '.d.ts'));
  return specifier.startsWith('/') ? specifier.replace(/\.js$/, '.d.ts') : null;
}

function pointAt(text, source, place, placeOf) {
  return text.replace(ANY_SOURCE, (whole, from, inline) => {
    const specifier = from ?? inline;
    const needed = sourceOf(specifier, source);
    if (needed === null) return whole;
    const path = relative(dirname(place), placeOf(needed)).replace(/\.d\.ts$/, '.js');
    return whole.replace(specifier, path.startsWith('.') ? path : `./${path}`);
  });
}
