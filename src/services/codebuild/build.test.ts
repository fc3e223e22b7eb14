import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ZipFile } from 'yazl';
import type { OpenDatabase } from '../../db/database.ts';
import { eachDialect } from '../../db/testing.ts';
import { tarOf } from '../../executors/testing.ts';
import { ManualClock } from '../../lib/clock.ts';
import { perform } from '../../testing.ts';
import { retryBuild, startBuild } from './operations/builds.ts';
import { deleteProject, invalidateProjectCache } from './operations/projects.ts';
import { findBuild } from './store/builds.ts';
import {
  findCoverage,
  findGroup,
  findReport,
  findTestCases,
  insertGroup,
} from './store/reports.ts';
import {
  ACCOUNT,
  type FakeCloud,
  freshServer,
  ROLE,
  type TestServer,
  type temporaryDirectory,
  testServer,
} from './testing.ts';

/** Makes a report of the group `app-unit`. */
const REPORTING =
  'version: 0.2\nphases: {build: {commands: ["echo \'<testsuite/>\' > r.xml"]}}\nreports: {unit: {files: r.xml}}\n';

const phases = (build: { phases?: { phaseType?: string; phaseStatus?: string }[] }) =>
  (build.phases ?? []).map(({ phaseType, phaseStatus }) => `${phaseType} ${phaseStatus ?? '-'}`);

eachDialect('a build', (makeDatabase) => {
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

  test('CB-A24: runs through all phases, with its log and its events', async () => {
    const build = await server.run(
      'version: 0.2\nphases:\n  build:\n    commands:\n      - echo hello from $CODEBUILD_BUILD_ID\n',
    );
    expect(build).toMatchObject({
      buildStatus: 'SUCCEEDED',
      buildComplete: true,
      buildNumber: 1,
      initiator: 'alice',
    });
    expect(phases(build)).toEqual([
      ...[
        'SUBMITTED',
        'QUEUED',
        'PROVISIONING',
        'DOWNLOAD_SOURCE',
        'INSTALL',
        'PRE_BUILD',
        'BUILD',
        'POST_BUILD',
        'UPLOAD_ARTIFACTS',
        'FINALIZING',
      ].map((name) => `${name} SUCCEEDED`),
      'COMPLETED -',
    ]);
    expect(cloud.text).toContain(`\nhello from ${build.id}\n`);
    // Delivered by a reconciler of their own, after the commit that ends the build.
    const statuses = () =>
      server.events
        .filter((event) => event['detail-type'] === 'CodeBuild Build State Change')
        .map((event) => event.detail['build-status']);
    await expect.poll(statuses, { timeout: 10_000 }).toEqual(['IN_PROGRESS', 'SUCCEEDED']);
  });

  const slow =
    'version: 0.2\nphases:\n  build:\n    commands:\n      - echo begun\n      - sleep 60\n';
  test('CB-A27: StopBuild ends a running build, and one that has not begun', async () => {
    await server.createProject({ source: { type: 'NO_SOURCE', buildspec: slow } });
    const running = (await server.startBuild()).id ?? '';
    await server.reached(running, 'BUILD');
    // As AWS answers: with what became of the build.
    const stopped = await server.stopBuild(running);
    expect(stopped).toMatchObject({
      buildStatus: 'STOPPED',
      currentPhase: 'COMPLETED',
      buildComplete: true,
    });
    expect(phases(stopped).slice(-2)).toEqual(['BUILD STOPPED', 'COMPLETED -']);
    const fresh = (await server.startBuild()).id ?? '';
    await server.stopBuild(fresh);
    const build = await server.ended(fresh);
    expect(build.buildStatus).toBe('STOPPED');
    expect(phases(build).at(-1)).toBe('COMPLETED -');
  });

  test('CB-A27: a build whose time is up is TIMED_OUT in its phase', async () => {
    const clock = new ManualClock(new Date());
    await server.stop();
    server = await testServer({ database, cloud, dataDir: directory.path, clock });
    await server.createProject({
      source: { type: 'NO_SOURCE', buildspec: slow },
      timeoutInMinutes: 7,
    });
    const id = (await server.startBuild()).id ?? '';
    await server.reached(id, 'BUILD');
    clock.advance(7 * 60_000);
    const build = await server.ended(id);
    expect(build.buildStatus).toBe('TIMED_OUT');
    expect(build.phases?.find(({ phaseType }) => phaseType === 'BUILD')).toMatchObject({
      phaseStatus: 'TIMED_OUT',
      contexts: [
        { statusCode: 'BUILD_TIMED_OUT', message: 'Build has timed out after 7 minutes.' },
      ],
    });
  });

  test('a server that takes over follows the running build to its end, each line once', async () => {
    const commands = ['echo first', 'while [ ! -e go ]; do sleep 0.05; done', 'echo last'];
    await server.createProject({
      source: {
        type: 'NO_SOURCE',
        buildspec: `version: 0.2\nphases: {build: {commands: ${JSON.stringify(commands)}}}\n`,
      },
    });
    const { id = '' } = await server.startBuild();
    await server.reached(id, 'BUILD');
    await server.stop();
    server = await testServer({ database, cloud, dataDir: directory.path });
    const found = await findBuild(database.db, { accountId: ACCOUNT, region: 'eu-west-1' }, id);
    const { handle = '', sources = [] } = found?.run ?? {};
    await server.platform.executors.copyIn(handle, sources[0]?.directory ?? '', tarOf({ go: '' }));
    const build = await server.ended(id);
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(cloud.text.match(/^(first|last)$/gm)).toEqual(['first', 'last']);
    expect(cloud.text.match(/Entering phase/g)).toHaveLength(4);
  });

  test('work that was lost is a FAULT', async () => {
    await server.createProject({
      source: {
        type: 'NO_SOURCE',
        buildspec: 'version: 0.2\nphases: {build: {commands: ["kill -9 $PPID; sleep 60"]}}\n',
      },
    });
    const { id = '' } = await server.startBuild();
    expect(await server.ended(id)).toMatchObject({ buildStatus: 'FAULT' });
  });

  test('CB-J12: an idempotency token starts one build; with other parameters it is refused', async () => {
    await server.createProject();
    const first = await server.startBuild({ idempotencyToken: 'token' });
    expect((await server.startBuild({ idempotencyToken: 'token' })).id).toBe(first.id);
    await expect(
      server.startBuild({ idempotencyToken: 'token', imageOverride: 'other' }),
    ).rejects.toThrow('idempotency token');
    await server.ended(first.id ?? '');
    expect((await server.startBuild()).buildNumber).toBe(2);
    await expect(server.startBuild({ idempotencyToken: 't'.repeat(65) })).rejects.toThrow('64');
  });

  test('CB-J12: the token of a retry is that build’s; numbers begin behind those of builds that are still there', async () => {
    await server.createProject();
    const [one, other] = [await server.startBuild(), await server.startBuild()];
    await Promise.all([one, other].map(({ id = '' }) => server.ended(id)));
    const retry = (id: string | undefined) =>
      perform(retryBuild, server.context, { id, idempotencyToken: 'r' });
    const { build } = await retry(one.id);
    expect((await retry(one.id)).build?.id).toBe(build?.id);
    await expect(retry(other.id)).rejects.toThrow('idempotency token');
    await expect(server.startBuild({ idempotencyToken: 'r' })).rejects.toThrow('idempotency token');
    await server.ended(build?.id ?? '');
    await perform(deleteProject, server.context, { name: 'app' });
    await server.createProject();
    expect((await server.startBuild()).buildNumber).toBe(4);
  });

  test('BatchGetProjects shows the lists of a project that are empty', async () => {
    await server.createProject();
    const { projects } = await server.getProjects(['app']);
    expect(projects).toMatchObject([{ secondarySources: [], secondaryArtifacts: [] }]);
  });

  test('CB-J2: more builds than the project allows are refused', async () => {
    await server.createProject({
      source: { type: 'NO_SOURCE', buildspec: slow },
      concurrentBuildLimit: 1,
    });
    const { id = '' } = await server.startBuild();
    await expect(server.startBuild()).rejects.toThrow(
      'Cannot have more than 1 active builds for the account',
    );
    await server.stopBuild(id);
    await server.ended(id);
  });

  test("a role that may not write logs fails the build in PROVISIONING, in AWS's words", async () => {
    cloud.denied.add('CreateLogStreamCommand');
    const build = await server.run(slow);
    expect(build.buildStatus).toBe('FAILED');
    expect(build.phases?.find(({ phaseStatus }) => phaseStatus === 'FAILED')).toMatchObject({
      phaseType: 'PROVISIONING',
      contexts: [
        {
          statusCode: 'ACCESS_DENIED',
          message: expect.stringMatching(
            /^Service role .* does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for build /,
          ),
        },
      ],
    });
  });

  test('CB-D5: a pipeline hands over zips and takes zips', async () => {
    const zip = new ZipFile();
    const spec =
      'version: 0.2\nphases: {build: {commands: ["cat $CODEBUILD_SRC_DIR_Other_One/b.txt a.txt > c.txt"]}}\nartifacts: {files: c.txt, secondary-artifacts: {Second: {files: a.txt}, Third: {files: c.txt}}}\n';
    zip.addBuffer(Buffer.from(spec), 'buildspec.yml');
    zip.addBuffer(Buffer.from('a'), 'a.txt');
    zip.addBuffer(Buffer.from('b'), 'b.txt');
    zip.end();
    cloud.objects.set('store/p/In/key', await buffer(zip.outputStream));
    await server.createProject({
      source: { type: 'CODEPIPELINE' },
      artifacts: { type: 'CODEPIPELINE' },
    });
    await expect(server.startBuild()).rejects.toThrow('is started by its pipeline');
    const location = 'arn:aws:s3:::store/p/In/key';
    const input = {
      sourceTypeOverride: 'CODEPIPELINE' as const,
      sourceLocationOverride: location,
      secondarySourcesOverride: [
        { type: 'CODEPIPELINE' as const, sourceIdentifier: 'Other-One', location },
      ],
      artifactsOverride: { type: 'CODEPIPELINE' as const },
      secondaryArtifactsOverride: ['Second', 'Third'].map((artifactIdentifier) => ({
        type: 'CODEPIPELINE' as const,
        artifactIdentifier,
        location: 'store',
        path: `p/${artifactIdentifier}`,
        name: 'xyz',
        packaging: 'ZIP' as const,
      })),
      encryptionKeyOverride: 'alias/store',
      environmentVariablesOverride: [
        { name: 'CODEBUILD_INITIATOR', value: 'codepipeline/p' },
        { name: 'CODEBUILD_RESOLVED_SOURCE_VERSION', value: 'abc123' },
      ],
    };
    await expect(server.startBuild(input)).rejects.toThrow(
      'CODEPIPELINE is for builds that a pipeline starts',
    );
    const { id = '' } = await server.startBuild(input, { asRole: true });
    const build = await server.ended(id);
    expect(build).toMatchObject({
      buildStatus: 'SUCCEEDED',
      initiator: 'codepipeline/p',
      resolvedSourceVersion: 'abc123',
      sourceVersion: location,
    });
    expect(build.environment?.environmentVariables).toEqual([]);
    expect(cloud.puts.map(({ key, input }) => [key, input.SSEKMSKeyId])).toEqual([
      ['store/p/Second/xyz', 'alias/store'],
      ['store/p/Third/xyz', 'alias/store'],
    ]);
  });

  test('CP-B8: what CodePipeline has built for an action is one build, though a registry has given it another password since', async () => {
    const sourceArn = `arn:aws:codepipeline:eu-west-1:${ACCOUNT}:p`;
    const service = 'codepipeline.amazonaws.com';
    const principal = { type: 'service', service, accountId: ACCOUNT, sourceArn };
    const as = Object.assign(Object.create(server.context), { principal });
    const ask = async (value: string) => {
      const input = {
        ...{ projectName: 'codepipeline/p', idempotencyToken: 'action', buildspecOverride: slow },
        ...{ sourceTypeOverride: 'CODEPIPELINE' as const, serviceRoleOverride: ROLE },
        sourceLocationOverride: 'arn:aws:s3:::store/none',
        environmentVariablesOverride: [{ name: 'PASSWORD', value }],
      };
      return (await perform(startBuild, as, input)).build?.id;
    };
    const id = await ask('one');
    expect(await ask('two')).toBe(id);
  });

  test('work that somebody removed is a FAULT, not a build that never ends', async () => {
    await server.createProject({ source: { type: 'NO_SOURCE', buildspec: slow } });
    const { id = '' } = await server.startBuild();
    await server.reached(id, 'BUILD');
    await server.stop();
    const found = await findBuild(database.db, { accountId: ACCOUNT, region: 'eu-west-1' }, id);
    await server.platform.executors.remove(found?.run.handle ?? '');
    server = await testServer({ database, cloud, dataDir: directory.path });
    const build = await server.ended(id);
    expect(build.buildStatus).toBe('FAULT');
    expect(build.phases?.find(({ phaseStatus }) => phaseStatus === 'FAULT')?.phaseType).toBe(
      'BUILD',
    );
  });

  test('CB-A21, CB-H2: test reports; a report that cannot be read does not fail the build', async () => {
    const xml =
      '<testsuite name="s"><testcase name="good"/><testcase name="bad"><failure message="why"/></testcase></testsuite>';
    const build = await server.run(`version: 0.2
phases: {build: {commands: [${JSON.stringify(`mkdir out && echo '${xml}' > out/a.xml && echo broken > out/b.xml`)}]}}
reports:
  unit: {files: [a.xml], base-directory: out}
  broken: {files: [out/b.xml], file-format: JunitXml}
  missing: {files: [none.xml]}
`);
    expect(build.buildStatus).toBe('SUCCEEDED');
    const found = await Promise.all(
      (build.reportArns ?? []).map((arn) =>
        findReport(database.db, { accountId: ACCOUNT, region: 'eu-west-1' }, arn),
      ),
    );
    expect(found.map((each) => [each?.name, each?.status])).toEqual([
      ['app-unit', 'FAILED'],
      ['app-broken', 'INCOMPLETE'],
      ['app-missing', 'INCOMPLETE'],
    ]);
    expect(found[0]?.testSummary).toMatchObject({
      total: 2,
      statusCounts: { SUCCEEDED: 1, FAILED: 1 },
    });
    const [arn = ''] = build.reportArns ?? [];
    const cases = await findTestCases(
      database.db,
      { accountId: ACCOUNT, region: 'eu-west-1' },
      arn,
    );
    expect(cases?.[0]).toMatchObject({
      name: 'bad',
      status: 'FAILED',
      message: 'why',
      testRawDataPath: '/a.xml',
      reportArn: build.reportArns?.[0],
    });
    expect(cloud.text).toContain('A report file cannot be read');
  });

  test.each([
    ['CreateReportGroup', 'error creating report group'],
    ['CreateReport', 'error creating report'],
    ['BatchPutTestCases', 'error uploading test cases'],
    ['UpdateReport', 'error updating report'],
  ])(
    'a role without codebuild:%s makes no report, and fails UPLOAD_ARTIFACTS',
    async (name, what) => {
      cloud.denied.add(`codebuild:${name}`);
      const build = await server.run(REPORTING);
      const failed = build.phases?.find(({ phaseStatus }) => phaseStatus === 'FAILED');
      const arn = `arn:aws:codebuild:eu-west-1:${ACCOUNT}:report-group/app-unit`;
      expect([build.buildStatus, build.reportArns, failed?.phaseType, failed?.contexts]).toEqual([
        'FAILED',
        undefined,
        'UPLOAD_ARTIFACTS',
        [
          {
            statusCode: 'CLIENT_ERROR',
            message: `Error in UPLOAD_ARTIFACTS phase: [unit: [${what}: AccessDeniedException: not authorized to perform: codebuild:${name} on resource: ${arn}]]`,
          },
        ],
      ]);
      const owner = { accountId: ACCOUNT, region: 'eu-west-1' };
      expect(await findGroup(database.db, owner, 'app-unit')).toBeUndefined();
    },
  );

  test.each([
    ['NONE', ['raw/app-cover:UUID/out/lcov.info']],
    ['ZIP', ['raw/app-cover:UUID.zip']],
  ] as const)(
    'CB-H4, CB-H5: coverage, its files exported (%s); a group of another type makes none',
    async (packaging, keys) => {
      const owner = { accountId: ACCOUNT, region: 'eu-west-1' };
      const group = (name: string, type: 'TEST' | 'CODE_COVERAGE') => ({
        ...{ name, type, arn: `arn:aws:codebuild:eu-west-1:${ACCOUNT}:report-group/${name}` },
        created: new Date(0),
        lastModified: new Date(0),
        exportConfig: {
          exportConfigType: 'S3' as const,
          s3Destination: { bucket: 'reports', path: 'raw/', packaging, bucketOwner: ACCOUNT },
        },
      });
      await database.transaction((tx) =>
        insertGroup(tx, owner, group('app-cover', 'CODE_COVERAGE')),
      );
      await database.transaction((tx) => insertGroup(tx, owner, group('app-tests', 'TEST')));
      const build = await server.run(`version: 0.2
phases: {build: {commands: ["mkdir out && printf 'SF:a.js\\nDA:1,1\\nDA:2,0\\n' > out/lcov.info"]}}
reports:
  cover: {files: ['out/*'], file-format: lcov}
  tests: {files: ['out/*'], file-format: lcov}
`);
      expect(build.buildStatus).toBe('SUCCEEDED');
      const [arn = '', ...others] = build.reportArns ?? [];
      expect(others).toEqual([]);
      expect(await findReport(database.db, owner, arn)).toMatchObject({
        ...{ type: 'CODE_COVERAGE', status: 'SUCCEEDED' },
        codeCoverageSummary: { lineCoveragePercentage: 50, linesCovered: 1, linesMissed: 1 },
      });
      expect(await findCoverage(database.db, owner, arn)).toMatchObject([
        { filePath: 'a.js', linesCovered: 1, linesMissed: 1, reportARN: arn },
      ]);
      expect(await findTestCases(database.db, owner, arn)).toEqual([]);
      const uuid = build.id?.split(':')[1] ?? '';
      const put = cloud.puts.map(({ input }) => input).filter(({ Bucket }) => Bucket === 'reports');
      expect(put.map(({ Key }) => Key)).toEqual(keys.map((key) => key.replace('UUID', uuid)));
      expect(put[0]).toMatchObject({
        ExpectedBucketOwner: ACCOUNT,
        ServerSideEncryption: 'aws:kms',
      });
      expect(cloud.text).toContain('Skipping report tests: file-format LCOV is of the type');
    },
  );

  test('CB-E2: the whole log in S3, masked; a bucket that refuses it costs the build nothing', async () => {
    cloud.secrets.set('pin', 'tell-nobody');
    const s3Logs = (location: string) => ({ s3Logs: { status: 'ENABLED' as const, location } });
    const spec =
      'version: 0.2\nenv: {secrets-manager: {PIN: pin}}\nphases: {build: {commands: ["echo the $PIN"]}}\n';
    const build = await server.run(spec, { logsConfig: s3Logs('logs/builds') });
    expect(build.buildStatus).toBe('SUCCEEDED');
    const key = `logs/builds/${build.id?.split(':')[1]}.gz`;
    expect(build.logs?.s3LogsArn).toBe(`arn:aws:s3:::${key}`);
    const text = gunzipSync(cloud.objects.get(key) ?? Buffer.alloc(0)).toString();
    expect(text).toContain('\nthe ***\n');
    expect(text).not.toContain('tell-nobody');
    expect(text.split('Entering phase BUILD')).toHaveLength(2);
    cloud.denied.add('PutObjectCommand');
    const other = await server.ended((await server.startBuild()).id ?? '');
    expect(other.buildStatus).toBe('SUCCEEDED');
    expect(cloud.text).toContain('The log is not in S3: AccessDenied');
  });

  test('CB-F1, CB-F2: the next build has what the last one kept; errors of a cache fail no build', async () => {
    const script = [
      'ls -l node_modules/a link 2>&1; cat ~/.tool/b outside 2>/dev/null || echo fresh',
      'mkdir -p node_modules ~/.tool && echo A > node_modules/a && chmod 750 node_modules/a',
      'ln -sf node_modules/a link && echo B > ~/.tool/b',
    ];
    const paths = ['node_modules/**/*', 'link', '/root/.tool/**/*', 'none/**/*'];
    const spec = JSON.stringify({
      version: 0.2,
      phases: { build: { commands: script } },
      cache: { paths },
    });
    const cache = { type: 'S3' as const, location: 'caches/app' };
    expect((await server.run(spec, { cache })).buildStatus).toBe('SUCCEEDED');
    const kept = [...cloud.objects.keys()].filter((key) => key.startsWith('caches/app/'));
    expect(kept).toHaveLength(1);
    expect(cloud.text).toContain('There is no cache yet');
    expect(cloud.text).toContain('\nfresh\n');
    expect(cloud.text).toContain('Nothing is kept of none/**/*: it is not there');
    const again = async () => server.ended((await server.startBuild()).id ?? '');
    expect((await again()).buildStatus).toBe('SUCCEEDED');
    expect(cloud.text).toMatch(/-rwxr-x--- .* node_modules\/a\n/);
    expect(cloud.text).toMatch(/link -> node_modules\/a\n/);
    expect(cloud.text).toContain('\nB\n');
    // What lies there now is no archive.
    cloud.objects.set(kept[0] ?? '', Buffer.from('x'));
    expect((await again()).buildStatus).toBe('SUCCEEDED');
    expect(cloud.text).toContain('The cache cannot be used: ');
    const freshBefore = cloud.text.split('\nfresh\n').length;
    await perform(invalidateProjectCache, server.context, { projectName: 'app' });
    expect((await again()).buildStatus).toBe('SUCCEEDED');
    expect(cloud.text.split('\nfresh\n')).toHaveLength(freshBefore + 1);
    cloud.denied.add('PutObjectCommand');
    expect((await again()).buildStatus).toBe('SUCCEEDED');
    expect(cloud.text).toContain('The cache is not kept: AccessDenied');
  });

  test('CB-H3: a report is deleted when its time is over', async () => {
    await server.stop();
    const clock = new ManualClock(new Date());
    server = await testServer({ database, cloud, dataDir: directory.path, clock });
    const { reportArns: [arn = ''] = [] } = await server.run(REPORTING);
    const owner = { accountId: ACCOUNT, region: 'eu-west-1' };
    const report = await findReport(database.db, owner, arn);
    expect(report?.expired).toEqual(new Date(clock.now().getTime() + 30 * 86_400_000));
    clock.advance(30 * 86_400_000);
    await vi.waitFor(async () => expect(await findReport(database.db, owner, arn)).toBeUndefined());
  });

  test('a group that is there needs no codebuild:CreateReportGroup', async () => {
    expect((await server.run(REPORTING)).buildStatus).toBe('SUCCEEDED');
    cloud.denied.add('codebuild:CreateReportGroup');
    const { id = '' } = await server.startBuild();
    expect((await server.ended(id)).buildStatus).toBe('SUCCEEDED');
  });
});
