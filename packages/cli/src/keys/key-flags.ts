import { resolve } from 'node:path';
import { LocalizeError, nearestWord, type Plan, type SecretSource } from '@localize/core';
import { BUCKET_VARIABLES } from '@localize/runner';
import { expandHome } from './expand-home.js';
import type { Variables } from './read-environment.js';

/** Where secrets come from by the command line, as it has them: `NAME=PATH`, `NAME=COMMAND`. */
export interface KeyFlags {
  readonly keyFile?: readonly string[] | undefined;
  readonly keyCommand?: readonly string[] | undefined;
}

/**
 * A name is a variable's, or a provider's that has one key.
 * @returns by variable
 * @throws LocalizeError USAGE
 */
export function readKeyFlags(
  { keyFile = [], keyCommand = [] }: KeyFlags,
  { plan, cwd, variables }: { plan: Plan; cwd: string; variables: Variables },
): Record<string, SecretSource> {
  const sources: Record<string, SecretSource> = {};
  const add = (flag: string, text: string, sourceOf: (value: string) => SecretSource) => {
    const sign = text.indexOf('=');
    if (sign < 1 || sign === text.length - 1) {
      throw new LocalizeError('USAGE', `${flag} takes NAME=…, not ${text.slice(0, Math.max(0, sign)) || 'this'}`, {
        hint: `for instance ${flag} ${Object.keys(plan.providers)[0] ?? 'fal'}=${flag === '--key-file' ? '~/.secrets/key' : "'pass show key'"}`,
      });
    }
    const name = variableOf(text.slice(0, sign), plan);
    if (sources[name]) throw new LocalizeError('USAGE', `the key ${name} is given twice on the command line`);
    sources[name] = sourceOf(text.slice(sign + 1));
  };
  for (const text of keyFile) {
    add('--key-file', text, (path) => ({ kind: 'file', path: resolve(cwd, expandHome(path, variables)) }));
  }
  for (const text of keyCommand) add('--key-command', text, (command) => ({ kind: 'command', command }));
  return sources;
}

function variableOf(name: string, { providers }: Plan): string {
  const [first, ...more] = providers[name]?.keys ?? [];
  if (first !== undefined && more.length === 0) return first.variable;
  const all = Object.values(providers).flatMap(({ keys }) => keys.map(({ variable }) => variable));
  if (first !== undefined) {
    const names = [first, ...more].map(({ variable }) => variable).join(', ');
    throw new LocalizeError('USAGE', `${name} has several keys`, { hint: `name the one that is meant: ${names}` });
  }
  if (all.includes(name) || BUCKET_VARIABLES.includes(name)) return name;
  const known = [...Object.keys(providers), ...all];
  const nearest = nearestWord(name, known);
  throw new LocalizeError('USAGE', `the manifest uses no key ${name}`, {
    hint: nearest ? `did you mean ${nearest}?` : `it uses ${all.join(', ')}`,
  });
}
