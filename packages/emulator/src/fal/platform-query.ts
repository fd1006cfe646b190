import type { Http } from '../http/env.js';

/** A query parameter that the platform API would refuse. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

const DAY_MS = 86_400_000;

/** The query parameters that the platform's listings share [doc falplat]. */
export class PlatformQuery {
  readonly #http: Http;
  readonly #now: number;

  constructor(http: Http, now: number) {
    this.#http = http;
    this.#now = now;
  }

  one(name: string): string | undefined {
    const value = this.#http.req.query(name);
    return value === '' ? undefined : value;
  }

  /** Values that are repeated or separated by commas. */
  all(name: string): string[] {
    const given = this.#http.req.queries(name) ?? [];
    return given.flatMap((value) => value.split(',')).filter((value) => value !== '');
  }

  /** The same, of which there must be 1 to 50. */
  required(name: string): string[] {
    const values = this.all(name);
    if (values.length === 0) throw new QueryError(`${name} is required`);
    if (values.length > 50) throw new QueryError(`${name} takes at most 50 values`);
    return values;
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.one(name);
    if (value === undefined) return undefined;
    const word = words.find((one) => one === value);
    if (word === undefined) throw new QueryError(`${name} must be one of ${words.join(', ')}`);
    return word;
  }

  /** `start` (by default so many days ago) and `end` (exclusive, by default now). */
  window(days: number): { start: number; end: number } {
    const start = this.#time('start') ?? this.#now - days * DAY_MS;
    // What was sent in this very millisecond is listed too.
    return { start, end: this.#time('end') ?? this.#now + 1 };
  }

  /** The page of a list that `limit` and `cursor` ask for; the cursor is the page's number in base64. */
  page<T>(items: readonly T[], usual: number, most: number): { items: T[]; next: string | null } {
    const limit = this.#whole('limit') ?? usual;
    if (limit < 1 || limit > most) throw new QueryError(`limit must be between 1 and ${most}`);
    const cursor = this.one('cursor');
    const number = cursor === undefined ? 1 : Number(Buffer.from(cursor, 'base64').toString('utf8'));
    if (!Number.isSafeInteger(number) || number < 1) throw new QueryError('cursor is not valid');
    const shown = items.slice((number - 1) * limit, number * limit);
    const more = items.length > number * limit;
    return { items: shown, next: more ? Buffer.from(String(number + 1)).toString('base64') : null };
  }

  #time(name: string): number | undefined {
    const value = this.one(name);
    if (value === undefined) return undefined;
    const at = /^\d{4}-\d{2}-\d{2}(T.*)?$/.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(at)) throw new QueryError(`${name} must be an ISO 8601 date`);
    return at;
  }

  #whole(name: string): number | undefined {
    const value = this.one(name);
    if (value === undefined) return undefined;
    if (!/^\d+$/.test(value)) throw new QueryError(`${name} must be an integer`);
    return Number(value);
  }
}
