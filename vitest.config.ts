import { configDefaults, defineConfig } from 'vitest/config';

/** Pure or nearly so: what one runs at every save (`npm run test:unit`, `npm run dev`). */
const UNIT = ['src/{aws,kit,lib,cli}/**/*.test.ts', 'src/services/*/model/**/*.test.ts'];
/** What puts another module in the place of one: the worker has to be its own. */
const ISOLATED = ['src/**/*.isolated.test.ts'];

const project = (name: string, include: string[], exclude: string[] = []) => ({
  extends: true as const,
  test: {
    ...{ name, include, exclude: [...configDefaults.exclude, ...exclude] },
    // One on each core: vitest leaves one free, but conformance tests wait for their servers more than they work. They come
    // after those that work in their own process alone.
    maxWorkers: '100%',
    sequence: { groupOrder: name === 'conformance' ? 1 : 0 },
    // Modules are loaded once a worker, not once a file: half of the time of the unit tests was that.
    isolate: name === 'isolated',
  },
});
/** One with a PostgreSQL server, where there can be one. */
const withDatabases = (...of: Parameters<typeof project>) => {
  const { test, ...rest } = project(...of);
  return { ...rest, test: { ...test, globalSetup: ['conformance/global-setup.ts'] } };
};

export default defineConfig({
  test: {
    projects: [
      project('unit', UNIT),
      withDatabases('services', ['{src,tools,scenarios}/**/*.test.ts'], [...UNIT, ...ISOLATED]),
      withDatabases('isolated', ISOLATED),
      withDatabases('conformance', ['conformance/**/*.test.ts']),
    ],
    pool: 'forks',
    // A machine that has much else to do takes three times as long: a second, the usual of `expect.poll`, is short there too.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
