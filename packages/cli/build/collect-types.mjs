import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const SCOPE = '@localize/';
/** How the compiler begins a declaration; what follows it to the next one at the margin belongs to it. */
const DECLARED = /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const|enum) (\w+)/;
const NAMED = /^(import|export)(?: type)? \{([^}]*)\} from '([^']+)';/;
const ALL_OF = /^export \* from '([^']+)';/;
const WORD = /[A-Za-z_$][\w$]*/g;
/** Where a statement begins, its comment included: other lines at the margin go on with one. */
const START =
  /(?:^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?^(?:export|import|declare|abstract|interface|type|class|function|const|enum)\b/gm;
/** A type that is named where it stands: `import("./x.js").Name`. */
const INLINE = /import\("([^"]+)"\)\.(\w+)/g;

/**
 * Copies the declarations that the library face reaches, and no others, into `<target>/types/<package>/`. Whole files
 * would bring the types of dependencies that a user of the library does not have.
 * @param {{ packages: string, face: string, target: string }} places
 */
export function collectTypes({ packages, face, target }) {
  const program = new Declarations(packages);
  for (const name of program.read(face).exports.keys()) program.need(face, name);
  const placeOf = (file) => join(target, 'types', relative(packages, file).replace('/dist/', '/'));
  for (const [file, text] of program.texts(placeOf)) {
    mkdirSync(dirname(placeOf(file)), { recursive: true });
    writeFileSync(placeOf(file), text);
  }
}

/** The declarations of the workspace's packages, and which of them are needed. */
class Declarations {
  #packages;
  #files = new Map();
  /** @type {Map<string, Set<string>>} */
  #needed = new Map();

  constructor(packages) {
    this.#packages = packages;
  }

  read(file) {
    const known = this.#files.get(file) ?? parse(readFileSync(file, 'utf8'));
    this.#files.set(file, known);
    return known;
  }

  /** Marks a name of a file with everything that it stands on. */
  need(file, name) {
    const needed = this.#needed.get(file) ?? new Set();
    this.#needed.set(file, needed);
    if (needed.has(name)) return;
    const { declarations, imports, exports } = this.read(file);
    const origin = exports.get(name) ?? imports.get(name);
    const declaration = declarations.get(name);
    if (declaration === undefined && origin === undefined) return;
    needed.add(name);
    if (declaration === undefined) return this.#needFrom(file, origin);
    for (const [word] of declaration.matchAll(WORD)) {
      if (word !== name && (declarations.has(word) || imports.has(word))) this.need(file, word);
    }
    for (const [, from, inner] of declaration.matchAll(INLINE)) this.#needFrom(file, { from, name: inner });
  }

  #needFrom(file, { from, name }) {
    const source = this.#sourceOf(from, file, name);
    if (source !== null) this.need(source, name);
  }

  /** The file that declares what an import takes; `null`: a package from the registry. */
  #sourceOf(from, file, name) {
    if (from.startsWith('.')) return join(dirname(file), from.replace(/\.js$/, '.d.ts'));
    if (!from.startsWith(SCOPE)) return null;
    const index = join(this.#packages, from.slice(SCOPE.length), 'dist/index.d.ts');
    return this.#through(index, name);
  }

  /** Follows an index to the very file. */
  #through(index, name) {
    const { exports, wholes } = this.read(index);
    const named = exports.get(name);
    const candidates = named ? [named.from] : wholes;
    const files = candidates.map((from) => join(dirname(index), from.replace(/\.js$/, '.d.ts')));
    const found = files.find((file) => this.read(file).declarations.has(name) || this.read(file).exports.has(name));
    if (found === undefined) throw new Error(`${index} has no ${name}`);
    return found;
  }

  /** Each needed file with what is needed of it. */
  texts(placeOf) {
    return [...this.#needed].map(([file, names]) => [file, this.#text(file, names, placeOf)]);
  }

  #text(file, names, placeOf) {
    const { declarations, imports, exports } = this.read(file);
    const point = (from, name) => {
      const source = this.#sourceOf(from, file, name);
      if (source === null) return from;
      const path = relative(dirname(placeOf(file)), placeOf(source)).replace(/\.d\.ts$/, '.js');
      return path.startsWith('.') ? path : `./${path}`;
    };
    const line = (verb, alias, { from, name, whole, isType }) => {
      const words = whole ? alias : `{ ${name === alias ? name : `${name} as ${alias}`} }`;
      return `${verb}${isType ? ' type' : ''} ${words} from '${point(from, name)}';`;
    };
    const needed = (entries) => [...entries].filter(([name]) => names.has(name));
    return [
      ...needed(imports)
        .filter(([name]) => !exports.has(name))
        .map(([name, origin]) => line('import', name, { ...origin, isType: true })),
      ...needed(exports).map(([name, origin]) => line('export', name, origin)),
      ...needed(declarations).map(([, text]) =>
        text.replace(INLINE, (_, from, name) => `import("${point(from, name)}").${name}`),
      ),
      'export {};\n',
    ].join('\n');
  }
}

/** A declaration file as the compiler writes it. */
function parse(text) {
  const declarations = new Map();
  const imports = new Map();
  const exports = new Map();
  const wholes = [];
  for (const statement of statementsOf(text)) {
    const code = statement.replace(/^\/\*\*[\s\S]*?\*\/\n/, '');
    const declared = DECLARED.exec(code)?.[1];
    const named = NAMED.exec(code);
    const all = ALL_OF.exec(code)?.[1];
    const whole = /^import type (\w+|\* as \w+) from '([^']+)';/.exec(code);
    if (declared !== undefined) declarations.set(declared, `${declarations.get(declared) ?? ''}${statement}`);
    else if (named)
      for (const [alias, origin] of namesOf(named)) (named[1] === 'import' ? imports : exports).set(alias, origin);
    else if (whole) imports.set(whole[1].replace('* as ', ''), { from: whole[2], name: whole[1], whole: true });
    else if (all !== undefined) wholes.push(all);
  }
  return { declarations, imports, exports, wholes };
}

/** Each with the comment above it. */
function statementsOf(text) {
  const starts = [...text.matchAll(START)].map(({ index }) => index);
  return starts.map((start, each) => text.slice(start, starts[each + 1]).replace(/\n\/\/# sourceMappingURL=.*/, ''));
}

/** `type A, B as C` -> what each name stands for. */
function namesOf([statement, , names, from]) {
  const all = /^\w+ type \{/.test(statement);
  return names.split(',').map((each) => {
    const [name, alias = name] = each
      .replace(/^\s*type /, '')
      .trim()
      .split(' as ');
    return [alias, { from, name, isType: all || /^\s*type /.test(each) }];
  });
}
