import { writeFileSync } from 'node:fs';
import type {
  BuildBatch,
  CreateProjectInput,
  StartBuildBatchInput,
} from '@aws-sdk/client-codebuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OpenDatabase } from '../../db/database.ts';
import { eachDialect } from '../../db/testing.ts';
import { perform } from '../../testing.ts';
import {
  batchGetBuildBatches,
  deleteBuildBatch,
  listBuildBatches,
  listBuildBatchesForProject,
  retryBuildBatch,
  startBuildBatch,
  stopBuildBatch,
} from './operations/batches.ts';
import { listBuilds } from './operations/builds.ts';
import { batchGetReports, describeTestCases } from './operations/reports.ts';
import { batchEndTopic, buildKey } from './reconcilers/names.ts';
import { zipSource } from './sources/zip.ts';
import {
  ACCOUNT,
  type FakeCloud,
  freshServer,
  type TestServer,
  type temporaryDirectory,
  testServer,
} from './testing.ts';

const BATCH_ROLE = `arn:aws:iam::${ACCOUNT}:role/batch`;

/** A buildspec whose builds say who they are, and make a file of that name. */
const graph = (tasks: object, more = {}) =>
  JSON.stringify({
    version: 0.2,
    batch: { 'build-graph': tasks, ...more },
    phases: {
      build: {
        commands: [
          'echo "I am $CODEBUILD_BATCH_BUILD_IDENTIFIER, $WHO"',
          'codebuild-tests-run --test-command "echo tests of" --files-search "echo two; echo one"',
          'test "$WHO" != bad',
          'echo x > "$CODEBUILD_BATCH_BUILD_IDENTIFIER.txt"',
        ],
      },
    },
    artifacts: { files: ['*.txt'] },
  });
const task = (identifier: string, needs: string[] = [], WHO = identifier) => ({
  ...{ identifier, 'depend-on': needs, env: { variables: { WHO } } },
});

eachDialect('a batch of builds', (makeDatabase) => {
  let cloud: FakeCloud;
  let server: TestServer;
  let database: OpenDatabase;
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(async () => {
    ({ cloud, directory, database, server } = await freshServer(makeDatabase));
  });
  afterEach(async () => {
    await server.stop();
    directory.clean();
  });

  const create = (buildspec: string, more: Partial<CreateProjectInput> = {}) =>
    server.createProject({
      source: { type: 'NO_SOURCE', buildspec },
      ...more,
      buildBatchConfig: { serviceRole: BATCH_ROLE, ...more.buildBatchConfig },
    });
  const start = async (input: Partial<StartBuildBatchInput> = {}) => {
    const command = { projectName: 'app', ...input };
    return (await perform(startBuildBatch, server.context, command)).buildBatch ?? {};
  };
  const get = async (id = '') => {
    const { buildBatches } = await perform(batchGetBuildBatches, server.context, { ids: [id] });
    return buildBatches?.[0] ?? {};
  };
  const ended = async ({ id = '' }: BuildBatch) => {
    const { engine, clock } = server.platform;
    const owner = { accountId: ACCOUNT, region: server.context.region };
    const until = new Date(clock.now().getTime() + 60_000);
    const look = async () => ((await get(id)).complete ? true : undefined);
    await engine.heard(batchEndTopic(buildKey(owner, id)), look, { until });
    return get(id);
  };
  const statuses = ({ buildGroups = [] }: BuildBatch) =>
    Object.fromEntries(buildGroups.map((g) => [g.identifier, g.currentBuildSummary?.buildStatus]));

  test('CB-G5, CB-G7: builds a graph, each build once, and combines what they make', async () => {
    await create(graph([task('a'), task('b', ['a']), task('c', ['a'])]), {
      artifacts: { type: 'S3', location: 'bucket', packaging: 'ZIP' },
      buildBatchConfig: { combineArtifacts: true },
    });
    const begun = await start({ idempotencyToken: 't' });
    expect(begun).toMatchObject({ currentPhase: 'SUBMITTED', buildBatchNumber: 1 });
    expect((await start({ idempotencyToken: 't' })).id).toBe(begun.id);
    await expect(start({ idempotencyToken: 't', sourceVersion: 'x' })).rejects.toThrow('token');
    await expect(start({ idempotencyToken: 't'.repeat(65) })).rejects.toThrow('64');
    const batch = await ended(begun);
    expect(statuses(batch)).toEqual({
      ...{ DOWNLOAD_SOURCE: 'SUCCEEDED', a: 'SUCCEEDED', b: 'SUCCEEDED', c: 'SUCCEEDED' },
    });
    expect(batch).toMatchObject({ buildBatchStatus: 'SUCCEEDED', currentPhase: 'SUCCEEDED' });
    expect(cloud.text).toContain('\nI am c, c\n');
    expect(cloud.text).toContain('\ntests of one two\n');
    const { ids = [] } = await perform(listBuilds, server.context, {});
    expect(ids).toHaveLength(4);
    const build = await server.getBuild(ids[0] ?? '');
    expect(build.buildBatchArn).toBe(batch.arn);
    expect([...cloud.objects.keys()]).toEqual(['bucket/app']);
    expect(batch.artifacts).toMatchObject({ location: 'arn:aws:s3:::bucket/app' });
    for (const name of ['a', 'b', 'c'])
      expect(await fileIn(directory.path, cloud, `${name}.txt`)).toBe('x\n');

    const lists = [
      await perform(listBuildBatches, server.context, { filter: { status: 'SUCCEEDED' } }),
      await perform(listBuildBatchesForProject, server.context, { projectName: 'app' }),
      await perform(listBuildBatches, server.context, { filter: { status: 'FAILED' } }),
    ];
    expect(lists.map((list) => list.ids)).toEqual([[begun.id], [begun.id], []]);
    const gone = await perform(deleteBuildBatch, server.context, { id: begun.id });
    expect(gone).toMatchObject({ statusCode: 'BATCH_DELETED', buildsNotDeleted: [] });
    expect(gone.buildsDeleted).toHaveLength(4);
    expect((await perform(listBuilds, server.context, {})).ids).toEqual([]);
  });

  test('RetryBuildBatch goes on where it failed; StopBuildBatch ends what runs', async () => {
    await create(graph([task('a'), task('b', [], 'bad'), task('c', ['b'])]));
    const failed = await ended(await start());
    expect(statuses(failed)).toMatchObject({ a: 'SUCCEEDED', b: 'FAILED', c: 'STOPPED' });
    const retry = (input = {}) =>
      perform(retryBuildBatch, server.context, { id: failed.id, ...input });
    const { buildBatch } = await retry({
      ...{ retryType: 'RETRY_FAILED_BUILDS', idempotencyToken: 'r' },
    });
    expect(buildBatch?.phases?.slice(-2)).toMatchObject([
      { phaseType: 'FAILED', phaseStatus: 'RETRY' },
      { phaseType: 'SUBMITTED' },
    ]);
    const again = await ended(failed);
    expect(again.buildGroups?.map((g) => g.priorBuildSummaryList?.length ?? 0)).toEqual([
      ...[0, 0, 1, 0],
    ]);
    // Under the same token it is no second retry.
    await retry({ retryType: 'RETRY_FAILED_BUILDS', idempotencyToken: 'r' });
    expect((await get(failed.id)).complete).toBe(true);

    await retry();
    const { buildBatch: stopped } = await perform(stopBuildBatch, server.context, {
      id: failed.id ?? '',
    });
    expect(stopped).toMatchObject({ buildBatchStatus: 'STOPPED', complete: true });
    await expect(retry()).rejects.toThrow('cannot be retried');
  });

  test('a server that ends in the middle starts no build twice', async () => {
    await create(graph([task('a'), task('b', ['a']), task('c', ['b'])]));
    const begun = await start();
    for (let round = 0; round < 4; round++) {
      await server.stop();
      server = await testServer({ database, cloud, dataDir: directory.path });
    }
    const batch = await ended(begun);
    expect(batch.buildBatchStatus).toBe('SUCCEEDED');
    const { ids = [] } = await perform(listBuilds, server.context, {});
    const own = batch.buildGroups?.map((g) => g.currentBuildSummary?.arn?.split(':build/')[1]);
    expect(ids.toSorted()).toEqual(own?.toSorted());
  });

  test('CB-G6: what a batch may not do it says', async () => {
    const ends = async (input: Partial<StartBuildBatchInput>) => {
      const { phases = [], buildBatchStatus } = await ended(await start(input));
      const { phaseType, contexts = [] } = phases.at(-2) ?? {};
      return [buildBatchStatus, phaseType, contexts[0]?.statusCode, contexts[0]?.message];
    };
    await create(graph([task('a'), task('b')]));
    const restrictions = { computeTypesAllowed: ['BUILD_GENERAL1_LARGE'] };
    expect(await ends({ buildBatchConfigOverride: { restrictions } })).toEqual([
      ...['FAILED', 'DOWNLOAD_BATCHSPEC', 'CLIENT_ERROR'],
      'The build a has the compute type BUILD_GENERAL1_SMALL; the project allows BUILD_GENERAL1_LARGE',
    ]);
    const one = { restrictions: { maximumBuildsAllowed: 1 } };
    expect(await ends({ buildBatchConfigOverride: one })).toEqual([
      ...['FAILED', 'DOWNLOAD_BATCHSPEC', 'CLIENT_ERROR'],
      'The batch has 2 builds; the project allows 1',
    ]);
    expect(await ends({ buildspecOverride: 'version: 0.2\nbatch:\n  x: 1\n' })).toEqual([
      ...['FAILED', 'DOWNLOAD_BATCHSPEC', 'YAML_FILE_ERROR'],
      'batch.x is no key of batch at line 3',
    ]);
    cloud.denied.add('codebuild:StartBuild');
    expect(await ends({})).toEqual([
      ...['FAILED', 'DOWNLOAD_BATCHSPEC', 'ACCESS_DENIED'],
      expect.stringContaining('codebuild:StartBuild'),
    ]);
  });

  test('CB-G4: the builds of a fanout have one report on their tests', async () => {
    const xml = (name: string, more = '') =>
      `<testsuite name="s"><testcase name="${name}">${more}</testcase></testsuite>`;
    await create(
      JSON.stringify({
        version: 0.2,
        batch: { 'build-fanout': { parallelism: 2 } },
        phases: {
          build: {
            commands: [
              `[ $CODEBUILD_CURRENT_SHARD = 0 ] && echo '${xml('a')}' > r.xml || echo '${xml('b', '<failure/>')}' > r.xml`,
              "printf 'SF:a\\nDA:1,1\\n' > lcov.info",
            ],
          },
        },
        reports: {
          unit: { files: ['r.xml'] },
          lines: { files: ['lcov.info'], 'file-format': 'LCOV' },
        },
      }),
    );
    const { id = '' } = await start();
    await expect.poll(async () => (await get(id)).complete, { timeout: 50_000 }).toBe(true);
    const { reportArns = [], buildBatchStatus } = await get(id);
    expect(buildBatchStatus).toBe('SUCCEEDED');
    const [, uuid] = id.split(':');
    const whole = `arn:aws:codebuild:eu-west-1:${ACCOUNT}:report/app-unit:${uuid}`;
    expect(reportArns.filter((arn) => arn.includes('app-unit'))).toEqual([whole]);
    // Of lines nobody can say which are covered by both.
    expect(reportArns.filter((arn) => arn.includes('app-lines'))).toHaveLength(2);
    const found = await perform(batchGetReports, server.context, { reportArns: [whole] });
    expect(found.reports?.[0]).toMatchObject({
      ...{ status: 'FAILED', truncated: false },
      testSummary: { total: 2, statusCounts: { SUCCEEDED: 1, FAILED: 1 } },
    });
    const cases = await perform(describeTestCases, server.context, { reportArn: whole });
    expect(cases.testCases?.map(({ name }) => name)).toEqual(['b', 'a']);
  });
});

async function fileIn(directory: string, cloud: FakeCloud, name: string) {
  const path = `${directory}/combined.zip`;
  writeFileSync(path, cloud.objects.get('bucket/app') ?? '');
  return zipSource(path).readText(name);
}
