import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Build } from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { openDatabase } from '../../src/db/open.ts';
import { testVault } from '../../src/db/testing.ts';
import {
  FakeCloud,
  type TestServer,
  temporaryDirectory,
  testServer,
} from '../../src/services/codebuild/testing.ts';

interface Expected {
  status: string;
  failures?: string[];
  phases?: string[];
  output: string[];
  log?: string[];
  exported?: Record<string, string>;
  artifact?: Record<string, string>;
}

const directory = temporaryDirectory();
const cloud = new FakeCloud();
let server: TestServer;
let close: () => Promise<void>;

beforeAll(async () => {
  const database = await openDatabase(
    { dialect: 'sqlite', file: join(directory.path, 'test.db') },
    testVault,
  );
  close = () => database.close();
  cloud.parameters.set('/app/level', 'the level');
  cloud.secrets.set('app/key', '{"token":"the token"}');
  server = await testServer({ database, cloud, dataDir: directory.path });
});

afterAll(async () => {
  await server.stop();
  await close();
  directory.clean();
});

const cases = readdirSync(import.meta.dirname).filter((name) =>
  existsSync(join(import.meta.dirname, name, 'expected.json')),
);

test.each(cases)('build case %s', async (name) => {
  const read = (file: string) => readFileSync(join(import.meta.dirname, name, file), 'utf8');
  const expected: Expected = JSON.parse(read('expected.json'));
  const environmentVariables = ['B', 'C'].map((variable) => ({ name: variable, value: 'project' }));
  const build = await server.run(
    read('buildspec.yml'),
    {
      name,
      artifacts: { type: 'S3', location: 'artifacts', name: `${name}.zip`, packaging: 'ZIP' },
      environment: {
        type: 'LINUX_CONTAINER',
        image: 'any',
        computeType: 'BUILD_GENERAL1_SMALL',
        environmentVariables,
      },
    },
    { environmentVariablesOverride: [{ name: 'C', value: 'start' }] },
  );
  const log = cloud.logs.get(build.logs?.streamName ?? '')?.join('') ?? '';
  expect(failures(build)).toEqual(expected.failures ?? []);
  expect(build.buildStatus).toBe(expected.status);
  if (expected.phases)
    expect(build.phases?.map(({ phaseType }) => phaseType)).toEqual(expected.phases);
  expect(outputOf(log)).toEqual(expected.output);
  for (const line of expected.log ?? []) expect(log).toContain(line);
  const exported = (build.exportedEnvironmentVariables ?? []).map(({ name: variable, value }) => [
    variable,
    value,
  ]);
  expect(Object.fromEntries(exported)).toEqual(expected.exported ?? {});
  expect(await unzip(cloud.objects.get(`artifacts/${name}.zip`))).toEqual(expected.artifact);
});

function failures({ phases = [] }: Build): string[] {
  return phases
    .filter(({ phaseStatus }) => phaseStatus && phaseStatus !== 'SUCCEEDED')
    .map(
      ({ phaseType, phaseStatus, contexts: [context] = [] }) =>
        `${phaseType} ${phaseStatus} ${context?.statusCode}: ${context?.message}`,
    );
}

/** The log without CodeBuild's own lines; a command of several lines is shown whole behind `Running command`. */
function outputOf(log: string): string[] {
  return log
    .replace(/^\[Container\] .* Running command echo several\necho lines\n$/gm, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('[Container]'));
}

async function unzip(bytes: Buffer | undefined): Promise<Record<string, string> | undefined> {
  if (!bytes) return undefined;
  const zip = await fromBufferPromise(bytes, { lazyEntries: true, autoClose: false });
  const files: Record<string, string> = {};
  for await (const entry of zip.eachEntry())
    files[entry.fileName] = await text(await zip.openReadStreamPromise(entry));
  return files;
}
