import { type Secret, type SecretSource, secret, secretRemover } from '@localize/core';
import { OPEN_BUCKET_VARIABLES } from '@localize/runner';
import type { FoundUserConfig } from '../config/read-user-config.js';
import { envFileOf, originOf, readEnvironment, type Variables } from './read-environment.js';
import { readSecretSource } from './read-secret-source.js';

/** Looks secrets up by the names of their variables: flags before the environment, that before the user's own settings. */
export interface Secrets {
  /** Where a value comes from, in words; `null` when it is not set. Reads no file and runs no command. */
  origin(name: string): string | null;
  /** The file that it is read from, `.env` too, if any. */
  file(name: string): string | null;
  /**
   * Reads a file or runs a command at most once for each name.
   * @returns `undefined` when it is not set
   * @throws LocalizeError KEY_UNREADABLE
   */
  read(name: string): Promise<string | undefined>;
  /** Takes all that was read so far out of a text: no server can echo what it was not sent. */
  removeFrom(text: string): string;
}

export interface SecretPlaces {
  /** By variable. */
  readonly flags: Readonly<Record<string, SecretSource>>;
  readonly variables: Variables;
  /** `.env` beside it counts as environment. */
  readonly manifestPath: string;
  readonly ownConfig: FoundUserConfig | null;
}

/** Remembers what it has read for as long as it is there: a command that asks its user something asks once. */
export function createSecrets({ flags, variables, manifestPath, ownConfig }: SecretPlaces): Secrets {
  const environment = readEnvironment(manifestPath, variables);
  const known = new Map<string, Promise<string>>();
  const revealed = new Map<string, Secret>();
  let withoutRevealed = secretRemover([]);
  const reveal = (name: string, value: string | undefined) => {
    if (value === undefined || revealed.has(value) || OPEN_BUCKET_VARIABLES.includes(name)) return value;
    revealed.set(value, secret(value));
    withoutRevealed = secretRemover([...revealed.values()]);
    return value;
  };
  const sourceOf = (name: string): SecretSource | undefined =>
    flags[name] ?? (environment[name]?.trim() ? undefined : ownConfig?.keys[name]);
  return {
    origin: (name) => {
      const flag = flags[name];
      if (flag) return flag.kind === 'file' ? `--key-file (${flag.path})` : '--key-command';
      const variable = originOf(name, manifestPath, variables);
      const own = ownConfig?.keys[name];
      if (variable !== null || own === undefined) return variable;
      return own.kind === 'file' ? `${own.path}, named in ${ownConfig?.path}` : `a command in ${ownConfig?.path}`;
    },
    file: (name) => {
      const source = sourceOf(name);
      if (source === undefined) return envFileOf(name, manifestPath, variables);
      return source.kind === 'file' ? source.path : null;
    },
    read: async (name) => {
      const source = sourceOf(name);
      if (source === undefined) return reveal(name, environment[name]?.trim() || undefined);
      const reading = known.get(name) ?? readSecretSource(name, source);
      known.set(name, reading);
      return reveal(name, await reading);
    },
    removeFrom: (text) => withoutRevealed(text),
  };
}
