/** Mistakes in a manifest, all of them, already laid out with source lines and carets. */
export class ManifestInvalid extends Error {
  override readonly name = 'ManifestInvalid';
  readonly report: string;
  readonly mistakes: number;

  constructor(report: string, mistakes: number) {
    super(`the manifest has ${mistakes} ${mistakes === 1 ? 'mistake' : 'mistakes'}`);
    this.report = report;
    this.mistakes = mistakes;
  }
}
