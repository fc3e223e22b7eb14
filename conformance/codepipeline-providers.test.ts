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
  ListBuildsCommand,
  ListProjectsCommand,
} from '@aws-sdk/client-codebuild';
import {
  type ActionDeclaration,
  CodePipelineClient,
  CreatePipelineCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  PutJobFailureResultCommand,
  PutJobSuccessResultCommand,
} from '@aws-sdk/client-codepipeline';
import * as ecs from '@aws-sdk/client-ecs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import yazl from 'yazl';
import { trust } from '../src/cli/demo/policies.ts';
import { refused, type Upstream, upstream } from '../src/testing/model-upstream.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

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
    aws = await upstream([cloudformation, ecs, lambda], {});
    server = await startServer({
      env: {
        SLIPWAY_UPSTREAM_CLOUDFORMATION: aws.endpoint,
        SLIPWAY_UPSTREAM_ECS: aws.endpoint,
        SLIPWAY_UPSTREAM_LAMBDA: aws.endpoint,
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
        [logs, ['commands', 'own-role'].flatMap((name) => [group(name), `${group(name)}:*`])],
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

  async function create(name: string, stages: ActionDeclaration[][]) {
    const pipeline = {
      ...{ name, roleArn: roleArn('pipeline'), pipelineType: 'V2' as const },
      artifactStore: { type: 'S3' as const, location: 'artifacts' },
      stages: stages.map((actions, i) => ({ name: `S${i}`, actions })),
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
  const actionOf = async (pipelineName: string, name: string) => {
    const { actionExecutionDetails = [] } = await pipelines.send(
      new ListActionExecutionsCommand({ pipelineName }),
    );
    return actionExecutionDetails.find(({ actionName }) => actionName === name)?.output;
  };
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
      if (!aws.asked.some(({ operation }) => operation === 'CreateStack'))
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
    const input = (name: string) => aws.asked.find(({ operation }) => operation === name)?.input;
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
