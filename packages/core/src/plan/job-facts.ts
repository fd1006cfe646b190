import type { ProviderId } from '../provider/route.js';
import { alikeNames, RepeatedNames, roughName } from './alike-name.js';
import { voiceSources } from './fingerprint.js';
import type { Plan, PlannedJob, PlannedJobs } from './plan.js';

/** What has to be known of all jobs of a plan together before any of them is looked at. */
export interface JobFacts {
  /** Providers that some job may be sent to: only they need keys. In the order in which they first come up. */
  readonly providers: readonly ProviderId[];
  /** Whether some media of a job is a local file. */
  readonly hasLocalMedia: boolean;
  /** Whether two of them may be made of the very same, on whichever routes. */
  readonly mayRepeat: boolean;
}

const known = new WeakMap<PlannedJobs, JobFacts>();

/** Goes through the jobs once, however often it is asked. */
export function jobFacts(jobs: PlannedJobs): JobFacts {
  const facts = jobs.facts ?? known.get(jobs) ?? collect(jobs);
  known.set(jobs, facts);
  return facts;
}

/** Providers that some job may be sent to: only they need keys. */
export function usedProviders({ jobs }: Pick<Plan, 'jobs'>): readonly ProviderId[] {
  return jobFacts(jobs).providers;
}

function collect(jobs: PlannedJobs): JobFacts {
  const collected = new CollectedFacts();
  for (const job of jobs) collected.add(job);
  return collected.facts;
}

/** The same of jobs that come one at a time. */
export class CollectedFacts {
  readonly #providers = new Set<ProviderId>();
  readonly #names = new RepeatedNames();
  #hasLocalMedia = false;

  add(job: PlannedJob): void {
    for (const name of alikeNames(job, roughName)) this.#names.add(name);
    for (const { provider } of job.choices) this.#providers.add(provider);
    this.#hasLocalMedia ||= isLocal(job);
  }

  get facts(): JobFacts {
    return { providers: [...this.#providers], hasLocalMedia: this.#hasLocalMedia, mayRepeat: this.#names.areSome };
  }
}

function isLocal({ video, voices, mask }: PlannedJob): boolean {
  return [video, mask, ...voiceSources(voices)].some((source) => source?.kind === 'file');
}
