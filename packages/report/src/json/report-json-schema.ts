import { ATTEMPT_STATES, FAILURE_KINDS, HOLD_REASONS, JOB_STATES } from '@localize/core';
import { ATTENTION_STATES, REPORT_JSON_VERSION } from './report-json.js';
import {
  COUNT,
  FLAG,
  type JsonSchema,
  list,
  object,
  oneOf,
  orNull,
  record,
  SECONDS,
  TEXT,
  TIME,
  USD,
} from './schema-parts.js';

const COST_FIELDS = {
  estimated_usd: {
    ...orNull(USD),
    description: 'null where no job has a known price; what was taken, not bought, is zero in it',
  },
  jobs_without_estimate: { ...COUNT, description: 'jobs without a known price, missing in the estimate' },
  billed_usd: { ...orNull(USD), description: 'all that is known of it; null where nothing is' },
  billed_by_formula_usd: { ...USD, description: 'part of billed that rests on the price list' },
  charged_but_failed_usd: { ...USD, description: 'part of billed' },
  lost_usd: { ...USD, description: 'part of billed; the results are gone' },
  in_flight_usd: { ...USD, description: 'reserved for work under way' },
  at_risk_usd: { ...USD, description: 'attempts that may have been charged' },
  not_charged_usd: {
    ...USD,
    description: 'what attempts that were not charged would have cost, as far as it is known',
  },
  unpriced_attempts: { ...COUNT, description: 'attempts that cost an amount nobody knows' },
  attempts: COUNT,
  per_finished_minute_usd: {
    ...orNull(USD),
    description: 'all that was billed over what came out of it; videos that were taken over, for free, are left out',
  },
};

const COST_ROWS = list(object({ name: TEXT, jobs: COUNT, finished_jobs: COUNT, ...COST_FIELDS }));

const DAY_ROWS = {
  ...list(
    object({
      name: TEXT,
      jobs: COUNT,
      finished_jobs: COUNT,
      ...COST_FIELDS,
      estimated_usd: { type: 'null', description: 'an estimate is of a job, not of a day' },
      jobs_without_estimate: { type: 'null' },
    }),
  ),
  description: 'by the day on which the attempt was made, in time_zone: the days that a cap counts',
};

const TOTALS = object({
  jobs: COUNT,
  pending: COUNT,
  running: COUNT,
  succeeded: COUNT,
  failed: COUNT,
  held: COUNT,
  canceled: COUNT,
  orphaned: COUNT,
});

const CAP = object({
  name: { ...TEXT, description: 'where the user set it, such as budget.max_usd' },
  scope: { type: 'object', description: 'whose money it counts', required: ['kind'] },
  period: oneOf(['batch', 'day', 'month', 'run']),
  cap_usd: USD,
  billed_usd: USD,
  in_flight_usd: USD,
  at_risk_usd: USD,
  unpriced_attempts: { ...COUNT, description: 'attempts that it counts, and of which nobody knows an amount' },
  left_usd: USD,
  waiting_jobs: { ...COUNT, description: 'jobs that it keeps from being bought' },
  short_usd: { ...USD, description: 'by how much it would have to be raised for them' },
});

const ATTENTION = object({
  key: { ...orNull(TEXT), description: 'of the job; null of a lane' },
  lane: { ...orNull(TEXT), description: 'the name of its key variable; null of a job' },
  state: {
    ...oneOf(ATTENTION_STATES),
    description:
      'of a job: failed, held, or waiting where the budget leaves no room for it; of a lane: closed; of a finished video: replaced on disk by another file, missing there, disputed by its reviewers, came_out_the_same when it was made again, overtaken by an edit of the manifest, or cannot_be_made_again as its reviewers ask',
  },
  why: { ...TEXT, description: 'what happened, in words that many jobs share' },
  detail: { ...orNull(TEXT), description: 'more about this very job; null where why says it all' },
  at_risk_usd: { ...orNull(USD), description: 'may have been charged; null where nobody knows how much' },
  billed_usd: {
    ...USD,
    description: 'all that is billed for the job by now, also for a video that it has or had before',
  },
  mend: {
    ...orNull(TEXT),
    description: 'the command that mends it; behind what a person does first, as in “top up, then: localize m.yaml”',
  },
});

const RUN = object({
  id: TEXT,
  started_at: TIME,
  ended_at: { ...orNull(TIME), description: 'of a run that was killed: when it last wrote something down' },
  ended_why: {
    ...orNull(TEXT),
    description: 'finished, interrupted, budget, stop-after, machine, or killed where the run could not say it',
  },
  host: { ...TEXT, description: 'the machine that it ran on' },
  version: { ...TEXT, description: 'of localize' },
});

const LANE = object({
  lane: { ...TEXT, description: 'the name of its key variable, never a key' },
  provider: TEXT,
  creates: { ...COUNT, description: 'creates that its window takes' },
  per_seconds: { ...SECONDS, description: 'length of that window' },
  concurrent: { ...COUNT, description: 'attempts that may be open at once' },
  in_flight: { ...COUNT, description: 'attempts of all batches that hold a slot now: open in limits --json' },
  rate_limited: { ...COUNT, description: '429 replies that it has had, to creates of all batches of the state' },
  closed: { ...orNull(TEXT), description: 'why it takes no creates any more' },
});

const ATTEMPT = object({
  id: TEXT,
  run: { ...orNull(TEXT), description: 'the run that made it' },
  route: TEXT,
  provider: TEXT,
  lane: {
    ...TEXT,
    description: 'the name of its key variable, never a key; adopted where only its result’s sidecar tells of it',
  },
  state: oneOf(ATTEMPT_STATES),
  prediction_id: { ...orNull(TEXT), description: 'the provider’s id for it' },
  money: oneOf(['billed', 'charged-but-failed', 'lost', 'in-flight', 'at-risk', 'not-charged', 'unpriced']),
  estimated_usd: { ...orNull(USD), description: 'as it was when it was bought' },
  expected_usd: {
    ...orNull(USD),
    description:
      'what it counts at until it is billed: as the provider quoted it, else by what was learned of the price since, else as estimated',
  },
  quoted_usd: { ...orNull(USD), description: 'what the provider stated when it accepted' },
  cost_usd: { ...orNull(USD), description: 'what it really cost; null while unknown' },
  cost_source: {
    ...oneOf(['provider', 'price', 'none']),
    description:
      'where cost_usd comes from: the provider’s reply; its published prices and rules, a failure that they call free among them; nowhere',
  },
  staging_at: { ...orNull(TIME), description: 'its media began to be made fetchable' },
  staged_at: { ...orNull(TIME), description: 'all its media was fetchable; it waited for a place in its lane' },
  created_at: { ...TIME, description: 'its intent was written down; the create left after it' },
  sent_at: orNull(TIME),
  accepted_at: { ...orNull(TIME), description: 'the provider took it' },
  running_at: { ...orNull(TIME), description: 'a poll first said that the provider works on it' },
  ended_at: { ...orNull(TIME), description: 'it completed, failed or was refused' },
  download_at: orNull(TIME),
  downloaded_at: { ...orNull(TIME), description: 'its result was on disk, verified' },
  failure: orNull(
    object({ kind: oneOf(FAILURE_KINDS), message: TEXT, code: orNull(TEXT), http_status: orNull(COUNT) }),
  ),
});

const MARK = object({
  reviewer: TEXT,
  verdict: oneOf(['approve', 'redo']),
  route: orNull(TEXT),
  note: TEXT,
  at: TIME,
});

const REDO = object({
  route: orNull(TEXT),
  seed: orNull({ type: 'integer' }),
  waits: FLAG,
  overtaken: { ...FLAG, description: 'the manifest was edited since and is the newer word: it is not made so' },
  came_out_the_same: { ...FLAG, description: 'it was made so, and is the same video, byte by byte' },
  estimated_usd: {
    ...orNull(USD),
    description: 'while it waits: what it is expected to cost; null where nobody knows',
  },
  refused: { ...orNull(TEXT), description: 'while it waits: why no route can make it as asked; null where one can' },
});

const JOB = object({
  key: { ...TEXT, description: '<video>/<language>' },
  video: TEXT,
  language: TEXT,
  labels: record(TEXT),
  state: oneOf(JOB_STATES),
  orphaned: { ...FLAG, description: 'not in the manifest any more' },
  route: {
    ...orNull(TEXT),
    description: 'that made its video, else where it is to be bought as the plan has it, else of the last attempt',
  },
  estimated_usd: {
    ...orNull(USD),
    description: 'of what was bought, as it was then; of what is to be bought, as the plan has it',
  },
  output: {
    ...orNull(TEXT),
    description: 'path of the video, relative to where the command ran; null while there is none',
  },
  output_sha256: orNull(TEXT),
  output_bytes: orNull(COUNT),
  output_seconds: orNull(SECONDS),
  track_seconds: orNull(SECONDS),
  measured: {
    ...orNull(
      object({
        width: COUNT,
        height: COUNT,
        frames_per_second: orNull({ type: 'number' }),
        has_audio: FLAG,
        audio_seconds: orNull(SECONDS),
      }),
    ),
    description: 'what was measured in the output when it was verified',
  },
  source_size: orNull(object({ width: COUNT, height: COUNT })),
  faults: { ...list(TEXT), description: 'what is wrong with the output by those measures' },
  notes: { ...list(TEXT), description: 'what is worth knowing of it' },
  source: { ...TEXT, description: 'a path, or a URL without its signature' },
  hold_reason: orNull(oneOf(Object.keys(HOLD_REASONS))),
  reason: { ...orNull(TEXT), description: 'why it failed or is held, in plain words' },
  mend: { ...orNull(TEXT), description: 'the command that mends it' },
  waits_for: { ...list(TEXT), description: 'caps of the budget that keep it from being bought' },
  marks: { ...list(MARK), description: 'what reviewers said of this very video, which is finished' },
  earlier_marks: { ...list(MARK), description: 'what they said of videos that it had before, or cannot finish with' },
  differs_in: {
    ...list(TEXT),
    description: 'fields that the manifest has otherwise since it was made; a run leaves it until it is told --remake',
  },
  redo: {
    ...orNull(REDO),
    description: 'what a redo changes in its making; waits until it was made so',
  },
  making_again: {
    ...orNull(object({ state: oneOf(JOB_STATES), hold_reason: orNull(oneOf(Object.keys(HOLD_REASONS))) })),
    description:
      'how the making of another video stands, of a finished one that stays until then; reason and mend are of the making',
  },
  earlier_video: {
    ...orNull(
      object({
        output: TEXT,
        sha256: TEXT,
        seconds: orNull(SECONDS),
        review: orNull(oneOf(['approved', 'redo', 'disputed'])),
      }),
    ),
    description:
      'the finished video that another was bought in the place of, which is not there; null where none lies on disk',
  },
  taken_from: {
    ...orNull(object({ job: orNull(object({ batch: TEXT, key: TEXT })) })),
    description: 'whose result its video is, when nothing was bought for it; job is null where that is not known',
  },
  attempts: list(ATTEMPT),
});

/** JSON Schema (draft 2020-12) of what `renderJson` writes. */
export const REPORT_JSON_SCHEMA: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'localize report',
  ...object({
    format: { const: 'localize-report' },
    version: { const: REPORT_JSON_VERSION },
    batch: TEXT,
    manifest: TEXT,
    selection: {
      ...orNull(TEXT),
      description: 'the options that chose its jobs, a part of the batch; null where they are all',
    },
    prices: { ...oneOf(['real', 'simulated']), description: 'simulated: an emulated batch, nothing was bought' },
    time_zone: {
      ...TEXT,
      description: 'whose days and months cost_by.day and the caps count; times are in UTC all the same',
    },
    taken_at: TIME,
    runs: list(RUN),
    totals: TOTALS,
    cost: object(COST_FIELDS),
    cost_by: object({
      provider: COST_ROWS,
      route: COST_ROWS,
      language: COST_ROWS,
      video: COST_ROWS,
      day: DAY_ROWS,
      labels: record(COST_ROWS),
    }),
    same_work: {
      ...list(object({ route: TEXT, jobs: COUNT, there_usd: USD, here_usd: USD })),
      description: 'what the same jobs would cost on other routes that their settings allow, by estimate',
    },
    budget: { ...list(CAP), description: 'every cap in force' },
    rate_limited: { ...COUNT, description: 'creates of this batch that were refused for the rate' },
    needs_a_person: {
      ...list(ATTENTION),
      description: 'jobs, lanes and finished videos that nothing but a person mends, as the page lists them',
    },
    next_run_looks_again: {
      ...list(ATTENTION),
      description: 'jobs that stopped and that the next run looks at again by itself',
    },
    differs_from_manifest: {
      ...orNull(
        object({
          jobs: COUNT,
          approved: COUNT,
          remakes: COUNT,
          estimated_usd: orNull(USD),
          redos: COUNT,
          command_usd: orNull(USD),
          command: TEXT,
        }),
      ),
      description:
        'finished videos that the manifest asks for differently by now, and the command that buys those again of which no reviewer said that they are good, for estimated_usd; with the redos that it buys as well it costs command_usd; null where there are none',
    },
    left_to_do: {
      ...orNull(object({ videos: COUNT, bought: COUNT, command: TEXT })),
      description:
        'what another run goes on with, since the last one was ended early or was not about it, and the command that does; null while one is at work, before the first, and where nothing is left',
    },
    warnings: list(TEXT),
    lanes: list(LANE),
    jobs: list(JOB),
  }),
};
