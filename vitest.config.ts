import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    // tests of one server take turns: some of them kill it
    fileParallelism: !process.env['ELASTICSEARCH_URL'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
