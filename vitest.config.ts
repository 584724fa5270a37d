// Where the tests are, and how long one may take: the whole suite stays under ten minutes on two cores.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/memory-folder.ts'],
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One process runs file after file, with modules loaded and compiled once: a third of the work. So no file may leave
    // anything behind: variables of the environment, timers, what a module keeps.
    isolate: false,
    // One more than cores, as many tests wait for programs of their own.
    maxWorkers: 3,
  },
});
