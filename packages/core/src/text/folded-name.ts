/** Needs no change: most names are such. */
const FOLDED = /^[a-z0-9 ._/-]*$/;

/** Two names with one folded form are one file on some file systems, which do not tell cases apart. */
export function foldedName(name: string): string {
  if (FOLDED.test(name)) return name;
  return name.normalize('NFC').toLowerCase();
}
