import type { Connection } from '@localize/core';

/** Where to: one of the connection's own hosts, never an address from a reply. */
export interface Address {
  /** Name of a host of the connection. */
  readonly host: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
}

/** @throws Error when the connection does not name the host: a fault of the caller. */
export function addressUrl(connection: Connection, address: Address): URL {
  const base = connection.hosts[address.host];
  if (base === undefined) throw new Error(`the connection names no host ${address.host}`);
  const url = new URL(base.replace(/\/+$/, '') + address.path);
  for (const [name, value] of Object.entries(address.query ?? {})) url.searchParams.set(name, String(value));
  return url;
}

/** An id as one path segment: it cannot climb out of its path. */
export function segment(id: string): string {
  const encoded = encodeURIComponent(id);
  return /^\.{1,2}$/.test(encoded) ? encoded.replaceAll('.', '%252E') : encoded;
}
