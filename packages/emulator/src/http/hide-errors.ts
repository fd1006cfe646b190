import type { Hono } from 'hono';
import type { Dialect } from '../predict/create-route.js';
import type { Env } from './env.js';
import { send } from './reply.js';

/** Answers a fault of this emulator as the provider would one of its own: what it was may name files of this machine. */
export function hideErrors(app: Hono<Env>, dialect: Dialect): void {
  app.onError((error) => {
    console.error(error);
    return send(dialect.refuse(500));
  });
}
