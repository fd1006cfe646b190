import type { ManifestIssue } from '@localize/core';

/** Mistakes in a manifest, all of them, already laid out with source lines and carets. */
export class ManifestInvalid extends Error {
  override readonly name = 'ManifestInvalid';
  readonly report: string;
  readonly mistakes: number;
  /** What `report` is made of, warnings included. */
  readonly issues: readonly ManifestIssue[];

  constructor(report: string, issues: readonly ManifestIssue[]) {
    const mistakes = issues.filter(({ severity }) => severity === 'error').length;
    super(`the manifest has ${mistakes} ${mistakes === 1 ? 'mistake' : 'mistakes'}`);
    this.report = report;
    this.mistakes = mistakes;
    this.issues = issues;
  }
}
