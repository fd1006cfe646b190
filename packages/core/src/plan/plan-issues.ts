import type { ExpandedManifest, ExpandedTrack } from '../manifest/expanded.js';
import { type ManifestIssue, type ManifestIssueCode, sortIssues } from '../manifest/manifest-issue.js';
import { foldedName } from '../text/folded-name.js';
import { count } from '../text/words.js';
import type { JobMedia } from './job-media.js';
import { differenceFinding, lateSubtitlesFinding, lengthsDiffer } from './length-findings.js';
import type { MediaFinding } from './media-faults.js';
import { clashFinding, keptFolderFinding } from './output-name.js';

type Finding = Parameters<ExpandedManifest['manifest']['source']['issueAt']>[1];

/** Collects what is wrong with the jobs of a plan, and what is worth saying, each at its place in the manifest. */
export function createPlanIssues({ manifest, issues: found, warnings: told }: ExpandedManifest) {
  const { source } = manifest;
  const issues: ManifestIssue[] = [...found];
  const warnings: ManifestIssue[] = [...told];
  const faulty = new Set<string>();
  const outputs = new Map<string, string>();

  /** One file may serve many jobs; its fault is said once at each place that names it. */
  function fault({ asset, finding }: MediaFinding): void {
    const span = source.spanAt(asset.place);
    const place = `${span.file}:${span.line}:${span.column}:${finding.message}`;
    if (!faulty.has(place)) issues.push(source.issueAt(asset.place, finding));
    faulty.add(place);
  }

  function lengths(key: string, track: ExpandedTrack, facts: JobMedia): void {
    const { durationMs, videoMs, broken } = facts;
    if (broken) return;
    const late = lateSubtitlesFinding(key, facts);
    if (late !== null) warnAt(key, track, late);
    if (durationMs === null || videoMs === null || !lengthsDiffer(durationMs, videoMs)) return;
    warnAt(key, track, differenceFinding(key, durationMs, videoMs));
  }

  function warnAt(job: string, track: ExpandedTrack, finding: Finding): void {
    warnings.push({ ...source.issueAt(track.place, finding, 'warning'), job });
  }

  function voices(job: string, findings: readonly MediaFinding[]): void {
    for (const { asset, finding } of findings) {
      warnings.push({ ...source.issueAt(asset.place, finding, 'warning'), job });
    }
  }

  /** Two jobs, or a job and what is kept beside the videos, want one place; letters' case does not tell places apart. */
  function output(key: string, track: ExpandedTrack, path: string): void {
    const folded = foldedName(path);
    const first = outputs.get(folded);
    if (first === undefined) outputs.set(folded, key);
    const finding = first === undefined ? keptFolderFinding(key, path) : clashFinding(key, first, path);
    if (finding !== null) mistake(track, finding);
  }

  function mistake(track: ExpandedTrack, finding: Finding): void {
    issues.push(source.issueAt(track.place, finding));
  }

  return {
    fault,
    lengths,
    voices,
    output,
    mistake,
    warn: (more: readonly ManifestIssue[]) => void warnings.push(...more),
    all: () => ({ issues: sortIssues(issues), warnings: sortIssues(warnings) }),
    warningTexts: () => warningTexts(warnings),
  };
}

/** A plan of many jobs says a few of these by name and counts the rest. */
const COUNTED: Readonly<Partial<Record<ManifestIssueCode, string>>> = {
  LENGTH_DIFFERS: 'differ from their videos in length by much',
  SUBTITLES_LATE: 'have subtitles that go on after them',
  LENGTH_UNDERSTATED: 'are longer than their stated durations, and billed as they are',
  AUDIO_IS_VIDEO: 'have a video as their audio',
  LENGTH_OVERSTATED: 'are shorter than their stated durations, and billed as they are',
};
const BY_NAME = 10;

function warningTexts(warnings: readonly ManifestIssue[]): string[] {
  const unnamed = new Set<ManifestIssue>();
  const counts = Object.entries(COUNTED).flatMap(([code, what]) => {
    const rest = warnings.filter((warning) => warning.code === code).slice(BY_NAME);
    for (const warning of rest) unnamed.add(warning);
    return rest.length === 0 ? [] : [`${count(rest.length, 'more track')} ${what}`];
  });
  return [...warnings.filter((warning) => !unnamed.has(warning)).map(({ message }) => message), ...counts];
}
