import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{drivers,kiosk,kiosk-backend,tools}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**', 'kiosk/e2e/**', 'drivers/virtual-machine/**'],
    testTimeout: 20_000,
    maxWorkers: 2,
  },
});
