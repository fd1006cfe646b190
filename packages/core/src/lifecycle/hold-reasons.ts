import { onlyWord, shellWord } from '../text/shell-word.js';

interface HoldReasonEntry {
  /** What happened, in words for the person who reads the report. */
  readonly words: string;
  /** Whether `run` looks again by itself, where it can: see {@link mendsItself}. */
  readonly mendsItself: boolean;
  /** Whether money is already spent, or may be. Such a job is never bought again without the user's word. */
  readonly paid: 'yes' | 'maybe' | 'no';
  /** The command that mends it; `{manifest}`, `{key}`, the same as `{only}`, `{attempt}` and `{predictions}` are filled in. */
  readonly mend: string;
}

/** Every reason for which a job can be held: does it mend itself, and which command mends it. */
export const HOLD_REASONS = {
  uncertain: {
    words: 'the create was sent but its reply was lost, so nobody knows whether it was bought',
    mendsItself: true,
    paid: 'maybe',
    mend: 'localize settle {manifest} {key}{attempt} {predictions} | --not-bought | --charged <what it cost in USD> | --abandon',
  },
  'timed-out': {
    words: 'the provider has not finished it within the route’s timeout',
    mendsItself: true,
    paid: 'yes',
    mend: 'localize {manifest} | localize retry {manifest} --only {only}',
  },
  vanished: {
    words:
      'the provider no longer knows the prediction; each run asks for it again, for free, while retry buys another',
    mendsItself: true,
    paid: 'yes',
    mend: 'localize {manifest} | localize retry {manifest} --only {only}',
  },
  'key-missing': {
    words: 'it is bought, but the key that bought it is missing or refused, so nobody can ask for it',
    mendsItself: true,
    paid: 'yes',
    mend: 'give the key back or another of its account, then: localize {manifest} | localize settle {manifest} {key} --abandon',
  },
  'too-short': {
    words: 'the result is shorter than its track; it is kept as .held.mp4',
    mendsItself: false,
    paid: 'yes',
    mend: 'localize retry {manifest} --only {only}',
  },
  'bad-output': {
    words: 'what the provider delivered is no complete video; the next run fetches it again, as retry does once more',
    mendsItself: true,
    paid: 'yes',
    mend: 'localize {manifest} | localize retry {manifest} --only {only}',
  },
  'download-failed': {
    words: 'the result is paid for but could not be downloaded yet',
    mendsItself: true,
    paid: 'yes',
    mend: 'localize {manifest}',
  },
  lost: {
    words: 'the result was paid for and is gone at the provider',
    mendsItself: false,
    paid: 'yes',
    mend: 'localize retry {manifest} --only {only}',
  },
  'lane-closed': {
    words: 'no lane that may take it is open: a key was refused or the balance is empty',
    mendsItself: true,
    paid: 'no',
    mend: 'mend the key or top up, then: localize {manifest}',
  },
  'price-risen': {
    words: 'its route billed more than the budget had reserved, so that no further create goes there',
    mendsItself: true,
    paid: 'no',
    mend: 'set its price, or a duration that was wrong, in {manifest} or accept what it billed, then: localize retry {manifest} --only {only}',
  },
  'price-unagreed': {
    words: 'nobody knows beforehand what the route that is left bills, and nobody has agreed to any amount',
    mendsItself: true,
    paid: 'no',
    mend: 'localize {manifest} --yes',
  },
  'price-unknown': {
    words: 'nobody knows what the route that is left bills, and a cap of the budget counts it',
    mendsItself: true,
    paid: 'no',
    mend: 'set its price in {manifest}, then: localize {manifest}',
  },
  'price-lost': {
    words: 'what its route bills is told by the reply to the first create there, and that reply was lost',
    mendsItself: true,
    paid: 'no',
    mend: 'localize settle {manifest} {key}{attempt} {predictions} | --not-bought | --charged <what it cost in USD> | --abandon',
  },
  unreachable: {
    words: 'the provider could not be connected to; nothing was sent',
    mendsItself: true,
    paid: 'no',
    mend: 'localize {manifest}',
  },
  'no-route': {
    words: 'no route that its settings allow takes this job',
    mendsItself: true,
    paid: 'no',
    mend: 'localize plan {manifest}',
  },
  twin: {
    words: 'another job, made of the very same, was bought before it, and its result serves both once it is there',
    mendsItself: true,
    paid: 'no',
    mend: 'mend that job, then: localize {manifest}',
  },
  'source-changed': {
    words: 'a source file changed or vanished after the plan was made',
    mendsItself: true,
    paid: 'no',
    mend: 'localize {manifest}',
  },
  'place-taken': {
    words:
      'no video can be put where its own belongs, something else lies there, or one that is paid for may lie unread; nothing is bought',
    mendsItself: true,
    paid: 'no',
    mend: 'mend or move that, then: localize {manifest}',
  },
  'upload-failed': {
    words: 'a local file could not be made fetchable for the provider',
    mendsItself: true,
    paid: 'no',
    mend: 'localize {manifest}',
  },
} as const satisfies Record<string, HoldReasonEntry>;

export type HoldReason = keyof typeof HOLD_REASONS;

/** What the next run finds out by looking a create up in the provider's list of predictions. */
const LOOKED_UP: ReadonlySet<HoldReason> = new Set(['uncertain', 'price-lost']);

/** Whether the next run may mend it by itself. @param isUnlisted nothing can be looked up at the provider */
export function mendsItself(reason: HoldReason, isUnlisted: boolean): boolean {
  return HOLD_REASONS[reason].mendsItself && !(isUnlisted && LOOKED_UP.has(reason));
}

/** Whether the next run takes a job that is held for it up again, to buy it: it looks again by itself, and nothing is paid. */
export function isTakenUpAgain(reason: HoldReason): boolean {
  const { mendsItself, paid } = HOLD_REASONS[reason];
  return mendsItself && paid === 'no';
}

const FOR_AN_AMOUNT: ReadonlySet<HoldReason> = new Set([
  'price-risen',
  'price-unagreed',
  'price-unknown',
  'price-lost',
]);

/** Whether a job that is held for it would be bought if only somebody said an amount: what it would cost, or may cost. */
export function isForAmount(reason: HoldReason): boolean {
  return FOR_AN_AMOUNT.has(reason);
}

/** A finished job whose video somebody changed on disk. It counts as done, since nothing but the user's own hand did it. */
export const OUTPUT_EDITED = {
  words: 'the output on disk is not the file that was downloaded; it is left alone',
  mend: 'move the file away, then: localize {manifest}',
} as const;

/** Of such a one for which a run was told to make another. */
export const MADE_AGAIN_THEN = 'it is to be made again once that file is moved away';

/** Of a finished video: what a run does about that is told beside it. */
export const NOT_ON_DISK = 'its video is not on disk';

/** A finished job whose video somebody deleted: it is paid for, so that a run has it again for free. */
export const OUTPUT_MISSING = {
  words: `${NOT_ON_DISK}; the next run fetches it again, for free`,
  mend: 'localize {manifest}',
} as const;

export interface MendNames {
  /** What names the batch in a command: the manifest's path as a shell takes it, and flags. */
  readonly manifest: string;
  readonly key: string;
  /** Who sold it, for words about an id that only its own pages can tell. */
  readonly provider?: string | undefined;
  /** Predictions in the provider's list that may be the lost one. */
  readonly candidates?: readonly string[] | undefined;
  /** Which attempt of the job the command is about, where it could be about several. */
  readonly attempt?: number | undefined;
}

/** Ids go into commands that are copied to a shell: one with anything else in it is looked up by hand. */
const PLAIN_ID = /^[\w.:-]+$/;

/** The filled-in command for one held job; ways to end it are parted by ` | `. */
export function mendCommand(reason: HoldReason, names: MendNames): string {
  return fillIn(HOLD_REASONS[reason].mend, names);
}

/** The filled-in command for a job whose output was edited. */
export function mendEdited(names: MendNames): string {
  return fillIn(OUTPUT_EDITED.mend, names);
}

/** The filled-in command for a job whose output is not on disk. */
export function mendMissing(names: MendNames): string {
  return fillIn(OUTPUT_MISSING.mend, names);
}

function fillIn(template: string, names: MendNames): string {
  const { manifest, key, provider = 'the provider', candidates = [], attempt } = names;
  const known = candidates.filter((id) => PLAIN_ID.test(id)).map((id) => `--prediction ${id}`);
  const predictions = known.length > 0 ? known.join(' | ') : `--prediction <its id at ${provider}>`;
  return template
    .replaceAll('{manifest}', () => manifest)
    .replaceAll('{key}', () => shellWord(key))
    .replaceAll('{attempt}', () => (attempt === undefined ? '' : ` --attempt ${attempt}`))
    .replaceAll('{only}', () => onlyWord(key))
    .replaceAll('{predictions}', () => predictions);
}
