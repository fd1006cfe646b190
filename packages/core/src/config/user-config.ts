import { z } from 'zod';
import { scalar, wrongType } from '../manifest/fields/scalar.js';
import { textField } from '../manifest/fields/text-fields.js';
import type { ProviderFields } from '../manifest/manifest.js';
import { type ManifestIssue, sortIssues } from '../manifest/manifest-issue.js';
import { manifestSource } from '../manifest/manifest-source.js';
import { type NoticeKind, noticeKinds } from '../manifest/notify-schema.js';
import { UNREADABLE } from '../manifest/plain-values.js';
import { providersSchema } from '../manifest/provider-schema.js';
import { readText } from '../manifest/read-texts.js';
import { schemaFindings } from '../manifest/schema-issues.js';
import { list, mapping, named } from '../manifest/schema-parts.js';
import type { Catalogue, ProviderId } from '../provider/route.js';

/** Where a secret comes from that is not in the environment. */
export type SecretSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly command: string };

/** A user's own settings: for all batches, and read by nobody else, so that they may say what a manifest may not. */
export interface UserConfig {
  /** By the variable whose value is meant. */
  readonly keys: Readonly<Record<string, SecretSource>>;
  /** The state database. */
  readonly state: string | null;
  /** Hosts beyond the providers' own that may get a key. */
  readonly allowHosts: readonly string[];
  readonly notify: { readonly command: string; readonly on: readonly NoticeKind[] | undefined } | null;
  readonly providers: Readonly<Record<ProviderId, ProviderFields>>;
}

export const NO_USER_CONFIG: UserConfig = { keys: {}, state: null, allowHosts: [], notify: null, providers: {} };

/** @returns `null` with every mistake when there is any. */
export function parseUserConfig(
  text: string,
  options: { file: string; catalogue: Catalogue },
): { config: UserConfig | null; issues: readonly ManifestIssue[] } {
  const read = readText(text, { file: options.file, folder: '' });
  const { issues } = read;
  if (read.root === UNREADABLE) return { config: null, issues: sortIssues(issues) };
  const source = manifestSource([read], options.catalogue);
  // A file with nothing but comments is an empty mapping.
  const root = read.root ?? {};
  const parsed = userConfigSchema(options.catalogue).safeParse(root);
  const found = parsed.success ? [] : schemaFindings(parsed.error.issues, root);
  const all = [...issues, ...found.map(({ place, finding }) => source.issueAt(place, finding))];
  if (all.length > 0 || !parsed.success) return { config: null, issues: sortIssues(all) };
  const { keys = {}, state, allow_hosts: allowHosts = [], notify, providers } = parsed.data;
  const config: UserConfig = {
    keys,
    state: state ?? null,
    allowHosts,
    notify: notify === undefined ? null : { command: notify.command, on: notify.on },
    providers: (providers ?? {}) as UserConfig['providers'],
  };
  return { config, issues: [] };
}

function userConfigSchema(catalogue: Catalogue) {
  const file = textField('a path such as ~/.secrets/fal');
  const command = textField('a command that prints the key, such as `pass show fal`');
  const expected = '{ file: PATH } or { command: CMD }';
  const key = z.union(
    [
      // Said without showing it.
      scalar<SecretSource>(expected, {}, (value) =>
        typeof value === 'string'
          ? { problem: 'is a text where a key itself would stand', expected, code: 'SECRET' }
          : wrongType(value, expected),
      ),
      mapping('{ file: PATH }', { file }).transform(({ file: path }): SecretSource => ({ kind: 'file', path })),
      mapping('{ command: CMD }', { command }).transform((value): SecretSource => ({ kind: 'command', ...value })),
    ],
    { error: expected },
  );
  return mapping('settings such as keys, state, allow_hosts, notify and providers', {
    keys: named('variables with their sources, such as { FAL_KEY: { command: pass show fal } }', key).optional(),
    state: textField('a path such as ~/localize/state.db').optional(),
    allow_hosts: list('a list of hosts', textField('a host such as proxy.example.com')).optional(),
    notify: mapping('{ command: notify-send "$LOCALIZE_TEXT" }', {
      command: textField('a command, such as notify-send "$LOCALIZE_TEXT"'),
      on: noticeKinds(),
    }).optional(),
    providers: providersSchema(catalogue).optional(),
  });
}
