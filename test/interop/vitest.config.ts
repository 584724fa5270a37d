// `npm run test:interop`: the programs of the field judge the bundled connectors. Installing them takes minutes, once.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/interop/*.interop.ts'],
    globalSetup: ['test/interop/summary.ts'],
    testTimeout: 300_000,
    // A hook may have to download and install a judge.
    hookTimeout: 900_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
