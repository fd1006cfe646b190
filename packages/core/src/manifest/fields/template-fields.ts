import { nearestWord } from '../../text/nearest.js';
import { ownValue } from '../../text/own-value.js';
import { orList } from '../../text/words.js';
import { quote, type Reading, scalar, wrongType } from './scalar.js';

/** A text with `{placeholders}` of which only some are known. */
export function templateField(
  expected: string,
  known: readonly string[],
  check: (template: string) => Reading<string> = (value) => ({ value }),
) {
  return scalar<string>(expected, { type: 'string' }, (value) => readTemplate(value, expected, known, check));
}

export function readTemplate(
  value: unknown,
  expected: string,
  known: readonly string[],
  check: (template: string) => Reading<string>,
): Reading<string> {
  if (typeof value !== 'string' || value.trim() === '') return wrongType(value, expected);
  const unknown = placeholdersOf(value).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const nearest = nearestWord(unknown, known);
    const list = orList(known.map((name) => `{${name}}`));
    return {
      problem: `is ${quote(value)}, and {${unknown}} is unknown`,
      expected: nearest === null ? list : `did you mean {${nearest}}?`,
    };
  }
  if (/[{}]/.test(value.replace(/\{[^{}]*\}/g, '')))
    return { problem: `is ${quote(value)}, with a lone brace`, expected };
  return check(value);
}

export function placeholdersOf(template: string): string[] {
  return [...template.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');
}

/** Puts values in the place of placeholders; one without a value stays as it is. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  // Most paths of a large batch are no templates.
  if (!template.includes('{')) return template;
  return template.replace(/\{([^{}]*)\}/g, (whole, name: string) => ownValue(values, name) ?? whole);
}

const OUTPUT_NAME = 'a file name such as {video}/{video}.{lang}.mp4, inside the output folder';

/** `output.name`: stays inside its folder on every system. */
export function outputNameField() {
  return templateField(OUTPUT_NAME, ['video', 'lang'], (template) => {
    const fault = outputNameFault(template);
    return fault === null ? { value: template } : { problem: `is ${quote(template)}, ${fault}`, expected: OUTPUT_NAME };
  });
}

function outputNameFault(template: string): string | null {
  if (/^([/\\]|[A-Za-z]:)/.test(template)) return 'which is an absolute path';
  if (template.includes('\\')) return 'and folders are parted by / on every system';
  const segments = template.split('/');
  if (segments.includes('..')) return 'which leaves the output folder';
  if (segments.some((segment) => segment === '' || segment === '.')) return 'which has an empty folder name in it';
  const character = /[<>:"|?*]/.exec(template)?.[0];
  if (character !== undefined) return `and ${character} is not allowed in it`;
  if (!/\.mp4$/i.test(template)) return 'and every output is an .mp4';
  return null;
}
