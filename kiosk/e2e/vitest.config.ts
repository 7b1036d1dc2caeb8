import { defineConfig } from 'vitest/config';

/** Whole journeys: real processes, a real browser. One file after the other, so that they do not starve each other. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['kiosk/e2e/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
