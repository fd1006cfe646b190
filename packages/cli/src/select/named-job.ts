/** The manifest, `undefined` for `./manifest.yaml`, and a job's key. */
export interface NamedJob {
  readonly manifest: string | undefined;
  readonly key: string;
}

/**
 * What two arguments of a command name. Either may come first where one of them looks like a manifest and the other does
 * not; else they are in the command's own order.
 * @param first which one the command has in front
 */
export function manifestAndKey(first: keyof NamedJob, [one, other]: readonly [string, string | undefined]): NamedJob {
  if (other === undefined) return { manifest: undefined, key: one };
  const isInFront = looksLikeManifest(one) === looksLikeManifest(other) ? first === 'manifest' : looksLikeManifest(one);
  return isInFront ? { manifest: one, key: other } : { manifest: other, key: one };
}

export function looksLikeManifest(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}

/** A job's key as its batch has it, whatever the case it is named in, as `--only` takes it; `null`: no job, or several. */
export function keyMeant(named: string, known: ReadonlySet<string>): string | null {
  if (known.has(named)) return named;
  const alike = [...known].filter((key) => key.toLowerCase() === named.toLowerCase());
  return alike.length === 1 ? (alike[0] ?? null) : null;
}
