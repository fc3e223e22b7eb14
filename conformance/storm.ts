import {
  CodeBuildClient,
  CreateProjectCommand,
  paginateListBuildsForProject,
} from '@aws-sdk/client-codebuild';
import {
  type ActionExecutionDetail,
  CodePipelineClient,
  CreatePipelineCommand,
  type ExecutionMode,
  type PipelineDeclaration,
  type PipelineExecutionSummary,
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
import { append } from '../src/lib/append.ts';
import { eventually } from './eventually.ts';
import {
  actionsOf,
  executionsOf,
  outOfOrder,
  type RuleRun,
  rulesOf,
  shared,
} from './pipeline-history.ts';
import type { TestServer } from './server.ts';

// Many executions of many pipelines while servers are killed, and what must hold when all have ended.

type Reached = Pick<TestServer, 'client' | 'accountId'>;

export const MODES: ExecutionMode[] = ['SUPERSEDED', 'QUEUED', 'PARALLEL'];

/** What an execution is to meet, by its variable ENV, and how it ends if nothing supersedes it. */
const ENDS = {
  /** Nothing. */
  good: 'Succeeded',
  /** The stage's condition says no when all is done: it rolls back, or fails in PARALLEL mode. */
  bad: 'Failed',
  /** Its stage is skipped. */
  skip: 'Succeeded',
  /** An action fails, is retried by the stage's condition, and fails again. */
  broken: 'Failed',
} as const;
type Env = keyof typeof ENDS;
const ENVS = Object.keys(ENDS) as Env[];

export interface Storm {
  pipelines: { name: string; mode: ExecutionMode }[];
  /** Executions of each pipeline, with the one that creating it starts. */
  each: number;
  /** Whether each execution has a build. */
  builds: boolean;
}

/** What executions are started with, by their ids. */
type Started = Map<string, Env>;

const PROJECT = 'storm';
const TIMEOUT_MS = 600_000;

export async function makeStorm(server: Reached, storm: Storm): Promise<void> {
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  for (const Bucket of ['artifacts', 'inbox', 'site']) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  // A zip with no entries.
  const Body = Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex');
  await s3.send(new PutObjectCommand({ Bucket: 'inbox', Key: 'a', Body }));
  const iam = new IAMClient(server.client);
  const allow = (extra: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...extra } });
  const Service = ['codepipeline.amazonaws.com', 'codebuild.amazonaws.com'];
  const AssumeRolePolicyDocument = allow({ Principal: { Service }, Action: 'sts:AssumeRole' });
  await iam.send(new CreateRoleCommand({ RoleName: 'pipeline', AssumeRolePolicyDocument }));
  const PolicyDocument = allow({ Action: ['s3:*', 'codebuild:*', 'logs:*'], Resource: '*' });
  const policy = { RoleName: 'pipeline', PolicyName: 'p', PolicyDocument };
  await iam.send(new PutRolePolicyCommand(policy));
  if (!storm.builds) return;
  await new CodeBuildClient(server.client).send(
    new CreateProjectCommand({
      name: PROJECT,
      source: {
        type: 'CODEPIPELINE',
        buildspec: 'version: 0.2\nphases:\n  build:\n    commands:\n      - "true"\n',
      },
      artifacts: { type: 'CODEPIPELINE' },
      environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: roleArn(server),
    }),
  );
}

const roleArn = ({ accountId }: Reached) => `arn:aws:iam::${accountId}:role/pipeline`;

const check = (name: string, Value: string, Operator: string): RuleDeclaration => ({
  name,
  ruleTypeId: { category: 'Rule', provider: 'VariableCheck' },
  configuration: { Variable: '#{variables.ENV}', Value, Operator },
});

const type = (category: 'Source' | 'Deploy' | 'Build', provider: string) => ({
  actionTypeId: { category, owner: 'AWS' as const, provider, version: '1' },
});

const deploy = (key: string, bucket = 'site') => ({
  ...{ name: key, ...type('Deploy', 'S3'), inputArtifacts: [{ name: 'App' }] },
  configuration: {
    ...{ BucketName: bucket, Extract: 'false' },
    ObjectKey: `${key}/#{codepipeline.PipelineExecutionId}`,
  },
});

function pipelineOf(
  server: Reached,
  storm: Storm,
  { name, mode }: Storm['pipelines'][number],
): PipelineDeclaration {
  const result = mode === 'PARALLEL' ? ('FAIL' as const) : ('ROLLBACK' as const);
  const build = {
    ...{ name: 'build', ...type('Build', 'CodeBuild'), inputArtifacts: [{ name: 'App' }] },
    configuration: { ProjectName: PROJECT },
  };
  return {
    ...{ name, roleArn: roleArn(server), executionMode: mode },
    artifactStore: { type: 'S3', location: 'artifacts' },
    variables: [
      { name: 'ENV', defaultValue: 'good' },
      { name: 'BUCKET', defaultValue: 'site' },
    ],
    stages: [
      {
        name: 'Source',
        actions: [
          {
            ...{ name: 'Object', ...type('Source', 'S3'), outputArtifacts: [{ name: 'App' }] },
            configuration: { S3Bucket: 'inbox', S3ObjectKey: 'a', PollForSourceChanges: 'false' },
          },
        ],
      },
      {
        name: 'Prod',
        actions: [
          ...(storm.builds ? [build] : []),
          deploy('one'),
          { ...deploy('two', '#{variables.BUCKET}'), runOrder: 2 },
        ],
        beforeEntry: { conditions: [{ result: 'SKIP', rules: [check('Not', 'skip', 'NE')] }] },
        onSuccess: { conditions: [{ result, rules: [check('Good', 'good', 'EQ')] }] },
        onFailure: { result: 'RETRY' },
      },
      { name: 'After', actions: [deploy('after')] },
    ],
  };
}

/** Creates the pipelines and starts their executions, through whatever happens to the servers meanwhile. */
export async function start(server: Reached, storm: Storm): Promise<Started> {
  const codepipeline = new CodePipelineClient(server.client);
  const started: Started = new Map();
  for (const one of storm.pipelines) {
    const pipeline = pipelineOf(server, storm, one);
    const create = () => codepipeline.send(new CreatePipelineCommand({ pipeline })).catch(inUse);
    await eventually(`pipeline ${one.name}`, create, TIMEOUT_MS);
  }
  for (let number = 1; number < storm.each; number += 1) {
    for (const [index, { name }] of storm.pipelines.entries()) {
      const env = ENVS[(number * 3 + index) % ENVS.length] ?? 'good';
      const variables = [
        { name: 'ENV', value: env },
        { name: 'BUCKET', value: env === 'broken' ? 'nowhere' : 'site' },
      ];
      const request = { name, variables, clientRequestToken: `${name}-${number}` };
      const begin = () => codepipeline.send(new StartPipelineExecutionCommand(request));
      const { pipelineExecutionId = '' } = await eventually(
        `a start of ${name}`,
        begin,
        TIMEOUT_MS,
      );
      started.set(pipelineExecutionId, env);
    }
  }
  return started;
}

/** The answer to a creation may be lost: then the pipeline is there. */
function inUse(error: Error): true {
  if (error.name === 'PipelineNameInUseException') return true;
  throw error;
}

/** Waits until nothing runs any more. */
export async function allEnded(server: Reached, storm: Storm): Promise<void> {
  const codepipeline = new CodePipelineClient(server.client);
  for (const { name } of storm.pipelines) {
    await eventually(
      `the end of all of ${name}`,
      async () =>
        (await executionsOf(codepipeline, name)).every(({ status }) => status !== 'InProgress'),
      TIMEOUT_MS,
    );
  }
}

/** What does not hold; nothing when all does. */
export async function breaches(server: Reached, storm: Storm, started: Started): Promise<string[]> {
  const codepipeline = new CodePipelineClient(server.client);
  const found: string[] = [];
  const builds: ActionExecutionDetail[] = [];
  for (const { name, mode } of storm.pipelines) {
    const executions = await executionsOf(codepipeline, name);
    const actions = await actionsOf(codepipeline, name);
    const rules = await rulesOf(codepipeline, name);
    append(
      builds,
      actions.filter(({ actionName }) => actionName === 'build'),
    );
    const envOf = (id: string | undefined) => started.get(id ?? '') ?? 'good';
    const all = [
      ...endedOtherwise(executions, { mode, each: storm.each, envOf }),
      ...ranAgain(actions, rules, envOf),
      ...(mode === 'PARALLEL' ? [] : shared(actions)),
      ...(mode === 'QUEUED' ? outOfOrder(executions, actions) : []),
    ];
    append(
      found,
      all.map((what) => `${name} (${mode}): ${what}`),
    );
  }
  if (!storm.builds) return found;
  const works = builds.map(({ output }) => output?.executionResult?.externalExecutionId);
  if (new Set(works).size !== works.length) found.push('two actions have the same build');
  let made = 0;
  const client = new CodeBuildClient(server.client);
  for await (const { ids = [] } of paginateListBuildsForProject(
    { client },
    { projectName: PROJECT },
  ))
    made += ids.length;
  if (made !== works.length) found.push(`${made} builds of ${works.length} actions`);
  return found;
}

/** Each started one is there once, and ended as it must; what a failed condition rolls back to, too. */
function endedOtherwise(
  executions: PipelineExecutionSummary[],
  { mode, each, envOf }: { mode: ExecutionMode; each: number; envOf(id: string | undefined): Env },
): string[] {
  const found: string[] = [];
  const standard = executions.filter(({ executionType }) => executionType === 'STANDARD');
  if (standard.length !== each) found.push(`${standard.length} executions instead of ${each}`);
  for (const [index, { pipelineExecutionId, status }] of standard.entries()) {
    // Newest first, and the newest is never superseded.
    if (mode === 'SUPERSEDED' && index > 0 && status === 'Superseded') continue;
    const env = envOf(pipelineExecutionId);
    if (status !== ENDS[env]) found.push(`${pipelineExecutionId} (${env}) ended ${status}`);
  }
  const rollbacks = executions.filter(({ executionType }) => executionType === 'ROLLBACK');
  if (mode === 'PARALLEL' && rollbacks.length > 0) found.push('rolled back');
  // The first of all succeeded, so that every one that failed by its condition has something to go back to.
  const bad = standard.filter(
    (e) => envOf(e.pipelineExecutionId) === 'bad' && e.status === 'Failed',
  );
  if (mode === 'QUEUED' && rollbacks.length !== bad.length)
    found.push(`${rollbacks.length} rollbacks of ${bad.length}`);
  for (const { pipelineExecutionId, status } of rollbacks)
    if (status !== 'Succeeded') found.push(`rollback ${pipelineExecutionId} ended ${status}`);
  return found;
}

/** Each action and rule ran once in each execution that came to it; what was to fail, once more. */
function ranAgain(
  actions: ActionExecutionDetail[],
  rules: RuleRun[],
  envOf: (id: string | undefined) => Env,
): string[] {
  const runs = new Map<string, number>();
  const count = (key: string) => runs.set(key, (runs.get(key) ?? 0) + 1);
  const found: string[] = [];
  const allowed = new Map<string, number>();
  for (const { pipelineExecutionId: id, stageName, actionName, status } of actions) {
    const key = `${id} ${stageName}/${actionName}`;
    count(key);
    const fails = envOf(id) === 'broken' && actionName === 'two';
    if (fails) allowed.set(key, 2);
    if (status !== (fails ? 'Failed' : 'Succeeded')) found.push(`${key} ended ${status}`);
  }
  for (const { pipelineExecutionId, stageName, ruleName } of rules)
    count(`${pipelineExecutionId} ${stageName} rule ${ruleName}`);
  for (const [key, times] of runs)
    if (times !== (allowed.get(key) ?? 1)) found.push(`${key} ran ${times} times`);
  return found;
}
