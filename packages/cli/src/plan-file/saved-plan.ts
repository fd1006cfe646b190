import {
  type BucketSettings,
  formatUsd,
  knownEstimate,
  type Micros,
  type MoneyWait,
  type Plan,
  type PlannedJob,
  type RouteChoice,
  totalOf,
} from '@localize/core';
import { jobParts, type Store } from '@localize/runner';
import { z } from 'zod';
import { displayPath } from '../output/display-path.js';
import type { PlanView } from '../output/plan-view.js';
import type { Selection } from '../select/select-jobs.js';

/** Raised when a field changes its meaning. */
const VERSION = 1;

const selectionSchema = z.strictObject({
  only: z.array(z.string()).optional(),
  lang: z.array(z.string()).optional(),
  video: z.array(z.string()).optional(),
  provider: z.array(z.string()).optional(),
  failed: z.boolean().optional(),
  limit: z.string().optional(),
});

const jobSchema = z.object({
  key: z.string(),
  /** Whether it was still to be bought when the plan was made, or is to be made again. */
  to_buy: z.boolean(),
  /** It was finished, and is made again. */
  remake: z.boolean().optional(),
  /** It is not bought, or, where it was finished, not made again, since the caps had no room for it. */
  waits: z
    .object({ needed_usd: z.string(), caps: z.array(z.string()), until: z.enum(['day', 'month']).optional() })
    .optional(),
  route: z.string(),
  price_usd: z.string().nullable(),
  billed_seconds: z.number().nullable(),
  /** Whom it is charged back to. Absent in plans that an older version saved. */
  labels: z.record(z.string(), z.string()).optional(),
  /** Where its video goes under the output folder. Absent in plans that an older version saved. */
  output: z.string().optional(),
  /** Contents of its files, and what the route is sent. */
  parts: z.object({
    video: z.string(),
    voices: z.array(z.string()),
    order: z.string().nullable(),
    mask: z.string().nullable(),
    route: z.string(),
    input: z.object({
      prompt: z.string().nullable(),
      seed: z.number().nullable(),
      resolution: z.string().nullable(),
      frames: z.number().nullable(),
      options: z.record(z.string(), z.json()),
    }),
  }),
});

export const savedPlanSchema = z.object({
  format: z.literal('localize-plan'),
  version: z.literal(VERSION),
  batch: z.string(),
  emulated: z.boolean(),
  made_at: z.string(),
  selection: selectionSchema,
  /** `plan --remake` saved it, and with `--include-approved`. */
  remake: z.boolean().optional(),
  include_approved: z.boolean().optional(),
  /** Where it would buy, and what it may spend. Absent in plans that an older version saved. */
  terms: z
    .object({
      hosts: z.record(z.string(), z.string()),
      caps: z.record(z.string(), z.string()),
      /** Settings that change what it may come to or where its files go, by their names; an older version saved fewer. */
      settings: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  /** Of what it buys. `null`: nobody knows a price of any of them. */
  total_usd: z.string().nullable(),
  unpriced_jobs: z.number(),
  jobs: z.array(jobSchema),
});

/** What `plan --out` writes and `run --plan` carries out. */
export type SavedPlan = z.infer<typeof savedPlanSchema>;
export type SavedJob = SavedPlan['jobs'][number];

/**
 * The jobs of a plan with what tells whether they are still the same. Reads every media file once.
 * @param store where the hashes of known files are; `null` when there is no state yet.
 */
export async function savePlan(
  view: PlanView,
  from: {
    readonly store: Store | null;
    readonly selection: Selection & { readonly remake?: boolean; readonly includeApproved?: boolean };
    readonly nowMs: number;
    /** Jobs that are to be bought or made again and that the caps have no room for, by key. */
    readonly waiting: ReadonlyMap<string, MoneyWait>;
    /** The manifest's. */
    readonly folder: string;
  },
): Promise<SavedPlan> {
  const { plan } = view;
  const { waiting } = from;
  const { remake = false, includeApproved = false } = from.selection;
  const again = new Set(view.remakes.flatMap(({ key, isMade }) => (isMade ? [key] : [])));
  const rows = view.rows.filter(({ job }) => job.choices.length > 0);
  const partsOf = jobParts(from.store);
  const routes = new Map(rows.map(({ job, route }) => [job.key, route]));
  const jobs = await Promise.all(
    rows.flatMap(({ job, route, buys, takes }) => {
      // On any other route it would not be made of the same.
      const choice = (takes?.kind === 'twin' && onRoute(job, routes.get(takes.of) ?? null)) || onRoute(job, route);
      return choice === undefined
        ? []
        : savedJob(job, choice, partsOf).then((saved) => ({
            ...saved,
            to_buy: buys && !waiting.has(job.key),
            ...(again.has(job.key) && { remake: true }),
            ...savedWait(waiting.get(job.key)),
          }));
    }),
  );
  const bought = rows.filter(({ job, buys }) => buys && !waiting.has(job.key)).map(({ job }) => job);
  const total = totalOf('total', bought);
  return {
    format: 'localize-plan',
    version: VERSION,
    batch: plan.batch,
    emulated: plan.emulate,
    made_at: new Date(from.nowMs).toISOString(),
    selection: plainSelection(from.selection),
    ...(remake && { remake }),
    ...(includeApproved && { include_approved: includeApproved }),
    terms: termsOf(plan, from.folder),
    total_usd: usd(knownEstimate(total)),
    unpriced_jobs: total.unpricedJobs,
    jobs,
  };
}

/**
 * The jobs that a plan leaves for want of money, by key: those that wait for it, and those that would take their results.
 */
export function waitsIn({ jobs }: SavedPlan): ReadonlyMap<string, NonNullable<SavedJob['waits']>> {
  const madeOf = ({ parts }: SavedJob) => JSON.stringify(parts);
  const waiting = new Map(jobs.flatMap((job) => (job.waits ? [[madeOf(job), job.waits] as const] : [])));
  return new Map(
    jobs.flatMap((job) => {
      const waits = job.waits ?? (job.to_buy ? undefined : waiting.get(madeOf(job)));
      return waits ? [[job.key, waits] as const] : [];
    }),
  );
}

/** A job's choice of a route; `undefined`: it cannot be made there. */
export function onRoute({ choices }: PlannedJob, route: string | null): RouteChoice | undefined {
  return choices.find((choice) => choice.route === route);
}

/** One job as it would be bought now on one of its choices. */
export async function savedJob(
  job: PlannedJob,
  choice: RouteChoice,
  partsOf: ReturnType<typeof jobParts>,
): Promise<Omit<SavedJob, 'to_buy'>> {
  const { micros, billedSeconds } = choice.estimate;
  const parts = await partsOf(job, choice);
  return {
    key: job.key,
    route: choice.route,
    price_usd: usd(micros),
    billed_seconds: billedSeconds,
    labels: job.labels,
    output: job.output,
    // As it comes back from the file.
    parts: JSON.parse(JSON.stringify(parts)) as SavedJob['parts'],
  };
}

function savedWait(wait: MoneyWait | undefined): Pick<SavedJob, 'waits'> {
  if (wait === undefined) return {};
  const { neededMicros, caps, until } = wait;
  return { waits: { needed_usd: formatUsd(neededMicros), caps: [...caps], ...(until && { until }) } };
}

type SavedTerms = NonNullable<SavedPlan['terms']>;
type Terms = SavedTerms & { readonly settings: NonNullable<SavedTerms['settings']> };

/**
 * The hosts of every provider, by its id; the caps by where they are set; and the settings by their names.
 * @param folder the manifest's: a copy of the project elsewhere has the same terms
 */
export function termsOf(plan: Plan, folder: string): Terms {
  const { providers, budget, emulate } = plan;
  const hosts = Object.values(providers).flatMap(({ id, hosts: own }) => (own.base_url ? [[id, own.base_url]] : []));
  const caps = budget.caps.map(({ name, micros }) => [name, formatUsd(micros)]);
  return {
    hosts: emulate ? {} : Object.fromEntries(hosts),
    caps: Object.fromEntries(caps),
    settings: {
      on_uncertain: plan.onUncertain,
      failover_on_rejection: String(plan.failoverOnRejection),
      'budget.margin': `${budget.marginPercent}%`,
      'output.dir': displayPath(plan.outputDir, folder),
      // The emulator has a bucket of its own.
      'output.s3': bucketWords(emulate ? null : plan.delivery),
      'staging.s3': bucketWords(emulate ? null : plan.staging),
    },
  };
}

/** What the terms say of a section that the manifest does not have. */
export const UNSET = 'not set';

/** `b/in/ at https://s3.example.com (eu-1), read at https://cdn.example.com` */
function bucketWords(settings: BucketSettings | null | undefined): string {
  if (!settings) return UNSET;
  const { bucket, prefix, endpoint, region, publicBaseUrl } = settings;
  return `${bucket}/${prefix} at ${endpoint} (${region})${publicBaseUrl === null ? '' : `, read at ${publicBaseUrl}`}`;
}

function usd(micros: Micros | null): string | null {
  return micros === null ? null : formatUsd(micros);
}

function plainSelection({ only, lang, video, provider, failed, limit }: Selection): SavedPlan['selection'] {
  return {
    ...(only ? { only: [...only] } : {}),
    ...(lang ? { lang: [...lang] } : {}),
    ...(video ? { video: [...video] } : {}),
    ...(provider ? { provider: [...provider] } : {}),
    ...(failed ? { failed } : {}),
    ...(limit === undefined ? {} : { limit: String(limit) }),
  };
}
