import { buffer } from 'node:stream/consumers';
import { CodeBuildClient, CreateProjectCommand } from '@aws-sdk/client-codebuild';
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit';
import {
  type ActionDeclaration,
  type ActionExecutionDetail,
  CodePipelineClient,
  CreatePipelineCommand,
  DisableStageTransitionCommand,
  EnableStageTransitionCommand,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListActionTypesCommand,
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
  RetryStageExecutionCommand,
  StartPipelineExecutionCommand,
  StopPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import yazl from 'yazl';
import { trust } from '../src/cli/demo/policies.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

/** CodePipeline with the SDK's own clients: every provider against the real services, and what goes wrong in them. */
describe('CodePipeline', () => {
  let server: TestServer;
  let iam: IAMClient;
  let s3: S3Client;
  let pipelines: CodePipelineClient;
  let codecommit: CodeCommitClient;

  const policy = (...statements: [string[], string][]) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: statements.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource })),
    });
  const roleArn = (name: string) => `arn:aws:iam::${server.accountId}:role/${name}`;

  async function makeRole(name: string, service: string, document: string) {
    const AssumeRolePolicyDocument = trust(service);
    await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
    const given = { RoleName: name, PolicyName: name, PolicyDocument: document };
    await iam.send(new PutRolePolicyCommand(given));
  }

  async function makeBucket(Bucket: string, versioned = true) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    if (!versioned) return;
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }

  beforeAll(async () => {
    server = await startServer();
    iam = new IAMClient(server.client);
    s3 = new S3Client({ ...server.client, forcePathStyle: true });
    pipelines = new CodePipelineClient(server.client);
    codecommit = new CodeCommitClient(server.client);
    for (const bucket of ['artifacts', 'inbox', 'site']) await makeBucket(bucket);
    await makeBucket('plain', false);
    const service = 'codepipeline.amazonaws.com';
    const everything = ['s3:*', 'codecommit:*', 'codebuild:*'];
    await makeRole('pipeline', service, policy([everything, '*']));
    await makeRole('no-artifacts', service, policy([['s3:*'], 'arn:aws:s3:::inbox*']));
    await makeRole('no-builds', service, policy([['s3:*', 'codecommit:*'], '*']));
    await makeRole('build', 'codebuild.amazonaws.com', policy([['s3:*', 'logs:*'], '*']));
    await makeSources();
  });

  afterAll(async () => {
    await server?.stop();
  });

  async function makeSources() {
    await codecommit.send(new CreateRepositoryCommand({ repositoryName: 'web' }));
    await commit('buildspec.yml', BUILDSPEC);
    await new CodeBuildClient(server.client).send(
      new CreateProjectCommand({
        name: 'web',
        source: { type: 'CODEPIPELINE' },
        artifacts: { type: 'CODEPIPELINE' },
        environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
        serviceRole: roleArn('build'),
      }),
    );
  }

  let head: string | undefined;
  async function commit(filePath: string, text: string) {
    const request = new PutFileCommand({
      repositoryName: 'web',
      branchName: 'main',
      filePath,
      fileContent: Buffer.from(text),
      parentCommitId: head,
      commitMessage: `Add ${filePath}`,
    });
    head = (await codecommit.send(request)).commitId;
    return head;
  }

  async function upload(Key: string, files: Record<string, string>) {
    const zip = new yazl.ZipFile();
    for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
    zip.end();
    const Body = await buffer(zip.outputStream);
    return (await s3.send(new PutObjectCommand({ Bucket: 'inbox', Key, Body }))).VersionId;
  }

  const type = (category: 'Source' | 'Build' | 'Approval' | 'Deploy', provider: string) => ({
    actionTypeId: { category, owner: 'AWS' as const, provider, version: '1' },
  });
  const fromRepository = (configuration = {}): ActionDeclaration => ({
    name: 'Commit',
    namespace: 'src',
    ...type('Source', 'CodeCommit'),
    configuration: { RepositoryName: 'web', BranchName: 'main', ...configuration },
    outputArtifacts: [{ name: 'Source' }],
  });
  const fromBucket = (S3ObjectKey: string, S3Bucket = 'inbox'): ActionDeclaration => ({
    name: 'Object',
    namespace: 'src',
    ...type('Source', 'S3'),
    configuration: { S3Bucket, S3ObjectKey },
    outputArtifacts: [{ name: 'Source' }],
  });
  const build = (configuration = {}, more = {}): ActionDeclaration => ({
    name: 'Build',
    namespace: 'built',
    ...type('Build', 'CodeBuild'),
    configuration: { ProjectName: 'web', ...configuration },
    inputArtifacts: [{ name: 'Source' }],
    outputArtifacts: [{ name: 'App' }],
    ...more,
  });
  const toBucket = (
    configuration: Record<string, string>,
    input = 'Source',
  ): ActionDeclaration => ({
    name: 'Site',
    ...type('Deploy', 'S3'),
    configuration: { BucketName: 'site', Extract: 'true', ...configuration },
    inputArtifacts: [{ name: input }],
  });
  const approval: ActionDeclaration = { name: 'Ok', ...type('Approval', 'Manual') };

  interface Options {
    role?: string;
    store?: string;
  }
  async function create(name: string, stages: ActionDeclaration[][], options: Options = {}) {
    const { role = 'pipeline', store = 'artifacts' } = options;
    const pipeline = {
      name,
      roleArn: roleArn(role),
      artifactStore: { type: 'S3' as const, location: store },
      stages: stages.map((actions, i) => ({ name: `S${i}`, actions })),
    };
    return pipelines.send(new CreatePipelineCommand({ pipeline }));
  }

  async function actions(pipelineName: string): Promise<ActionExecutionDetail[]> {
    const answer = await pipelines.send(new ListActionExecutionsCommand({ pipelineName }));
    return answer.actionExecutionDetails ?? [];
  }

  async function executions(pipelineName: string) {
    const answer = await pipelines.send(new ListPipelineExecutionsCommand({ pipelineName }));
    return answer.pipelineExecutionSummaries ?? [];
  }

  /** Waits until as many executions as that have ended, and returns how, oldest first. */
  const ended = (name: string, count = 1) =>
    eventually(`${count} executions of ${name}`, async () => {
      const all = await executions(name);
      const over = all.every((e) => e.status !== 'InProgress' && e.status !== 'Stopping');
      return all.length === count && over && all.map((e) => e.status).reverse();
    });

  const action = (pipeline: string, name: string, status: string) =>
    eventually(`${name} of ${pipeline} to be ${status}`, async () =>
      (await actions(pipeline)).find((a) => a.actionName === name && a.status === status),
    );

  async function textOf(Key: string): Promise<string | undefined> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'site', Key }));
    return Body?.transformToString();
  }

  test('CP-B2, CP-B6, CP-B10: commit, build with variables, approval, files in a bucket', async () => {
    const environment = JSON.stringify([{ name: 'COMMIT', value: '#{src.CommitId}' }]);
    await create('chain', [
      [fromRepository()],
      [build({ EnvironmentVariables: environment })],
      [approval],
      [
        toBucket({ ObjectKey: 'chain', CacheControl: 'max-age=60' }, 'App'),
        {
          ...toBucket({ Extract: 'false', ObjectKey: 'chain-#{built.VERSION}.zip' }, 'App'),
          name: 'Zip',
        },
      ],
    ]);
    const waiting = await action('chain', 'Ok', 'InProgress');
    await approve('chain', waiting.stageName ?? '', 'Ok');
    expect(await ended('chain')).toEqual(['Succeeded']);
    expect(await textOf('chain/commit.txt')).toBe(head);
    const page = await s3.send(new HeadObjectCommand({ Bucket: 'site', Key: 'chain/index.html' }));
    expect(page).toMatchObject({ ContentType: 'text/html', CacheControl: 'max-age=60' });
    const zip = await s3.send(new HeadObjectCommand({ Bucket: 'site', Key: 'chain-v7.zip' }));
    expect(zip.ContentType).toBe('application/zip');
  });

  test('CP-C34, CP-C35, CP-C38: artifacts, revisions and variables show', async () => {
    const [execution] = await executions('chain');
    const { pipelineExecution } = await pipelines.send(
      new GetPipelineExecutionCommand({
        pipelineName: 'chain',
        pipelineExecutionId: execution?.pipelineExecutionId,
      }),
    );
    expect(pipelineExecution?.artifactRevisions).toMatchObject([
      { name: 'Source', revisionId: head, revisionSummary: expect.stringContaining('buildspec') },
    ]);
    const done = await actions('chain');
    const built = done.find((a) => a.actionName === 'Build');
    expect(built?.output?.outputVariables).toEqual({ VERSION: 'v7' });
    expect(built?.input?.resolvedConfiguration?.EnvironmentVariables).toContain(head);
    const [artifact] = built?.output?.outputArtifacts ?? [];
    expect(artifact?.s3location?.key).toMatch(/^chain\/App\/[A-Za-z0-9]{7}$/);
    const { bucket, key } = artifact?.s3location ?? {};
    const stored = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    expect(stored.ServerSideEncryption).toBe('aws:kms');
    expect(built?.output?.executionResult?.externalExecutionId).toMatch(/^web:/);
  });

  test('CP-C39: a push starts it once with that commit', async () => {
    const pushed = await commit('second.txt', 'second');
    const second = await eventually('the second execution', async () => {
      const all = await executions('chain');
      return all.length > 1 && all[0]?.sourceRevisions?.[0] && all[0];
    });
    expect(second.trigger?.triggerType).toBe('PollForSourceChanges');
    expect(second.sourceRevisions?.[0]?.revisionId).toBe(pushed);
    const { pipelineExecutionId } = second;
    await pipelines.send(
      new StopPipelineExecutionCommand({
        pipelineName: 'chain',
        pipelineExecutionId,
        abandon: true,
      }),
    );
    expect(await ended('chain', 2)).toEqual(['Succeeded', 'Stopped']);
  });

  test('CP-B1, CP-C10, CP-C12: an object starts it; a closed transition holds it; older versions can be asked for', async () => {
    const first = await upload('app.zip', { 'a.txt': 'one', 'deep/b.txt': 'b' });
    await create('objects', [[fromBucket('app.zip')], [toBucket({ ObjectKey: 'objects' })]]);
    expect(await ended('objects')).toEqual(['Succeeded']);
    expect(await textOf('objects/deep/b.txt')).toBe('b');
    const done = await actions('objects');
    expect(done.find((a) => a.actionName === 'Object')?.output).toMatchObject({
      outputVariables: { VersionId: first, BucketName: 'inbox', ObjectKey: 'app.zip' },
      executionResult: { externalExecutionSummary: `Amazon S3 version id: ${first}` },
    });

    const side = { pipelineName: 'objects', stageName: 'S1', transitionType: 'Inbound' as const };
    await pipelines.send(new DisableStageTransitionCommand({ ...side, reason: 'not today' }));
    await upload('app.zip', { 'a.txt': 'two' });
    const state = await eventually('the execution to wait', async () => {
      const { stageStates } = await pipelines.send(
        new GetPipelineStateCommand({ name: 'objects' }),
      );
      return stageStates?.[1]?.inboundExecution && stageStates[1];
    });
    expect(state.inboundTransitionState).toMatchObject({
      enabled: false,
      disabledReason: 'not today',
    });
    expect(await textOf('objects/a.txt')).toBe('one');
    await pipelines.send(new EnableStageTransitionCommand(side));
    await ended('objects', 2);
    expect(await textOf('objects/a.txt')).toBe('two');

    const revision = { actionName: 'Object', revisionType: 'S3_OBJECT_VERSION_ID' as const };
    const sourceRevisions = [{ ...revision, revisionValue: first }];
    await pipelines.send(new StartPipelineExecutionCommand({ name: 'objects', sourceRevisions }));
    await ended('objects', 3);
    expect(await textOf('objects/a.txt')).toBe('one');
  });

  test('kill -9 while a build runs: it is found again and ends once', async () => {
    await commit('slow', 'x');
    await create('killed', [[fromRepository({ PollForSourceChanges: 'false' })], [build()]]);
    await eventually('the build', async () => {
      const all = await actions('killed');
      return all.some((a) => a.output?.executionResult?.externalExecutionId?.startsWith('web:'));
    });
    await server.kill();
    await server.restart();
    expect(await ended('killed')).toEqual(['Succeeded']);
    expect(await actions('killed')).toHaveLength(2);
  });

  test('CP-B2, CP-B31: a reference in place of a ZIP: the build clones under its own role', async () => {
    const reference = fromRepository({ OutputArtifactFormat: 'CODEBUILD_CLONE_REF' });
    const cloning = build({}, { outputArtifacts: [{ name: 'App' }] });
    await create('clone', [[reference], [cloning]]);
    expect(await ended('clone')).toEqual(['Failed']);
    const more = policy([['codecommit:GitPull'], '*']);
    const given = { RoleName: 'build', PolicyName: 'clone', PolicyDocument: more };
    await iam.send(new PutRolePolicyCommand(given));
    await commit('history', 'x');
    await ended('clone', 2);
    const site = toBucket({ ObjectKey: 'clone' }, 'App');
    await create('clone-on', [[reference], [cloning], [site]]);
    expect(await ended('clone-on')).toEqual(['Succeeded']);
    // What no ZIP has: the repository's history.
    expect(await textOf('clone/history.txt')).toMatch(/Add history\nAdd /);
    await expect(create('clone-bad', [[reference], [toBucket({})]])).rejects.toMatchObject({
      name: 'InvalidActionDeclarationException',
      message: expect.stringContaining('CODEBUILD_CLONE_REF'),
    });
  });

  test('CP-C17, CP-C18: a red build fails the stage; a retry runs only what failed', async () => {
    await commit('fail', 'x');
    await create('red', [[fromRepository()], [build()]]);
    expect(await ended('red')).toEqual(['Failed']);
    const failed = await action('red', 'Build', 'Failed');
    expect(failed.output?.executionResult).toMatchObject({
      externalExecutionSummary: 'Build terminated with state: FAILED',
      errorDetails: { code: 'JobFailed', message: 'Build terminated with state: FAILED' },
    });
    const retry = {
      pipelineName: 'red',
      stageName: 'S1',
      pipelineExecutionId: failed.pipelineExecutionId,
      retryMode: 'FAILED_ACTIONS' as const,
    };
    await pipelines.send(new RetryStageExecutionCommand(retry));
    await eventually('the second build', async () => {
      const builds = (await actions('red')).filter((a) => a.actionName === 'Build');
      return builds.length === 2 && builds.every((a) => a.status === 'Failed');
    });
    const { stageStates } = await pipelines.send(new GetPipelineStateCommand({ name: 'red' }));
    expect(stageStates?.[1]?.retryStageMetadata).toMatchObject({ manualStageRetryAttempt: 1 });
  });

  async function approve(
    pipelineName: string,
    stageName: string,
    actionName: string,
    as = pipelines,
  ) {
    const token = await eventually('the token', async () => {
      const { stageStates } = await pipelines.send(
        new GetPipelineStateCommand({ name: pipelineName }),
      );
      const states = stageStates?.flatMap((s) => s.actionStates ?? []);
      return states?.find((a) => a.actionName === actionName)?.latestExecution?.token;
    });
    const result = { status: 'Approved' as const, summary: 'fine' };
    await as.send(
      new PutApprovalResultCommand({ pipelineName, stageName, actionName, token, result }),
    );
  }

  test('CP-A2, CP-C30: who may approve is decided by pipeline, stage and action', async () => {
    await upload('ask.zip', { a: 'b' });
    await create('ask', [[fromBucket('ask.zip')], [approval]]);
    await action('ask', 'Ok', 'InProgress');
    const approver = async (name: string, resource: string) => {
      await iam.send(new CreateUserCommand({ UserName: name }));
      const arn = `arn:aws:codepipeline:${server.region}:${server.accountId}:${resource}`;
      const document = policy([['codepipeline:PutApprovalResult'], arn]);
      const given = { UserName: name, PolicyName: name, PolicyDocument: document };
      await iam.send(new PutUserPolicyCommand(given));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
      const credentials = {
        accessKeyId: AccessKey?.AccessKeyId ?? '',
        secretAccessKey: AccessKey?.SecretAccessKey ?? '',
      };
      return new CodePipelineClient({ ...server.client, credentials });
    };
    const other = await approver('other', 'ask/S1/Other');
    await expect(approve('ask', 'S1', 'Ok', other)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('codepipeline:PutApprovalResult'),
    });
    await approve('ask', 'S1', 'Ok', await approver('right', 'ask/S1/Ok'));
    expect(await ended('ask')).toEqual(['Succeeded']);
    expect((await action('ask', 'Ok', 'Succeeded')).updatedBy).toContain('user/right');
  });

  describe('CP-C37: what goes wrong stands in the action', () => {
    const ok = [toBucket({})];
    const cases: [string, ActionDeclaration[][], Options, string, string[]][] = [
      [
        'repository',
        [[fromRepository({ RepositoryName: 'none' })], ok],
        {},
        'ConfigurationError',
        ['RepositoryDoesNotExistException', 'none'],
      ],
      [
        'branch',
        [[fromRepository({ BranchName: 'none' })], ok],
        {},
        'ConfigurationError',
        ['no branch named none'],
      ],
      [
        'source-permission',
        [[fromRepository()], ok],
        { role: 'no-artifacts' },
        'PermissionError',
        [
          'Could not access the CodeCommit repository `web`. Make sure that the pipeline IAM role has sufficient permissions to access the repository.',
        ],
      ],
      [
        'unversioned',
        [[fromBucket('x', 'plain')], ok],
        {},
        'ConfigurationError',
        ['plain', 'versioning'],
      ],
      ['no-object', [[fromBucket('none.zip')], ok], {}, 'ConfigurationError', ['none.zip']],
      ['no-bucket', [[fromBucket('x', 'nowhere')], ok], {}, 'ConfigurationError', ['nowhere']],
      [
        'store-permission',
        [[fromBucket('app.zip')], ok],
        { role: 'no-artifacts' },
        'PermissionError',
        ['is getting S3 access denied for the S3 bucket "artifacts"'],
      ],
      [
        'no-store',
        [[fromBucket('app.zip')], ok],
        { store: 'missing-store' },
        'ConfigurationError',
        ['missing-store'],
      ],
      [
        'build-permission',
        [[fromRepository()], [build()]],
        { role: 'no-builds' },
        'PermissionError',
        ['Error calling startBuild', 'codebuild:StartBuild'],
      ],
      [
        'no-project',
        [[fromRepository()], [build({ ProjectName: 'none' })]],
        {},
        'ConfigurationError',
        ['Error calling startBuild', 'none'],
      ],
      [
        'variable',
        [[fromRepository()], [build({ ProjectName: '#{src.Nothing}' })]],
        {},
        'ConfigurationError',
        ['#{src.Nothing}'],
      ],
    ];

    test.each(cases)('%s', async (name, stages, options, code, parts) => {
      await create(`wrong-${name}`, stages, options);
      expect(await ended(`wrong-${name}`)).toEqual(['Failed']);
      const all = await actions(`wrong-${name}`);
      const { errorDetails } =
        all.find((a) => a.status === 'Failed')?.output?.executionResult ?? {};
      expect(errorDetails?.code).toBe(code);
      for (const part of parts) expect(errorDetails?.message).toContain(part);
    });
  });

  test('CP-C36: an action works under its own role, assumed from the pipeline’s', async () => {
    const trustOf = (AWS: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }],
      });
    const deployer = {
      RoleName: 'deployer',
      AssumeRolePolicyDocument: trustOf(`arn:aws:iam::${server.accountId}:root`),
    };
    await iam.send(new CreateRoleCommand(deployer));
    const document = policy([['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::*/*']);
    const given = { RoleName: 'deployer', PolicyName: 'd', PolicyDocument: document };
    await iam.send(new PutRolePolicyCommand(given));
    const site = { ...toBucket({ ObjectKey: 'own-role' }), roleArn: roleArn('deployer') };
    await create('own-role', [[fromBucket('app.zip')], [site]]);
    expect(await ended('own-role')).toEqual(['Failed']);
    const failed = await action('own-role', 'Site', 'Failed');
    expect(failed.output?.executionResult?.errorDetails).toMatchObject({
      code: 'PermissionError',
      message: expect.stringContaining('sts:AssumeRole'),
    });
    const assume = policy([['sts:AssumeRole'], roleArn('deployer')]);
    const more = { RoleName: 'pipeline', PolicyName: 'assume', PolicyDocument: assume };
    await iam.send(new PutRolePolicyCommand(more));
    await pipelines.send(
      new RetryStageExecutionCommand({
        pipelineName: 'own-role',
        stageName: 'S1',
        pipelineExecutionId: failed.pipelineExecutionId,
        retryMode: 'FAILED_ACTIONS',
      }),
    );
    expect(await ended('own-role')).toEqual(['Succeeded']);
    expect(await textOf('own-role/a.txt')).toBe('two');
  });

  test('CP-B10: an archive with names that lead out of it deploys nothing', async () => {
    const zip = new yazl.ZipFile();
    zip.addBuffer(Buffer.from('x'), 'aa/evil.txt');
    zip.end();
    const bytes = (await buffer(zip.outputStream)).toString('latin1').replaceAll('aa/', '../');
    const Body = Buffer.from(bytes, 'latin1');
    await s3.send(new PutObjectCommand({ Bucket: 'inbox', Key: 'evil.zip', Body }));
    await create('evil', [[fromBucket('evil.zip')], [toBucket({ ObjectKey: 'evil/deep' })]]);
    expect(await ended('evil')).toEqual(['Failed']);
    const found = await s3.send(new ListObjectsV2Command({ Bucket: 'site', Prefix: 'evil' }));
    expect(found.KeyCount).toBe(0);
  });

  test('CP-B32: lists the action types that it takes', async () => {
    const { actionTypes = [] } = await pipelines.send(new ListActionTypesCommand({}));
    const of = (category: string) =>
      actionTypes.flatMap(({ id }) => (id?.category === category ? id.provider : [])).sort();
    expect(of('Source')).toEqual(['CodeCommit', 'CodeStarSourceConnection', 'ECR', 'GitHub', 'S3']);
    expect([of('Build'), of('Test')]).toEqual([['CodeBuild', 'ECRBuildAndPublish'], ['CodeBuild']]);
    expect([of('Compute'), of('Approval')]).toEqual([['Commands'], ['Manual']]);
    expect(of('Deploy')).toEqual([
      ...['AppConfig', 'CloudFormation', 'CloudFormationStackInstances', 'CloudFormationStackSet'],
      ...['CodeDeploy', 'CodeDeployToECS', 'EC2', 'ECS', 'ElasticBeanstalk', 'S3'],
      'ServiceCatalog',
    ]);
    expect(of('Invoke')).toEqual(['CodePipeline', 'Lambda', 'StepFunctions']);
  });
});

const BUILDSPEC = `version: 0.2
env:
  exported-variables: [VERSION]
phases:
  build:
    commands:
      - test ! -e slow || sleep 2
      - test ! -e fail
      - export VERSION=v7
      - printf %s "$COMMIT" > commit.txt
      - echo '<p>' > index.html
      - test ! -e .git || git log --format=%s > history.txt
artifacts:
  files:
    - commit.txt
    - index.html
    - history.txt
`;
