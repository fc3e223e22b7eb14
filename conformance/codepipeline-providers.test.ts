import { buffer } from 'node:stream/consumers';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  ListBuildsCommand,
  ListProjectsCommand,
} from '@aws-sdk/client-codebuild';
import {
  type ActionDeclaration,
  type ArtifactStore,
  CodePipelineClient,
  CreatePipelineCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  ListRuleExecutionsCommand,
  PutJobFailureResultCommand,
  PutJobSuccessResultCommand,
  type RuleDeclaration,
  type StageDeclaration,
} from '@aws-sdk/client-codepipeline';
import * as ecs from '@aws-sdk/client-ecs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import yazl from 'yazl';
import { trust } from '../src/cli/demo/policies.ts';
import { makeUpstream, refused, type Upstream } from '../src/testing/upstream.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

/** A region that is not the server's. */
const AWAY = 'eu-west-1';

/** Action types whose work is done without a project, by another pipeline, or by a service that is elsewhere. */
describe('action providers', () => {
  let server: TestServer;
  let aws: Upstream;
  let iam: IAMClient;
  let s3: S3Client;
  let pipelines: CodePipelineClient;

  const roleArn = (name: string) => `arn:aws:iam::${server.accountId}:role/${name}`;
  const policy = (...statements: [string[], string | string[]][]) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: statements.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource })),
    });
  async function makeRole(RoleName: string, document: string) {
    const AssumeRolePolicyDocument = trust('codepipeline.amazonaws.com');
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    await give(RoleName, document);
  }
  const give = (RoleName: string, PolicyDocument: string) =>
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));

  beforeAll(async () => {
    aws = await makeUpstream([cloudformation, ecs, lambda], {});
    server = await startServer({
      env: {
        SLIPWAY_UPSTREAM_CLOUDFORMATION: aws.url,
        SLIPWAY_UPSTREAM_ECS: aws.url,
        SLIPWAY_UPSTREAM_LAMBDA: aws.url,
        ...{ AWS_ACCESS_KEY_ID: 'AKIAUPSTREAM', AWS_SECRET_ACCESS_KEY: 'secret' },
      },
    });
    iam = new IAMClient(server.client);
    s3 = new S3Client({ ...server.client, forcePathStyle: true });
    pipelines = new CodePipelineClient(server.client);
    for (const Bucket of ['artifacts', 'inbox', 'site']) {
      await s3.send(new CreateBucketCommand({ Bucket }));
      const VersioningConfiguration = { Status: 'Enabled' as const };
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    }
    const group = (name: string) =>
      `arn:aws:logs:${server.region}:${server.accountId}:log-group:/aws/codepipeline/${name}`;
    // What AWS documents, and nothing of CodeBuild.
    const logs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
    await makeRole(
      'pipeline',
      policy(
        [
          [
            's3:*',
            'cloudformation:*',
            'ecs:*',
            'codepipeline:*',
            'secretsmanager:GetSecretValue',
            'lambda:InvokeFunction',
          ],
          '*',
        ],
        [['kms:GenerateDataKey', 'kms:Decrypt'], `arn:aws:kms:*:${server.accountId}:key/*`],
        [
          logs,
          [
            group('regions').replace(server.region, AWAY),
            `${group('regions').replace(server.region, AWAY)}:*`,
          ],
        ],
        [
          logs,
          ['commands', 'own-role', 'ruled', 'ruled-out'].flatMap((name) => [
            group(name),
            `${group(name)}:*`,
          ]),
        ],
        [['sts:AssumeRole'], roleArn('worker')],
        [['iam:PassRole'], roleArn('cfn')],
      ),
    );
    await upload('app.zip', {
      'a.txt': 'hello',
      'app.yaml': 'Resources: {}',
      'imagedefinitions.json': '[{"name":"app","imageUri":"app:2"}]',
    });
  });

  afterAll(async () => {
    await server?.stop();
    await aws?.close();
  });

  async function upload(Key: string, files: Record<string, string>) {
    const zip = new yazl.ZipFile();
    for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
    zip.end();
    const Body = await buffer(zip.outputStream);
    await s3.send(new PutObjectCommand({ Bucket: 'inbox', Key, Body }));
  }

  const type = (category: 'Source' | 'Compute' | 'Deploy' | 'Invoke', provider: string) => ({
    actionTypeId: { category, owner: 'AWS' as const, provider, version: '1' },
  });
  const source: ActionDeclaration = {
    ...{ name: 'Object', ...type('Source', 'S3') },
    configuration: { S3Bucket: 'inbox', S3ObjectKey: 'app.zip', PollForSourceChanges: 'false' },
    outputArtifacts: [{ name: 'Source' }],
  };
  const run = (commands: string[], more: Partial<ActionDeclaration> = {}): ActionDeclaration => ({
    ...{ name: 'Run', ...type('Compute', 'Commands'), commands },
    inputArtifacts: [{ name: 'Source' }],
    ...more,
  });
  const toBucket = (ObjectKey: string, name: string): ActionDeclaration => ({
    ...{ name: 'Site', ...type('Deploy', 'S3') },
    configuration: { BucketName: 'site', Extract: 'true', ObjectKey },
    inputArtifacts: [{ name }],
  });

  async function create(
    name: string,
    stages: (ActionDeclaration[] | Omit<StageDeclaration, 'name'>)[],
    artifactStores?: Record<string, ArtifactStore>,
    role = 'pipeline',
  ) {
    const pipeline = {
      ...{ name, roleArn: roleArn(role), pipelineType: 'V2' as const },
      ...(artifactStores
        ? { artifactStores }
        : { artifactStore: { type: 'S3' as const, location: 'artifacts' } }),
      stages: stages.map((stage, i) => ({
        name: `S${i}`,
        ...(Array.isArray(stage) ? { actions: stage } : stage),
      })),
    };
    await pipelines.send(new CreatePipelineCommand({ pipeline }));
  }

  const ended = (pipelineName: string) =>
    eventually(`${pipelineName} to end`, async () => {
      const { pipelineExecutionSummaries: [execution] = [] } = await pipelines.send(
        new ListPipelineExecutionsCommand({ pipelineName }),
      );
      return execution?.status !== 'InProgress' && execution?.status;
    });
  const detailOf = async (pipelineName: string, name: string) => {
    const { actionExecutionDetails = [] } = await pipelines.send(
      new ListActionExecutionsCommand({ pipelineName }),
    );
    return actionExecutionDetails.find(({ actionName }) => actionName === name);
  };
  const actionOf = async (pipelineName: string, name: string) =>
    (await detailOf(pipelineName, name))?.output;
  const textOf = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'site', Key }));
    return Body?.transformToString();
  };

  test('CP-A14, CP-B7: Commands run without a project, under the pipeline’s role', async () => {
    const secrets = new SecretsManagerClient(server.client);
    await secrets.send(new CreateSecretCommand({ Name: 'token', SecretString: 'open sesame' }));
    const commands = [
      'cat a.txt',
      'export GREETING="$WHO says hi"',
      'test "$TOKEN" = "open sesame" && echo $TOKEN',
      'mkdir out && echo "$GREETING" > out/b.txt && echo not > out/c.log',
    ];
    await create('commands', [
      [source],
      [
        run(commands, {
          namespace: 'run',
          outputVariables: ['GREETING', 'CODEBUILD_BUILD_ID'],
          environmentVariables: [
            { name: 'WHO', value: '#{codepipeline.PipelineExecutionId}' },
            { name: 'TOKEN', value: 'token', type: 'SECRETS_MANAGER' },
          ],
          outputArtifacts: [{ name: 'Out', files: ['out/*.txt'] }],
        }),
      ],
      [toBucket('#{run.GREETING}', 'Out')],
    ]);
    expect(await ended('commands')).toBe('Succeeded');
    const output = await actionOf('commands', 'Run');
    const greeting = output?.outputVariables?.GREETING ?? '';
    expect(greeting).toMatch(/^[0-9a-f-]{36} says hi$/);
    const { externalExecutionId = '', logStreamARN = '' } = output?.executionResult ?? {};
    expect(output?.outputVariables?.CODEBUILD_BUILD_ID).toBe(externalExecutionId);
    expect(await textOf(`${greeting}/out/b.txt`)).toBe(`${greeting}\n`);
    await expect(textOf(`${greeting}/out/c.log`)).rejects.toThrow('does not exist');

    const [, logStreamName = ''] = /log-stream:(.+)$/.exec(logStreamARN) ?? [];
    const logs = new CloudWatchLogsClient(server.client);
    const logGroupName = '/aws/codepipeline/commands';
    const { events = [] } = await logs.send(
      new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true }),
    );
    const log = events.map(({ message }) => message).join('');
    expect(log).toContain('hello');
    expect(log).not.toContain('open sesame');

    // Nobody's but the pipeline's.
    const codebuild = new CodeBuildClient(server.client);
    expect((await codebuild.send(new ListProjectsCommand({}))).projects).toEqual([]);
    expect((await codebuild.send(new ListBuildsCommand({}))).ids).toEqual([]);
    const asked = new BatchGetBuildsCommand({ ids: [externalExecutionId] });
    expect((await codebuild.send(asked)).builds).toEqual([]);
  });

  test('CP-B7: a command that fails fails the action; the log needs its permission', async () => {
    await create('own-role', [[source], [run(['false', 'echo not'])]]);
    expect(await ended('own-role')).toBe('Failed');
    expect((await actionOf('own-role', 'Run'))?.executionResult?.errorDetails).toMatchObject({
      ...{ code: 'JobFailed', message: 'Build terminated with state: FAILED' },
    });
    await create('no-logs', [[source], [run(['true'])]]);
    expect(await ended('no-logs')).toBe('Failed');
    const groups = await new CloudWatchLogsClient(server.client).send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/codepipeline/no-logs' }),
    );
    expect(groups.logGroups).toEqual([]);
  });

  test('CP-C36: Commands under a role of the action’s own, assumed from the pipeline’s', async () => {
    const Statement = [
      { Effect: 'Allow', Principal: { AWS: roleArn('pipeline') }, Action: 'sts:AssumeRole' },
    ];
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument }));
    await give('worker', policy([['s3:GetObject'], '*']));
    const own = run(['true'], { roleArn: roleArn('worker') });
    await create('worker-a', [[source], [own]]);
    expect(await ended('worker-a')).toBe('Failed');
    await give('worker', policy([['s3:GetObject', 'logs:*'], '*']));
    await create('worker-b', [[source], [own]]);
    expect(await ended('worker-b')).toBe('Succeeded');
  });

  test('CB-D5: a batch is one action, whose outputs are its builds’, or one for all', async () => {
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'builder',
        AssumeRolePolicyDocument: trust('codebuild.amazonaws.com'),
      }),
    );
    await give('builder', policy([['logs:*', 's3:*', 'codebuild:StartBuild'], '*']));
    const starts = ['codebuild:StartBuildBatch', 'codebuild:BatchGetBuildBatches'];
    await makeRole('batcher', policy([['s3:*', ...starts], '*']));
    const phases = { build: { commands: ['cat a.txt > "$CODEBUILD_BATCH_BUILD_IDENTIFIER.txt"'] } };
    const files = ['*_side.txt', 'main.txt'];
    const buildspec = JSON.stringify({
      ...{ version: 0.2, phases },
      batch: {
        'build-graph': [
          { identifier: 'one_side' },
          { identifier: 'main', 'depend-on': ['one_side'] },
        ],
      },
      artifacts: { files, 'secondary-artifacts': { also: { files } } },
    });
    const codebuild = new CodeBuildClient(server.client);
    await codebuild.send(
      new CreateProjectCommand({
        ...{ name: 'batch', serviceRole: roleArn('builder') },
        buildBatchConfig: { serviceRole: roleArn('builder') },
        source: { type: 'CODEPIPELINE', buildspec },
        artifacts: { type: 'CODEPIPELINE' },
        environment: { type: 'LINUX_CONTAINER', image: 'i', computeType: 'BUILD_GENERAL1_SMALL' },
      }),
    );
    const batch = (outputs: string[], more = {}): ActionDeclaration => ({
      name: 'Batch',
      actionTypeId: { category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1' },
      configuration: { ProjectName: 'batch', BatchEnabled: 'true', ...more },
      inputArtifacts: [{ name: 'Source' }],
      outputArtifacts: outputs.map((name) => ({ name })),
    });
    await create(
      'batch',
      [[source], [batch(['main', 'one_side_also'])], [toBucket('own', 'one_side_also')]],
      undefined,
      'batcher',
    );
    await create(
      'batch-combined',
      [[source], [batch(['All'], { CombineArtifacts: 'true' })], [toBucket('all', 'All')]],
      undefined,
      'batcher',
    );
    expect([await ended('batch'), await ended('batch-combined')]).toEqual([
      'Succeeded',
      'Succeeded',
    ]);
    for (const key of ['own/one_side.txt', 'all/one_side.txt', 'all/main.txt'])
      expect(await textOf(key)).toBe('hello');
    const { executionResult } = (await actionOf('batch', 'Batch')) ?? {};
    expect(executionResult?.externalExecutionId).toMatch(/^batch:[0-9a-f-]{36}$/);
  });

  test('CP-C36: an action of another region has its inputs from that region’s store, and what it makes goes back', async () => {
    const storeIn = async (region: string, location: string) => {
      const kms = new KMSClient({ ...server.client, region });
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      const encryptionKey = { id: KeyMetadata?.Arn ?? '', type: 'KMS' as const };
      return [region, { type: 'S3' as const, location, encryptionKey }] as const;
    };
    const away = new S3Client({ ...server.client, region: AWAY, forcePathStyle: true });
    const CreateBucketConfiguration = { LocationConstraint: AWAY } as const;
    await away.send(
      new CreateBucketCommand({ Bucket: 'artifacts-away', CreateBucketConfiguration }),
    );
    const stores = Object.fromEntries([
      await storeIn(server.region, 'artifacts'),
      await storeIn(AWAY, 'artifacts-away'),
    ]);
    const there = run(['mkdir out && cp a.txt out && echo $AWS_REGION > out/region'], {
      ...{ region: AWAY, outputArtifacts: [{ name: 'Out', files: ['out/*'] }] },
    });
    await create('regions', [[source], [there], [toBucket('regions', 'Out')]], stores);
    expect(await ended('regions')).toBe('Succeeded');
    expect(await textOf('regions/out/a.txt')).toBe('hello');
    expect(await textOf('regions/out/region')).toBe(`${AWAY}\n`);
    // Each is where its region's store is, under its key: what was made, and its copy.
    const keyOf = async (Bucket: string, Key: string | undefined) =>
      (await s3.send(new HeadObjectCommand({ Bucket, Key }))).SSEKMSKeyId;
    const [made, used] = [
      (await detailOf('regions', 'Run'))?.input,
      (await detailOf('regions', 'Site'))?.input,
    ];
    for (const [input, region] of [
      [made, AWAY],
      [used, server.region],
    ] as const) {
      const { bucket = '', key } = input?.inputArtifacts?.[0]?.s3location ?? {};
      expect([input?.region, bucket]).toEqual([region, stores[region]?.location]);
      for (const store of Object.values(stores))
        expect(await keyOf(store.location ?? '', key)).toBe(store.encryptionKey?.id);
    }
  });

  test('CP-B26: Invoke CodePipeline waits for the execution that it starts', async () => {
    await create('inner', [[source], [toBucket('inner', 'Source')]]);
    await ended('inner');
    const invoke = { name: 'Call', ...type('Invoke', 'CodePipeline') };
    const outer = (PipelineName: string) => [
      [source],
      [{ ...invoke, configuration: { PipelineName } }],
    ];
    await create('outer', outer('inner'));
    expect(await ended('outer')).toBe('Succeeded');
    const output = await actionOf('outer', 'Call');
    const { pipelineExecutionSummaries: [inner] = [] } = await pipelines.send(
      new ListPipelineExecutionsCommand({ pipelineName: 'inner' }),
    );
    expect(inner?.trigger?.triggerType).toBe('StartPipelineExecution');
    expect(output?.outputVariables?.PipelineExecutionId).toBe(inner?.pipelineExecutionId);
    await create('outer-of-red', outer('own-role'));
    expect(await ended('outer-of-red')).toBe('Failed');
    expect(await errorOf('outer-of-red', 'Call')).toMatchObject({ code: 'JobFailed' });
  });

  const errorOf = async (pipeline: string, name: string) =>
    (await actionOf(pipeline, name))?.executionResult?.errorDetails;

  test('CP-B14: CloudFormation by an upstream: a stack, whose outputs go on', async () => {
    const StackId = 'arn:aws:cloudformation:us-east-1:1:stack/web/1';
    let looks = 0;
    const { answers } = aws;
    answers.CreateStack = () => ({ StackId });
    answers.DescribeStacks = () => {
      if (!aws.calls.some(({ operation }) => operation === 'CreateStack'))
        refused('ValidationError', 'Stack with id web does not exist');
      const StackStatus = ++looks > 1 ? 'CREATE_COMPLETE' : 'CREATE_IN_PROGRESS';
      const Outputs = [{ OutputKey: 'Path', OutputValue: 'from-stack' }];
      const stack = { StackId, StackName: 'web', StackStatus, CreationTime: new Date(), Outputs };
      return { Stacks: [stack] };
    };
    const stack = (RoleArn: string): ActionDeclaration => ({
      ...{ name: 'Stack', ...type('Deploy', 'CloudFormation'), namespace: 'stack' },
      configuration: {
        ...{ ActionMode: 'CREATE_UPDATE', StackName: 'web', TemplatePath: 'Source::app.yaml' },
        RoleArn,
      },
      inputArtifacts: [{ name: 'Source' }],
    });
    const site = toBucket('#{stack.Path}', 'Source');
    await create('stack', [[source], [stack(roleArn('cfn'))], [site]]);
    expect(await ended('stack')).toBe('Succeeded');
    expect(await textOf('from-stack/a.txt')).toBe('hello');
    await create('stack-of-other', [[source], [stack(roleArn('other'))]]);
    expect(await ended('stack-of-other')).toBe('Failed');
    expect(await errorOf('stack-of-other', 'Stack')).toMatchObject({
      ...{ code: 'PermissionError', message: expect.stringContaining('iam:PassRole') },
    });
  });

  test('CP-B13: ECS by an upstream: a revision with the new image, until it is steady', async () => {
    const containerDefinitions = [{ name: 'app', image: 'app:1' }];
    const service = (rolloutState: string) => ({
      ...{ serviceName: 'web', status: 'ACTIVE', taskDefinition: 'web:1' },
      deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState }],
    });
    const states = ['COMPLETED', 'IN_PROGRESS'];
    Object.assign(aws.answers, {
      DescribeServices: () => ({ services: [service(states.shift() ?? 'COMPLETED')] }),
      DescribeTaskDefinition: () => ({ taskDefinition: { family: 'web', containerDefinitions } }),
      RegisterTaskDefinition: () => ({ taskDefinition: { taskDefinitionArn: 'arn:web:2' } }),
      UpdateService: () => ({ service: service('IN_PROGRESS') }),
    });
    const deploy: ActionDeclaration = {
      ...{ name: 'Deploy', ...type('Deploy', 'ECS') },
      configuration: { ClusterName: 'main', ServiceName: 'web' },
      inputArtifacts: [{ name: 'Source' }],
    };
    await create('service', [[source], [deploy]]);
    expect(await ended('service')).toBe('Succeeded');
    const input = (name: string) => aws.calls.find(({ operation }) => operation === name)?.input;
    expect(input('RegisterTaskDefinition')).toMatchObject({
      containerDefinitions: [{ name: 'app', image: 'app:2' }],
    });
    expect(input('UpdateService')).toMatchObject({ cluster: 'main', taskDefinition: 'arn:web:2' });
  });

  test('CP-B24, CP-C52: a function ends its action, after a continuation, with variables', async () => {
    const events: Record<string, { id: string; data: Record<string, unknown> }>[] = [];
    aws.answers.Invoke = async ({ Payload }) => {
      const event = JSON.parse(Buffer.from(Payload as Uint8Array).toString());
      events.push(event);
      const { id: jobId, data } = event['CodePipeline.job'];
      // Its result comes before the call of the function has been answered.
      if (data.actionConfiguration.configuration.UserParameters === 'fail') {
        const failureDetails = { type: 'ConfigurationError' as const, message: 'no' };
        await pipelines.send(new PutJobFailureResultCommand({ jobId, failureDetails }));
      } else if (data.continuationToken === undefined) {
        await pipelines.send(new PutJobSuccessResultCommand({ jobId, continuationToken: 'next' }));
      } else {
        const { accessKeyId, secretAccessKey, sessionToken } = data.artifactCredentials;
        const credentials = { accessKeyId, secretAccessKey, sessionToken };
        const own = new S3Client({ ...server.client, forcePathStyle: true, credentials });
        const { bucketName: Bucket, objectKey: Key } = data.inputArtifacts[0].location.s3Location;
        const { ContentLength } = await own.send(new GetObjectCommand({ Bucket, Key }));
        const outputVariables = { SIZE: String(ContentLength) };
        await pipelines.send(new PutJobSuccessResultCommand({ jobId, outputVariables }));
      }
      return { StatusCode: 202 };
    };
    const check = (UserParameters: string): ActionDeclaration => ({
      ...{ name: 'Check', ...type('Invoke', 'Lambda') },
      configuration: { FunctionName: 'check', UserParameters },
      inputArtifacts: [{ name: 'Source' }],
    });
    await create('function', [[source], [check('go on')]]);
    expect(await ended('function')).toBe('Succeeded');
    expect(Number((await actionOf('function', 'Check'))?.outputVariables?.SIZE)).toBeGreaterThan(0);
    expect(events).toHaveLength(2);
    const [first, second] = events.map((event) => event['CodePipeline.job']);
    expect(second?.id).not.toBe(first?.id);
    expect(Object.keys(first ?? {}).sort()).toEqual(['accountId', 'data', 'id']);
    expect(second?.data).toMatchObject({ continuationToken: 'next' });
    await create('function-fails', [[source], [check('fail')]]);
    expect(await ended('function-fails')).toBe('Failed');
    expect(await errorOf('function-fails', 'Check')).toMatchObject({ message: 'no' });
  });

  test('CP-C28: the rules Commands and LambdaInvoke: a build of the commands, and a call of the function', async () => {
    const events: Record<string, unknown>[] = [];
    aws.answers.Invoke = async ({ Payload }) => {
      const event = JSON.parse(Buffer.from(Payload as Uint8Array).toString());
      events.push(event['CodePipeline.job']);
      const says = event['CodePipeline.job'].data.actionConfiguration.configuration.UserParameters;
      if (says === 'go on') return { StatusCode: 200, Payload: Buffer.from('null') };
      return { StatusCode: 200, FunctionError: 'Unhandled', Payload: Buffer.from('"not today"') };
    };
    const rule = (name: string, provider: string, more: object): RuleDeclaration => ({
      ...{ name, ruleTypeId: { category: 'Rule', owner: 'AWS', provider, version: '1' } },
      ...{ inputArtifacts: [{ name: 'Source' }], ...more },
    });
    const rules = (commands: string[], UserParameters: string) => [
      rule('Check', 'Commands', { commands }),
      rule('Ask', 'LambdaInvoke', { configuration: { FunctionName: 'gate', UserParameters } }),
    ];
    const gated = (ObjectKey: string, commands: string[], says: string) => ({
      actions: [toBucket(ObjectKey, 'Source')],
      beforeEntry: { conditions: [{ result: 'FAIL' as const, rules: rules(commands, says) }] },
    });
    const evaluated = async (pipelineName: string) => {
      const { ruleExecutionDetails = [] } = await pipelines.send(
        new ListRuleExecutionsCommand({ pipelineName }),
      );
      const said = ruleExecutionDetails.map(({ ruleName, status, output }) => [
        ruleName,
        { status, ...output?.executionResult },
      ]);
      return Object.fromEntries(said);
    };
    await create('ruled', [[source], gated('ruled', ['grep -q hello a.txt'], 'go on')]);
    expect(await ended('ruled')).toBe('Succeeded');
    expect(await textOf('ruled/a.txt')).toBe('hello');
    const { Check, Ask } = await evaluated('ruled');
    expect([Check.status, Ask.status]).toEqual(['Succeeded', 'Succeeded']);
    expect(Check.externalExecutionId).toMatch(/^codepipeline.ruled:/);
    expect(events).toEqual([
      expect.objectContaining({
        accountId: server.accountId,
        data: expect.objectContaining({
          inputArtifacts: [expect.objectContaining({ name: 'Source' })],
        }),
      }),
    ]);
    await create('ruled-out', [[source], gated('ruled-out', ['grep -q nothing a.txt'], 'stay')]);
    expect(await ended('ruled-out')).toBe('Failed');
    await expect(textOf('ruled-out/a.txt')).rejects.toThrow('does not exist');
    const said = await evaluated('ruled-out');
    expect([said.Check, said.Ask]).toMatchObject([
      { status: 'Failed', errorDetails: { message: 'Build terminated with state: FAILED' } },
      { status: 'Failed', errorDetails: { message: expect.stringContaining('not today') } },
    ]);
  });

  test('a service that nobody answers for fails its action, with the setting that would say where it is', async () => {
    const StateMachineArn = `arn:aws:states:${server.region}:${server.accountId}:stateMachine:Job`;
    const invoke = { name: 'Invoke', ...type('Invoke', 'StepFunctions') };
    await create('nowhere', [[source], [{ ...invoke, configuration: { StateMachineArn } }]]);
    expect(await ended('nowhere')).toBe('Failed');
    expect(await errorOf('nowhere', 'Invoke')).toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringContaining('SLIPWAY_UPSTREAM_STATES'),
    });
  });
});
