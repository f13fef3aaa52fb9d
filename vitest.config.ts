import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{unit,commands,property,contract}/**/*.test.ts', 'test/*.test.ts'],
          // A bound against hanging; a machine with other work to do takes its time.
          testTimeout: 60_000,
          // Files share the modules that they load: loading all of them anew for each took as long as the tests.
          isolate: false,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Real services, ports, mounts and traces share one machine: one file at a time.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'slow',
          include: ['test/slow/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
