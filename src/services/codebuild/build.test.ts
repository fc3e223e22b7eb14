import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { FakeCloud, schema, type TestServer, temporaryDirectory, testServer } from './testing.ts';

const phases = (build: { phases?: { phaseType?: string; phaseStatus?: string }[] }) =>
  (build.phases ?? []).map(({ phaseType, phaseStatus }) => `${phaseType} ${phaseStatus ?? '-'}`);

eachDialect('a build', (makeDatabase) => {
  let cloud: FakeCloud;
  let server: TestServer;
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(async () => {
    cloud = new FakeCloud();
    directory = temporaryDirectory();
    server = await testServer({
      database: await makeDatabase(...schema),
      cloud,
      dataDir: directory.path,
    });
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
    expect(
      server.events
        .filter((event) => event['detail-type'] === 'CodeBuild Build State Change')
        .map((event) => event.detail['build-status']),
    ).toEqual(['IN_PROGRESS', 'SUCCEEDED']);
  });
});
