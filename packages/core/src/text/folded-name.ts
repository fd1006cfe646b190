/** Two names with one folded form are one file on some file systems, which do not tell cases apart. */
export function foldedName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
