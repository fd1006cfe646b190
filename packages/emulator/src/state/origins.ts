import type { Sql } from './sql.js';

/**
 * The origins that this state has ever been served from. URLs handed out before a restart on another port still name
 * files that are here, so they are resolved by their path.
 */
export class Origins {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  add(origin: string): void {
    this.#sql.prepare('INSERT OR IGNORE INTO origins (origin) VALUES (?)').run(origin);
  }

  /** True for an origin of this emulator, now or earlier; `localhost` and the loopback addresses are one host. */
  includes(url: URL): boolean {
    const known = this.#sql.prepare('SELECT origin FROM origins').pluck().all() as string[];
    return known.some((origin) => {
      const own = new URL(origin);
      return own.protocol === url.protocol && own.port === url.port && hostName(own) === hostName(url);
    });
  }
}

function hostName(url: URL): string {
  return isLoopback(url) ? 'loopback' : url.hostname;
}

/** True when a URL points at the machine itself. */
export function isLoopback(url: URL): boolean {
  const host = url.hostname;
  return host === 'localhost' || host.endsWith('.localhost') || host.startsWith('127.') || host === '[::1]';
}
