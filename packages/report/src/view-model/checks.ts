import { type EarlierVideo, type JobSnapshot, plainText, type TakenFrom } from '@localize/core';
import { formatDuration } from './format.js';
import { REVIEW_WORDS } from './review-words.js';

/**
 * A measured fact about an output beside what it should be. `bad` needs a look, `note` is worth knowing and may be
 * meant, `unknown` was not measured.
 */
export interface Check {
  readonly name: string;
  readonly result: 'good' | 'bad' | 'note' | 'unknown';
  readonly text: string;
}

const SLACK_MS = 500;
const SLACK_SHARE = 0.02;
/** What was measured is another file. */
const REPLACED = 'another file than the one that was downloaded';
/** Codecs want even numbers of pixels, so that shapes are rounded. */
const SHAPE_SLACK = 0.02;

/** Everything that was measured in an output. */
export function outputChecks(job: JobSnapshot): Check[] {
  if (job.replaced) return [{ name: 'File', result: 'bad', text: REPLACED }];
  return [lengthCheck(job), pictureCheck(job), soundCheck(job)];
}

/** What is wrong with an output, or worth knowing of it, in a few words each. */
export function checkFlags(job: JobSnapshot): {
  readonly faults: readonly string[];
  readonly notes: readonly string[];
} {
  const notes = [
    ...(job.takenFrom ? [takenWords(job.takenFrom)] : []),
    ...(job.remaking ? [`to be made again${job.missing || job.replaced ? '' : '; this one stays until then'}`] : []),
    ...(job.earlierVideo ? [`${earlierWords(job.earlierVideo)}, stays until another takes its place`] : []),
  ];
  if (job.replaced) return { faults: [REPLACED], notes };
  if (job.outputDurationMs === null) return { faults: [], notes };
  const faults: string[] = [];
  if (isShort(job.outputDurationMs, job.trackDurationMs)) faults.push('shorter than its track');
  if (job.measured?.hasAudio === false) faults.push('no sound');
  else if (isSoundShort(job)) faults.push('its sound ends early');
  if (isOtherShape(job)) faults.push('another picture shape than its source');
  return { faults, notes: isSmaller(job) ? ['smaller than its source', ...notes] : notes };
}

/** `taken from keynote/de of the batch spring, nothing bought` */
export function takenWords({ job }: TakenFrom): string {
  const from = job === null ? 'a result that was there' : `${plainText(job.key)} of the batch ${plainText(job.batch)}`;
  return `taken from ${from}, nothing bought`;
}

/** `its earlier video, approved` */
export function earlierWords({ review }: EarlierVideo): string {
  return review === null ? 'its earlier video' : `its earlier video, ${REVIEW_WORDS[review]}`;
}

/** The length of the output against its track, with the tolerance under which the runner accepts it. */
function lengthCheck(job: JobSnapshot): Check {
  const { outputDurationMs: output, trackDurationMs: track } = job;
  const name = 'Length';
  if (output === null) return { name, result: 'unknown', text: 'no output was measured' };
  if (track === null) return { name, result: 'unknown', text: `${formatDuration(output)}; the track was not measured` };
  const text = `${formatDuration(output)}, its track is ${formatDuration(track)}`;
  return { name, result: isShort(output, track) ? 'bad' : 'good', text };
}

/** The picture of the output against its source's: another shape is a fault, a smaller one may be what was bought. */
function pictureCheck(job: JobSnapshot): Check {
  const { measured, sourceSize } = job;
  const name = 'Picture';
  if (!measured) return { name, result: 'unknown', text: 'not measured' };
  const size = `${measured.width} × ${measured.height}`;
  const rate = measured.frameRate === null ? '' : `, ${Math.round(measured.frameRate * 100) / 100} frames a second`;
  if (!sourceSize) return { name, result: 'unknown', text: `${size}${rate}; its source was not measured` };
  const text = `${size}${rate}; its source is ${sourceSize.width} × ${sourceSize.height}`;
  if (isOtherShape(job)) return { name, result: 'bad', text: `${text}: another shape` };
  return { name, result: isSmaller(job) ? 'note' : 'good', text };
}

function soundCheck(job: JobSnapshot): Check {
  const { measured } = job;
  const name = 'Sound';
  if (!measured) return { name, result: 'unknown', text: 'not measured' };
  if (!measured.hasAudio) return { name, result: 'bad', text: 'there is none' };
  if (measured.audioDurationMs === null) return { name, result: 'good', text: 'there is some' };
  const length = formatDuration(measured.audioDurationMs);
  if (isSoundShort(job)) return { name, result: 'bad', text: `it ends early, at ${length}` };
  return { name, result: 'good', text: `${length} of it` };
}

function isShort(outputMs: number, trackMs: number | null): boolean {
  return trackMs !== null && trackMs - outputMs > Math.max(SLACK_MS, trackMs * SLACK_SHARE);
}

function isSoundShort({ measured, trackDurationMs }: JobSnapshot): boolean {
  if (!measured || measured.audioDurationMs === null) return false;
  return isShort(measured.audioDurationMs, trackDurationMs);
}

function isOtherShape({ measured, sourceSize }: JobSnapshot): boolean {
  if (!measured || !sourceSize) return false;
  const shape = measured.width / measured.height;
  const wanted = sourceSize.width / sourceSize.height;
  return Math.abs(shape / wanted - 1) > SHAPE_SLACK;
}

function isSmaller({ measured, sourceSize }: JobSnapshot): boolean {
  return Boolean(measured && sourceSize && measured.width * measured.height < sourceSize.width * sourceSize.height);
}
