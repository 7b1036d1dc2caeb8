import { defineConfig } from 'vitest/config';

/** Alone: an emulated machine takes all the processors there are. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['drivers/virtual-machine/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
