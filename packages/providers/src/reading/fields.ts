import { z } from 'zod';
import { isHttpUrl } from './http-url.js';

/*
 * Pieces of tolerant schemas. A reply is read for what we need of it: a field of another type counts as absent, further
 * fields are ignored, so that a provider's harmless change breaks nothing that was paid for.
 */

export const optionalText = z.string().optional().catch(undefined);
export const optionalNumber = z.number().optional().catch(undefined);
export const optionalBoolean = z.boolean().optional().catch(undefined);
export const anything = z.unknown().optional();

export const optionalMediaType = z
  .string()
  .regex(/^[\w.+-]+\/[\w.+-]+$/)
  .optional()
  .catch(undefined);

/** An id as the provider gave it: something that can be named in a URL. Of a longer number than is read exactly it is not. */
export const optionalId = z
  .union([z.string(), z.number().refine(Number.isSafeInteger).transform(String)])
  .pipe(z.string().regex(/^[\x21-\x7e]{1,300}$/))
  .optional()
  .catch(undefined);

/** A status as it is compared, whatever its case is, and as the provider spelt it. */
export type StatusWord = { readonly word: string; readonly spelt: string };

/** Pages show one case and one spelling each; another is the same word, since a paid prediction hangs on it. */
export const optionalStatus = z
  .string()
  .transform(
    (spelt): StatusWord => ({
      word: spelt
        .trim()
        .toLowerCase()
        .replace(/^canceled$/, 'cancelled'),
      spelt,
    }),
  )
  .optional()
  .catch(undefined);

/** An address in a reply; a reply without it has not that form. */
export const httpUrl = z.string().refine(isHttpUrl);

/** `null` for anything but a JSON object. */
export function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** Empty for anything but a list. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A list, of which some servers write an empty one as `null`. A reply without it is none. */
export const listOrNull = z
  .array(z.unknown())
  .nullable()
  .transform((list) => list ?? []);
