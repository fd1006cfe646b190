import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'benchmarks/test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // One more than the two cores of such a machine: many tests wait for servers and child processes that they start.
    maxWorkers: 3,
    // Where a test runs the command or the library in its own process.
    env: { LOCALIZE_EMULATED_SPEED: '600' },
  },
});
