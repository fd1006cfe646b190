import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'benchmarks/test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Two cores are shared with the servers and child processes that the tests start.
    maxWorkers: 2,
    // Where a test runs the command or the library in its own process.
    env: { LOCALIZE_EMULATED_SPEED: '600' },
  },
});
