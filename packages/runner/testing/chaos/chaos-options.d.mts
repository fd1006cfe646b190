import type { RunOptions } from '../../src/index.js';
import type { FullSettings } from './chaos-world.js';

export function chaosOptions(settings: FullSettings): Omit<RunOptions, 'store' | 'providers'>;

export function mulberry32(seed: number): () => number;
