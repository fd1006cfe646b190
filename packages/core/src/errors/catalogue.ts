/** Exit codes of the command. When several apply, the worst wins: 4, 130, 3, 1, 0. */
export const EXIT = {
  ok: 0,
  someFailed: 1,
  usage: 2,
  userLimit: 3,
  machine: 4,
  locked: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

interface CatalogueEntry {
  readonly title: string;
  readonly exit: ExitCode;
}

/** Every error that a user can meet. A code never changes its meaning; `docs/errors.md` has a section for each. */
export const ERRORS = {
  USAGE: { title: 'The command was called in a way it does not know', exit: EXIT.usage },
  MANIFEST_MISSING: { title: 'There is no manifest at that path', exit: EXIT.usage },
  MANIFEST_UNREADABLE: { title: 'The manifest is there and cannot be read', exit: EXIT.usage },
  MANIFEST_INVALID: { title: 'The manifest has mistakes', exit: EXIT.usage },
  KEY_MISSING: { title: 'A provider’s key is not in the environment', exit: EXIT.usage },
  KEY_DUPLICATE: { title: 'One key stands under two names', exit: EXIT.usage },
  KEY_UNREADABLE: { title: 'A key’s file or command gives no key', exit: EXIT.usage },
  CONFIG_INVALID: { title: 'The user’s own settings have mistakes', exit: EXIT.usage },
  CONFIG_UNSAFE: { title: 'Others may write the user’s own settings', exit: EXIT.usage },
  BUCKET_KEY_MISSING: { title: 'The staging bucket’s credentials are not in the environment', exit: EXIT.usage },
  HOST_NOT_ALLOWED: { title: 'A key would go to a host that is not the provider’s', exit: EXIT.usage },
  LANE_UNKNOWN: { title: 'There is no such provider, key or account', exit: EXIT.usage },
  JOB_UNKNOWN: { title: 'There is no such job', exit: EXIT.usage },
  SETTLE_NOT_POSSIBLE: { title: 'This job has nothing to settle in that way', exit: EXIT.usage },
  PREDICTION_UNPROVEN: { title: 'The provider does not say that it is this job’s prediction', exit: EXIT.usage },
  REVIEW_UNUSABLE: { title: 'A review file cannot be taken in', exit: EXIT.usage },
  BATCH_ELSEWHERE: { title: 'A batch of this name belongs to another manifest', exit: EXIT.usage },
  BATCH_LOCKED: { title: 'Another run holds the batch', exit: EXIT.locked },
  PRICE_UNKNOWN: { title: 'The budget caps jobs whose price nobody knows', exit: EXIT.usage },
  PLAN_UNUSABLE: { title: 'A saved plan cannot be read', exit: EXIT.usage },
  PLAN_CHANGED: { title: 'Something has changed since the plan was saved', exit: EXIT.usage },
  CONFIRMATION_NEEDED: { title: 'Spending needs a yes', exit: EXIT.userLimit },
  STATE_UNUSABLE: { title: 'The state database cannot be used', exit: EXIT.machine },
  STATE_NEWER: { title: 'The state was written by a newer version', exit: EXIT.machine },
  STATE_ON_NETWORK: { title: 'The state would lie on a network folder', exit: EXIT.usage },
  OUTPUT_UNWRITABLE: { title: 'The output folder cannot be written', exit: EXIT.machine },
  STREAM_UNWRITABLE: { title: 'Standard output or standard error cannot be written', exit: EXIT.machine },
  DISK_FULL: { title: 'The disk is full', exit: EXIT.machine },
  ID_NOT_SAVED: { title: 'A paid prediction’s id could not be saved in the state', exit: EXIT.machine },
  FILE_EXISTS: { title: 'A file is in the way, and is left as it is', exit: EXIT.usage },
  FOLDER_MISSING: { title: 'There is no such folder', exit: EXIT.usage },
  NO_MEDIA_FOUND: { title: 'No video with audio was found', exit: EXIT.usage },
  // Of a clone's launcher, which runs before there is anything to import.
  NODE_TOO_OLD: { title: 'This Node is older than the command needs', exit: EXIT.usage },
  INSTALL_FAILED: { title: 'A clone’s packages could not be installed', exit: EXIT.machine },
  CLONE_UNWRITABLE: { title: 'A clone has to be built and cannot be written', exit: EXIT.machine },
  BUILD_FAILED: { title: 'A clone could not be built', exit: EXIT.machine },
  INTERNAL: { title: 'A fault of our own', exit: EXIT.machine },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof ERRORS;
