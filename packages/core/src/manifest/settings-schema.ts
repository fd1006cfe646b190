import { z } from 'zod';
import type { Catalogue, OptionSpec } from '../provider/route.js';
import { readPath } from './fields/place-fields.js';
import { type MistakeParams, quote } from './fields/scalar.js';
import { templateField } from './fields/template-fields.js';
import { booleanField, integerField, textField, wordField } from './fields/text-fields.js';
import { isLabelName, LABEL_NAME } from './label-name.js';
import { providerField } from './provider-field.js';
import { either, list, mapping, named } from './schema-parts.js';

/** Fields that `defaults`, a video and a track share. */
export function settingsShape(catalogue: Catalogue) {
  const provider = providerField(catalogue);
  const order = 'a provider or route id, or a list of them in order of preference';
  return {
    provider: either(order, [provider.transform((one) => [one]), list(order, provider)])
      .describe(
        'Provider or route ids in order of preference, or `cheapest`: of what `providers` names, or of all where it names none. A provider stands for all its routes that fit.',
      )
      .optional(),
    resolution: wordField(allResolutions(catalogue))
      .describe('Picture size to render. Sent always, since providers differ in what they take for granted.')
      .optional(),
    prompt: textField('text that describes the scene')
      .describe('What the picture shows, for the routes that read it.')
      .optional(),
    seed: seedField(catalogue).describe('Makes a render repeatable on the routes that take a seed.').optional(),
    options: optionsSchema(catalogue).describe('Fields that only some routes have, by provider.').optional(),
    subtitles: subtitlesField()
      .describe('A WebVTT file to attach to the output; a path with {lang} and {name}. Nothing is bought for it.')
      .optional(),
    priority: integerField(-1000, 1000).describe('Jobs with a higher number go first; 0 when not set.').optional(),
  };
}

function subtitlesField() {
  const expected = 'a path such as ./subs/{lang}/{name}.vtt';
  return templateField(expected, ['lang', 'name'], (template) => {
    const reading = readPath(template, expected);
    if (!('value' in reading) || /\.vtt$/i.test(template)) return reading;
    return { problem: `is ${quote(template)}, and subtitles are WebVTT`, expected };
  });
}

export function labelsSchema() {
  const written = [z.string(), z.number().transform(String), z.boolean().transform(String)] as const;
  const label = either('text, such as onboarding', written);
  return named('names with texts, such as { course: onboarding }', label)
    .superRefine((labels, context) => {
      for (const name of Object.keys(labels).filter((each) => !isLabelName(each))) {
        const params: MistakeParams = { code: 'VALUE', expected: LABEL_NAME };
        context.addIssue({ code: 'custom', path: [name], message: 'is no name for a label', params: { ...params } });
      }
    })
    .describe('Free names and texts. A name has no `=`. Reports, budgets and --only group by them.');
}

export function allResolutions(catalogue: Catalogue): string[] {
  return [...new Set(catalogue.routes.flatMap((route) => route.resolutions ?? []))];
}

function seedField(catalogue: Catalogue) {
  const ranges = catalogue.routes.flatMap((route) => route.seed ?? []);
  return integerField(
    Math.min(0, ...ranges.map((range) => range.minimum)),
    Math.max(0, ...ranges.map((range) => range.maximum)),
  );
}

function optionsSchema(catalogue: Catalogue) {
  const shape: Record<string, z.ZodType<Record<string, string | boolean> | undefined>> = {};
  for (const provider of catalogue.providers) {
    const routes = catalogue.routes.filter((route) => route.provider === provider.id);
    const options = Object.entries(
      Object.assign({}, ...routes.map((route) => route.options)) as Record<string, OptionSpec>,
    );
    const fields = Object.fromEntries(options.map(([name, spec]) => [name, optionField(spec)]));
    shape[provider.id] = mapping(`options of ${provider.title}`, fields)
      .describe(`Options of ${provider.title}'s routes.`)
      .transform((values) => dropUndefined(values as Record<string, string | boolean | undefined>))
      .optional();
  }
  return mapping('options by provider', shape).transform(
    (values) => dropUndefined(values) as Record<string, Record<string, string | boolean>>,
  );
}

function optionField(spec: OptionSpec): z.ZodType<string | boolean | undefined> {
  const field = spec.kind === 'enum' ? wordField(spec.values) : booleanField();
  return field.describe(`${spec.description.replace(/\.?$/, '.')} Default: ${spec.default}.`).optional();
}

function dropUndefined<V>(values: Record<string, V | undefined>): Record<string, V> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, V] => entry[1] !== undefined));
}
