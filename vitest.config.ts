import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Pure or nearly so: what one runs at every save (`npm run test:unit`, `npm run dev`). */
const UNIT = [
  'src/{aws,kit,lib,cli}/**/*.test.ts',
  'src/services/*/model/**/*.test.ts',
  'console/src/**/*.test.ts',
];
/** What puts another module in the place of one: the worker has to be its own. */
const ISOLATED = ['src/**/*.isolated.test.ts'];

/** What takes a minute or so: begun first, it does not end long after all others. */
const LONG = [
  'events-audit',
  'declared-errors',
  'disk-filled-by-build',
  'backup',
  'events',
  'sqs',
  'hostile-input',
  'codedeploy',
  'cloudwatch',
  'heard-in-time',
  'codestar-notifications',
  'upstream',
  'database-killed',
  'stopped-and-killed',
  'job-workers',
  'crash',
  'ec2',
  'codedeploy-traffic',
  'autoscaling',
  'elasticbeanstalk',
].map((name) => `conformance/${name}.test.ts`);

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

const project = (name: string, include: string[], exclude: string[] = []) => ({
  extends: true as const,
  test: {
    ...{ name, include, exclude: [...configDefaults.exclude, ...exclude] },
    // One on each core: vitest leaves one free. With more, those that look at the clock are late. Conformance tests come after
    // those that work in their own process alone.
    maxWorkers: '100%',
    sequence: { groupOrder: name === 'conformance' ? 1 : 0 },
    // Node itself loads the modules, from its cache, but where one is put in the place of another.
    experimental: { viteModuleRunner: name === 'isolated', nodeLoader: name === 'isolated' },
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
    sequence: { sequencer: LongFirst },
    // A machine that has much else to do takes three times as long: a second, the usual of `expect.poll`, is short there too.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
