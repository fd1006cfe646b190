import { createHmac } from 'node:crypto';
import type { Secret } from '@localize/core';
import type { Store } from '../store/store.js';

/** The identity under which a state knows a key; the key cannot be had from it. */
export function keyHash(store: Pick<Store, 'salt'>, key: Secret): string {
  return createHmac('sha256', store.salt).update(key.reveal()).digest('hex').slice(0, 32);
}
