import {
  CodePipelineClient,
  CreatePipelineCommand,
  type ExecutionMode,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  ListRuleExecutionsCommand,
  type RuleDeclaration,
  StartPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trust } from '../src/cli/demo/policies.ts';
import { eventually, randomMoments } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

const KILLS = 8;
const WITHIN_MS = 800;
const MODES: ExecutionMode[] = ['SUPERSEDED', 'QUEUED', 'PARALLEL'];
/** What the executions of each pipeline are started with, after the one that creating it starts. */
const ENVIRONMENTS = ['bad', 'good', 'bad'];
const seed = Number(process.env.SLIPWAY_TEST_SEED ?? Date.now() % 1_000_000);

let server: TestServer;
let pipelines: CodePipelineClient;

beforeAll(async () => {
  server = await startServer();
  pipelines = new CodePipelineClient(server.client);
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  for (const Bucket of ['artifacts', 'inbox', 'site']) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  await s3.send(new PutObjectCommand({ Bucket: 'inbox', Key: 'a', Body: 'content' }));
  const iam = new IAMClient(server.client);
  const AssumeRolePolicyDocument = trust('codepipeline.amazonaws.com');
  await iam.send(new CreateRoleCommand({ RoleName: 'pipeline', AssumeRolePolicyDocument }));
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' },
  });
  const policy = { RoleName: 'pipeline', PolicyName: 'p', PolicyDocument };
  await iam.send(new PutRolePolicyCommand(policy));
});

afterAll(async () => {
  await server?.stop();
});

const check = (name: string, Value: string, Operator: string): RuleDeclaration => ({
  name,
  ruleTypeId: { category: 'Rule', provider: 'VariableCheck' },
  configuration: { Variable: '#{variables.ENV}', Value, Operator },
});

function pipelineOf(executionMode: ExecutionMode) {
  const type = (category: 'Source' | 'Deploy') => ({
    actionTypeId: { category, owner: 'AWS' as const, provider: 'S3', version: '1' },
  });
  const result = executionMode === 'PARALLEL' ? ('FAIL' as const) : ('ROLLBACK' as const);
  const deploy = (key: string) => ({
    ...{ name: key, ...type('Deploy'), inputArtifacts: [{ name: 'App' }] },
    configuration: {
      ...{ BucketName: 'site', Extract: 'false' },
      ObjectKey: `${key}/#{codepipeline.PipelineExecutionId}`,
    },
  });
  return {
    name: executionMode,
    roleArn: `arn:aws:iam::${server.accountId}:role/pipeline`,
    executionMode,
    artifactStore: { type: 'S3' as const, location: 'artifacts' },
    variables: [{ name: 'ENV', defaultValue: 'good' }],
    stages: [
      {
        name: 'Source',
        actions: [
          {
            ...{ name: 'Object', ...type('Source'), outputArtifacts: [{ name: 'App' }] },
            configuration: { S3Bucket: 'inbox', S3ObjectKey: 'a', PollForSourceChanges: 'false' },
          },
        ],
      },
      {
        name: 'Prod',
        actions: [deploy('one'), deploy('two')],
        beforeEntry: {
          conditions: [{ result: 'SKIP' as const, rules: [check('Not', 'never', 'NE')] }],
        },
        onSuccess: { conditions: [{ result, rules: [check('Good', 'good', 'EQ')] }] },
      },
      { name: 'After', actions: [deploy('after')] },
    ],
  };
}

const executionsOf = async (pipelineName: string) =>
  (await pipelines.send(new ListPipelineExecutionsCommand({ pipelineName })))
    .pipelineExecutionSummaries ?? [];

test(`CP-C4, CP-C5, CP-C6, CP-C23: kill -9 at random moments, in all modes (seed ${seed})`, {
  timeout: 300_000,
}, async () => {
  const atRandomMoment = randomMoments(seed);
  for (const mode of MODES) {
    await pipelines.send(new CreatePipelineCommand({ pipeline: pipelineOf(mode) }));
    for (const [i, value] of ENVIRONMENTS.entries()) {
      const variables = [{ name: 'ENV', value }];
      const clientRequestToken = `${mode}-${i}`;
      await pipelines.send(
        new StartPipelineExecutionCommand({ name: mode, variables, clientRequestToken }),
      );
    }
  }
  for (let kill = 0; kill < KILLS; kill += 1) {
    await atRandomMoment(WITHIN_MS);
    await server.kill();
    await server.restart();
  }
  for (const mode of MODES) {
    const all = await eventually(`the end of all in ${mode} mode`, async () => {
      const found = await executionsOf(mode);
      return found.every(({ status }) => status !== 'InProgress') && found;
    });
    await expectOnce(mode);
    const standard = all.filter((e) => e.executionType === 'STANDARD').map((e) => e.status);
    const rollbacks = all.filter((e) => e.executionType === 'ROLLBACK').map((e) => e.status);
    // Newest first.
    const ends = ['Failed', 'Succeeded', 'Failed', 'Succeeded'];
    if (mode !== 'SUPERSEDED') expect(standard).toEqual(ends);
    // Some have given way to newer ones, but the newest never.
    for (const [i, status] of standard.entries())
      expect(i > 0 ? [ends[i], 'Superseded'] : [ends[0]]).toContain(status);
    if (mode === 'QUEUED') expect(rollbacks).toEqual(['Succeeded', 'Succeeded']);
    if (mode === 'PARALLEL') expect(rollbacks).toEqual([]);
  }
});

/** Each action and rule ran once in each execution that came to it, and no retry was asked for. */
async function expectOnce(pipelineName: string): Promise<void> {
  const { actionExecutionDetails: actions = [] } = await pipelines.send(
    new ListActionExecutionsCommand({ pipelineName }),
  );
  const { ruleExecutionDetails: rules = [] } = await pipelines.send(
    new ListRuleExecutionsCommand({ pipelineName }),
  );
  const ran = [
    ...actions.map((a) => `${a.pipelineExecutionId} ${a.stageName} ${a.actionName}`),
    ...rules.map((r) => `${r.pipelineExecutionId} ${r.stageName} rule ${r.ruleName}`),
  ];
  expect(new Set(ran).size).toBe(ran.length);
  expect(actions.map(({ status }) => status)).not.toContain('Failed');
}
