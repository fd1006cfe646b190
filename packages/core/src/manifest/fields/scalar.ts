import { z } from 'zod';
import { maskHooks } from '../../text/mask-secrets.js';
import { plainText } from '../../text/plain-text.js';
import type { ManifestIssueCode } from '../manifest-issue.js';

/** Why a value does not do, as the end of a sentence that starts with the field's name. */
export interface Mistake {
  /** For instance `is the number 31`. */
  readonly problem: string;
  /** What would be right. */
  readonly expected: string;
  readonly code?: ManifestIssueCode;
}

export type Reading<T> = { readonly value: T } | Mistake;

/** What an editor should know of a value; becomes part of the JSON Schema. */
export type ScalarSchema = {
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly enum?: readonly (string | number | boolean)[];
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
};

/** Parameters that a scalar's zod issue carries to the place where issues become words. */
export interface MistakeParams {
  readonly expected: string;
  readonly code: ManifestIssueCode;
}

/**
 * A zod schema for one value: `read` turns what stands in the file into what the program works with, or says in plain
 * words what is wrong with it. zod keeps the structure and the paths, the words stay ours.
 */
export function scalar<T>(expected: string, schema: ScalarSchema, read: (value: unknown) => Reading<T>): z.ZodType<T> {
  const parsed = z.unknown().transform((value, context): T => {
    const reading = value === undefined ? { problem: 'is missing', expected, code: 'MISSING' as const } : read(value);
    if ('value' in reading) return reading.value;
    const params: MistakeParams = { expected: reading.expected, code: reading.code ?? 'VALUE' };
    context.addIssue({ code: 'custom', message: reading.problem, params: { ...params } });
    return z.NEVER;
  });
  return parsed.meta({ ...schema });
}

/** A value of the wrong type altogether. */
export function wrongType(value: unknown, expected: string): Mistake {
  return { problem: `is ${describeValue(value)}`, expected, code: 'TYPE' };
}

/** `the number 31`, `a list`, `empty` */
export function describeValue(value: unknown): string {
  if (value === null || value === '') return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Uint8Array) return 'binary data';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return `the text ${quote(value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  return String(value);
}

/** The user's words in quotes, cut when long. */
export function quote(text: string): string {
  return `"${plainText(maskHooks(text), 60)}"`;
}
