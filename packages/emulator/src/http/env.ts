import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** Hono's view of a request that arrived over a real socket. */
export interface Env {
  Bindings: HttpBindings;
}

export type Http = Context<Env>;
