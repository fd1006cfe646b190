import { canonicalLabel, LocalizeError, nearestWord, ownValue, readLanguageTag } from '@localize/core';
import { catalogue } from '@localize/providers';
import { globFilter, keyFilter, type TextFilter } from './key-filter.js';
import { itemsOf, refuseEmpty } from './refuse-empty.js';
import type { SelectableJob } from './selectable-job.js';

/**
 * Which jobs a command is about, as the command line has it. A job must satisfy every option that is given, and of each
 * option one value; a value may be several, with commas between them. Only an option that is left out chooses all jobs: an
 * empty list or value is a mistake (USAGE), as is an empty item.
 */
export interface Selection {
  /** Globs of keys such as `keynote/de`, or labels such as `course=onboarding`. */
  readonly only?: readonly string[] | undefined;
  /** Language tags; `pt` takes in `pt-BR`. */
  readonly lang?: readonly string[] | undefined;
  /** Globs of video ids. */
  readonly video?: readonly string[] | undefined;
  /** Provider or route ids. */
  readonly provider?: readonly string[] | undefined;
  /** Only failed jobs. */
  readonly failed?: boolean | undefined;
  /** At most so many of them, the first of the manifest: asked again, it is the same ones. */
  readonly limit?: string | number | undefined;
}

type Test = (job: SelectableJob) => boolean;

/** One value of one option: what it asks for, and how to say that nothing is so. */
interface Criterion {
  readonly test: Test;
  readonly none: () => LocalizeError;
}

export function selectsAll({ only, lang, video, provider, failed, limit }: Selection): boolean {
  return [only, lang, video, provider, limit].every((value) => value === undefined) && !failed;
}

/**
 * @param list told only when something is asked for
 * @returns whether a job, by its key, is selected
 * @throws LocalizeError JOB_UNKNOWN when a value fits no job at all: a typo must not look like a batch that is done;
 * USAGE
 */
export function selectJobs(list: () => readonly SelectableJob[], selection: Selection): TextFilter {
  refuseEmpty(selection);
  const limit = readLimit(selection.limit);
  if (selectsAll(selection)) return () => true;
  const jobs = list();
  const groups = criteria(jobs, selection);
  for (const { test, none } of groups.flat()) if (!jobs.some(test)) throw none();
  const selected = jobs.filter(
    (job) =>
      groups.every((group) => group.some(({ test }) => test(job))) && (!selection.failed || job.state === 'failed'),
  );
  if (selected.length === 0 && !selection.failed) {
    throw unknown('no job satisfies all that is asked for', 'what several options name must overlap');
  }
  const keys = new Set(selected.slice(0, limit).map(({ key }) => key));
  return (key) => keys.has(key);
}

/** For each option that is given, its values. */
function criteria(jobs: readonly SelectableJob[], { only, lang, video, provider }: Selection): Criterion[][] {
  const groups = [
    values(only).map((value) => onlyCriterion(value, jobs)),
    values(lang).map((value) => languageCriterion(value, jobs)),
    values(video).map((value) => videoCriterion(value, jobs)),
    values(provider).map(providerCriterion),
  ];
  return groups.filter((group) => group.length > 0);
}

function values(given: readonly string[] | undefined): string[] {
  return (given ?? []).flatMap(itemsOf);
}

function onlyCriterion(value: string, jobs: readonly SelectableJob[]): Criterion {
  const sign = value.indexOf('=');
  if (sign > 0) return labelCriterion(value.slice(0, sign), value.slice(sign + 1), jobs);
  const matches = keyFilter([value]);
  const known = jobs.slice(0, 5).map(({ key }) => key);
  const form = `a job’s key is <video id>/<language tag>, for instance ${known.join(', ')}`;
  return {
    test: ({ key }) => matches(key),
    none: () => unknown(`no job matches ${value}`, literalSigns(value) ?? form),
  };
}

function labelCriterion(givenName: string, givenValue: string, jobs: readonly SelectableJob[]): Criterion {
  const [name, value] = [canonicalLabel(givenName), canonicalLabel(givenValue)];
  const matches = globFilter([value]);
  const known = [...new Set(jobs.flatMap(({ labels }) => ownValue(labels, name) ?? []))];
  const names = [...new Set(jobs.flatMap(({ labels }) => Object.keys(labels)))];
  return {
    test: ({ labels }) => Object.hasOwn(labels, name) && matches(labels[name] ?? ''),
    none: () =>
      known.length > 0
        ? unknown(`no job has the label ${name}=${value}`, `${name} is ${known.slice(0, 8).join(', ')}`)
        : unknown(
            `no job has a label ${name}`,
            names.length > 0 ? `there are ${names.join(', ')}` : 'set `labels` in the manifest',
          ),
  };
}

function languageCriterion(tag: string, jobs: readonly SelectableJob[]): Criterion {
  const reading = readLanguageTag(tag);
  const wanted = ('canonical' in reading ? reading.canonical : tag).toLowerCase();
  const known = [...new Set(jobs.map(({ language }) => language))];
  return {
    // A range as RFC 4647 §3.3.1 has it.
    test: ({ language }) => language.toLowerCase() === wanted || language.toLowerCase().startsWith(`${wanted}-`),
    none: () => {
      const hint = 'canonical' in reading ? `there are ${known.join(', ')}` : `expected ${reading.expected}`;
      return unknown(`no job is in ${tag}`, hint);
    },
  };
}

function videoCriterion(value: string, jobs: readonly SelectableJob[]): Criterion {
  const matches = globFilter([value]);
  return {
    test: ({ videoId }) => matches(videoId),
    none: () => {
      const known = [...new Set(jobs.map(({ videoId }) => videoId))];
      const nearest = nearestWord(value, known);
      return unknown(
        `no video matches ${value}`,
        literalSigns(value) ?? (nearest ? `did you mean ${nearest}?` : `there are ${known.slice(0, 8).join(', ')}`),
      );
    },
  };
}

/** What means something in the patterns of other tools; `null` where there is nothing of it. */
function literalSigns(pattern: string): string | null {
  if (!/^!|\[.*\]/.test(pattern)) return null;
  return 'a pattern has `*`, `**`, `?` and `{a,b}`; `[…]` and `!` stand for themselves';
}

function providerCriterion(id: string): Criterion {
  const known = [...catalogue.providers, ...catalogue.routes].map((each) => each.id);
  if (!known.includes(id)) {
    const nearest = nearestWord(id, known);
    throw new LocalizeError('USAGE', `there is no provider or route ${id}`, {
      hint: nearest ? `did you mean ${nearest}?` : `there are ${known.join(', ')}`,
    });
  }
  return {
    test: ({ route }) => route === id || route?.split('/')[0] === id,
    none: () => unknown(`no job goes to ${id}`, 'localize plan shows the route of each'),
  };
}

function readLimit(limit: string | number | undefined): number | undefined {
  if (limit === undefined) return undefined;
  const number = typeof limit === 'string' && !/^\d+$/.test(limit) ? Number.NaN : Number(limit);
  if (Number.isInteger(number) && number > 0) return number;
  throw new LocalizeError('USAGE', `--limit takes a number of jobs from 1 up, not ${limit}`);
}

function unknown(message: string, hint: string): LocalizeError {
  return new LocalizeError('JOB_UNKNOWN', message, { hint });
}
