import { spawn } from 'node:child_process';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetBuildBatchesCommand,
  BatchGetBuildsCommand,
  type Build,
  type BuildBatch,
  CodeBuildClient,
  CreateProjectCommand,
  type CreateProjectCommandInput,
  StartBuildCommand,
  type StartBuildCommandInput,
  StopBuildBatchCommand,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aws, aws2, awsError, noAws, noAws2 } from './aws.ts';
import { eventually, randomMoments } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';
import { words } from './words.ts';

const MINUTE = 60_000;
const TRUST = (service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });

let server: TestServer;
let codebuild: CodeBuildClient;
let logs: CloudWatchLogsClient;
let serviceRole = '';

beforeAll(async () => {
  server = await startServer();
  codebuild = new CodeBuildClient(server.client);
  logs = new CloudWatchLogsClient(server.client);
  serviceRole = await makeRole('builder', TRUST('codebuild.amazonaws.com'));
  await new S3Client({ ...server.client, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: 'artifacts' }),
  );
}, MINUTE);

afterAll(() => server?.stop());

async function makeRole(RoleName: string, AssumeRolePolicyDocument: string): Promise<string> {
  const iam = new IAMClient(server.client);
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const actions = ['logs:*', 's3:*', 'ssm:*', 'secretsmanager:*', 'codecommit:GitPull'];
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
  });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'build', PolicyDocument }));
  return Role?.Arn ?? '';
}

const script = (...commands: string[]) =>
  `version: 0.2\nphases:\n  build:\n    commands:\n${commands.map((command) => `      - ${JSON.stringify(command)}\n`).join('')}`;

async function createProject(
  name: string,
  project: Partial<CreateProjectCommandInput>,
): Promise<void> {
  await codebuild.send(
    new CreateProjectCommand({
      name,
      source: { type: 'NO_SOURCE', buildspec: script('true') },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        type: 'LINUX_CONTAINER',
        image: 'alpine',
        computeType: 'BUILD_GENERAL1_SMALL',
      },
      serviceRole,
      ...project,
    }),
  );
}

async function start(
  projectName: string,
  input: Partial<StartBuildCommandInput> = {},
): Promise<string> {
  const { build } = await codebuild.send(new StartBuildCommand({ projectName, ...input }));
  return build?.id ?? '';
}

async function look(id: string): Promise<Build | undefined> {
  const { builds } = await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
  return builds?.[0];
}

const ended = (id: string) =>
  eventually(`the end of ${id}`, async () => {
    const build = await look(id);
    return build?.buildComplete && build;
  });

async function logOf(build: Build): Promise<string> {
  const where = {
    logGroupName: build.logs?.groupName,
    logStreamName: build.logs?.streamName,
    startFromHead: true,
  };
  let text = '';
  let nextToken: string | undefined;
  for (;;) {
    const page = await logs.send(new GetLogEventsCommand({ ...where, nextToken }));
    text += (page.events ?? []).map(({ message }) => message).join('');
    if (page.nextForwardToken === nextToken) return text;
    nextToken = page.nextForwardToken;
  }
}

const failures = (build: Build) =>
  (build.phases ?? []).flatMap(({ phaseType, phaseStatus, contexts }) =>
    phaseStatus && phaseStatus !== 'SUCCEEDED'
      ? [`${phaseType} ${phaseStatus} ${contexts?.[0]?.statusCode}: ${contexts?.[0]?.message}`]
      : [],
  );

test(
  'a CodeCommit source is cloned, built with parameter and secret, masked, and its artifact kept encrypted',
  async () => {
    const codecommit = new CodeCommitClient(server.client);
    const { repositoryMetadata } = await codecommit.send(
      new CreateRepositoryCommand({ repositoryName: 'app' }),
    );
    const buildspec = `version: 0.2
env:
  parameter-store: { LEVEL: /app/level }
  secrets-manager: { TOKEN: "app/key:token" }
  exported-variables: [VERSION]
phases:
  build:
    commands:
      - echo "level $LEVEL token $TOKEN"
      - export VERSION=$(git rev-parse HEAD)
      - mkdir out && printf "%s" "$TOKEN" | wc -c > out/length.txt
artifacts:
  base-directory: out
  files: "**/*"
`;
    const { commitId } = await codecommit.send(
      new PutFileCommand({
        repositoryName: 'app',
        branchName: 'main',
        filePath: 'buildspec.yml',
        fileContent: Buffer.from(buildspec),
      }),
    );
    await new SSMClient(server.client).send(
      new PutParameterCommand({ Name: '/app/level', Value: 'a-level', Type: 'SecureString' }),
    );
    await new SecretsManagerClient(server.client).send(
      new CreateSecretCommand({ Name: 'app/key', SecretString: '{"token":"a-secret"}' }),
    );
    await createProject('clone', {
      source: { type: 'CODECOMMIT', location: repositoryMetadata?.cloneUrlHttp, gitCloneDepth: 1 },
      artifacts: {
        type: 'S3',
        location: 'artifacts',
        path: 'builds',
        name: 'app.zip',
        packaging: 'ZIP',
      },
    });
    const build = await ended(await start('clone'));
    expect(failures(build)).toEqual([]);
    expect(build).toMatchObject({
      buildStatus: 'SUCCEEDED',
      resolvedSourceVersion: commitId,
      exportedEnvironmentVariables: [{ name: 'VERSION', value: commitId }],
      artifacts: { location: 'arn:aws:s3:::artifacts/builds/app.zip' },
    });
    const text = await logOf(build);
    expect(text).toContain('\nlevel *** token ***\n');
    expect(text).not.toMatch(/a-level|a-secret/);
    const object = await new S3Client({ ...server.client, forcePathStyle: true }).send(
      new GetObjectCommand({ Bucket: 'artifacts', Key: 'builds/app.zip' }),
    );
    expect(object.ServerSideEncryption).toBe('aws:kms');
    expect(object.Metadata?.['codebuild-buildarn']).toBe(build.arn);
  },
  MINUTE,
);

test('the same source from S3, as a pipeline hands it over is refused to anybody else', async () => {
  await createProject('refused', {});
  await expect(
    start('refused', {
      sourceTypeOverride: 'CODEPIPELINE',
      sourceLocationOverride: 'arn:aws:s3:::artifacts/x',
      artifactsOverride: { type: 'CODEPIPELINE' },
    }),
  ).rejects.toThrow(/CODEPIPELINE/);
});

test('CB-A2: a broken buildspec fails in DOWNLOAD_SOURCE, with the place of the mistake', async () => {
  await createProject('broken', {
    source: {
      type: 'NO_SOURCE',
      buildspec: 'version: 0.2\nphases:\n  biuld:\n    commands: [ls]\n',
    },
  });
  const build = await ended(await start('broken'));
  expect(failures(build)).toEqual([
    'DOWNLOAD_SOURCE FAILED YAML_FILE_ERROR: Unknown key "biuld" in phases at line 3 (buildspec:3:3)',
  ]);
});

test("a role that does not trust CodeBuild is refused in AWS's words", async () => {
  const role = await makeRole('stranger', TRUST('ec2.amazonaws.com'));
  await expect(createProject('untrusted', { serviceRole: role })).rejects.toThrow(
    `CodeBuild is not authorized to perform: sts:AssumeRole on ${role}`,
  );
});

test(
  'CB-A27: StopBuild ends the work, also what ignores being asked',
  async () => {
    await createProject('stopped', {
      source: { type: 'NO_SOURCE', buildspec: script('echo started', 'sleep 300') },
    });
    const id = await start('stopped');
    await eventually('the sleep', async () => {
      const build = await look(id);
      return build && (await logOf(build)).includes('Running command sleep');
    });
    await codebuild.send(new StopBuildCommand({ id }));
    const build = await ended(id);
    expect(build.buildStatus).toBe('STOPPED');
    expect(failures(build)).toEqual(['BUILD STOPPED : ']);
  },
  MINUTE,
);

test(
  'kill -9 at random moments: the build goes on, its log has no gap and no repeat',
  async () => {
    const count = 400;
    const loop = `i=0; while [ $i -lt ${count} ]; do i=$((i+1)); echo "line $i"; sleep 0.02; done`;
    await createProject('survivor', {
      source: { type: 'NO_SOURCE', buildspec: script('echo pid $$', loop, 'echo after') },
    });
    const seed = Date.now();
    const moment = randomMoments(seed);
    const id = await start('survivor');
    for (let kill = 0; kill < 4; kill++) {
      await moment(1500);
      await server.kill();
      await server.restart();
    }
    const build = await ended(id);
    const text = await logOf(build);
    expect(failures(build), `seed ${seed}`).toEqual([]);
    const lines = text.split('\n').filter((line) => /^(line \d+|after)$/.test(line));
    const wanted = [...Array.from({ length: count }, (_, i) => `line ${i + 1}`), 'after'];
    expect(lines, `seed ${seed}`).toEqual(wanted);
    expect(text.match(/^pid \d+$/gm)).toHaveLength(1);
  },
  2 * MINUTE,
);

describe.skipIf(noAws)('the aws command', () => {
  test(
    'creates, starts, shows and lists',
    async () => {
      const spec = JSON.stringify({
        type: 'NO_SOURCE',
        buildspec: script('aws --endpoint-url $AWS_ENDPOINT_URL sts get-caller-identity'),
      });
      await aws(server)`codebuild create-project --name cli --source ${spec}
        --artifacts type=NO_ARTIFACTS
        --environment type=LINUX_CONTAINER,image=alpine,computeType=BUILD_GENERAL1_SMALL
        --service-role ${serviceRole}`;
      const { build } = (await aws(server)`codebuild start-build --project-name cli`) as {
        build: Build;
      };
      const done = await ended(build.id ?? '');
      expect(failures(done)).toEqual([]);
      expect(await logOf(done)).toContain(':assumed-role/builder/AWSCodeBuild-');
      expect(await aws(server)`codebuild list-builds-for-project --project-name cli`).toEqual({
        ids: [build.id],
      });
      expect(await awsError(server)`codebuild start-build --project-name nowhere`).toMatch(
        /^ResourceNotFoundException: The provided project arn:aws:codebuild:us-east-1:\d{12}:project\/nowhere does not exist$/,
      );
    },
    MINUTE,
  );

  test(
    'CB-G5: the documented examples of batches, in the documented shapes',
    async () => {
      await new IAMClient(server.client).send(
        new PutRolePolicyCommand({
          ...{ RoleName: 'builder', PolicyName: 'batch' },
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'codebuild:StartBuild', Resource: '*' }],
          }),
        }),
      );
      const list = ['linux_small', 'linux_medium'].map((identifier, at) => ({
        ...{ identifier, ...(at > 0 && { 'depend-on': ['linux_small'] }) },
      }));
      const phases = { build: { commands: ['false'] } };
      const buildspec = JSON.stringify({ version: 0.2, batch: { 'build-graph': list }, phases });
      await createProject('batch-cli', {
        source: { type: 'NO_SOURCE', buildspec },
        buildBatchConfig: { serviceRole },
      });
      const { buildBatch: started } = (await aws(
        server,
      )`codebuild start-build-batch --project-name batch-cli`) as { buildBatch: BuildBatch };
      const id = started.id ?? '';
      expect(started).toMatchObject({
        ...{ currentPhase: 'SUBMITTED', buildBatchStatus: 'IN_PROGRESS', complete: false },
        ...{ artifacts: { location: '' }, cache: { type: 'NO_CACHE' }, buildBatchNumber: 1 },
        buildBatchConfig: { restrictions: { maximumBuildsAllowed: 100 }, timeoutInMins: 480 },
      });
      expect(started).not.toHaveProperty('phases');
      const found = await eventually('the batch to end', async () => {
        const command = new BatchGetBuildBatchesCommand({ ids: [id] });
        return (await codebuild.send(command)).buildBatches?.find(({ complete }) => complete);
      });
      expect(found.phases?.map((phase) => [phase.phaseType, phase.phaseStatus])).toEqual([
        ...[
          ['SUBMITTED', 'SUCCEEDED'],
          ['DOWNLOAD_BATCHSPEC', 'SUCCEEDED'],
        ],
        ...[
          ['IN_PROGRESS', 'CLIENT_ERROR'],
          ['FAILED', undefined],
        ],
      ]);
      const { buildBatch: again } = (await aws(server)`codebuild retry-build-batch --id ${id}`) as {
        buildBatch: BuildBatch;
      };
      expect(again).toMatchObject({ currentPhase: 'SUBMITTED', complete: false });
      expect(again.phases?.at(-2)).toMatchObject({ phaseType: 'FAILED', phaseStatus: 'RETRY' });
      const { buildBatch: stopped } = await codebuild.send(new StopBuildBatchCommand({ id }));
      expect(stopped?.complete).toBe(true);
      const gone = (await aws(server)`codebuild delete-build-batch --id ${id}`) as object;
      expect(gone).toMatchObject({ statusCode: 'BATCH_DELETED', buildsNotDeleted: [] });
    },
    MINUTE,
  );
});

test.skipIf(noAws2)(
  '`aws logs tail --follow` shows the lines of a running build as they come',
  async () => {
    const buildspec = script('i=0; while sleep 0.2; do i=$((i + 1)); echo "line $i"; done');
    await createProject('tailed', { source: { type: 'NO_SOURCE', buildspec } });
    const id = await start('tailed');
    const { logs: place } = await eventually(`the log of ${id}`, async () => {
      const build = await look(id);
      return build?.logs?.groupName !== undefined && (await logOf(build)) !== '' && build;
    });
    const args = words`--endpoint-url ${server.endpoint}
      logs tail ${place?.groupName ?? ''} --follow --format short`;
    // Into a pipe Python would write by blocks.
    const env = { ...server.env, PYTHONUNBUFFERED: '1' };
    const tail = spawn(aws2 ?? '', args, { env });
    let output = '';
    tail.stdout.on('data', (chunk) => {
      output += chunk;
    });
    const lines = () => [...output.matchAll(/^\S+ line (\d+)$/gm)].map((line) => Number(line[1]));
    try {
      const early = await eventually('the first lines', async () => lines().length > 0 && lines());
      await eventually('more lines', async () => lines().length > early.length);
      expect((await look(id))?.buildComplete).toBe(false);
    } finally {
      tail.kill();
      await codebuild.send(new StopBuildCommand({ id }));
    }
    expect(lines()).toEqual(lines().map((_, i) => i + 1));
  },
  2 * MINUTE,
);
