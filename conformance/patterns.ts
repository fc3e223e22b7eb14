import * as cloudformation from '@aws-sdk/client-cloudformation';
import { CodeBuildClient, CreateProjectCommand } from '@aws-sdk/client-codebuild';
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit';
import {
  type ActionCategory,
  type ActionDeclaration,
  CodePipelineClient,
  CreatePipelineCommand,
  type ExecutionMode,
  GetPipelineStateCommand,
  PutApprovalResultCommand,
  type StageDeclaration,
} from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { makeUpstream, refused, type Upstream } from '../src/testing/upstream.ts';
import type { TestServer } from './server.ts';

// The four pipelines that most people have, each with a repository of its own that pushes come to.

type Reached = Pick<TestServer, 'client' | 'accountId'>;

/** Where the pipelines deploy to: versioned, so that every deployment shows. */
export const SITE = 'site';
/** What a push changes: the push's number, which the build hands on. */
export const NUMBER = 'number.txt';

const ARTIFACTS = 'artifacts';
const PROJECT = 'patterns';
const BRANCH = 'main';
const BUILDSPEC = `version: 0.2
phases:
  build:
    commands:
      - test -s ${NUMBER}
artifacts:
  files: ['**/*']
`;

export interface Pattern {
  name: string;
  mode: ExecutionMode;
  /** After the source's stage. */
  stages: StageDeclaration[];
  /** Stages that somebody has to approve. */
  approvals: string[];
  /** Prefixes in the bucket that each execution brings its number to. */
  deploysTo: string[];
}

const action = (
  name: string,
  category: ActionCategory,
  provider: string,
  more: Partial<ActionDeclaration>,
): ActionDeclaration => ({
  name,
  actionTypeId: { category, owner: 'AWS', provider, version: '1' },
  ...more,
});

const stage = (name: string, ...actions: ActionDeclaration[]) => ({ name, actions });
const from = (name: string) => ({ inputArtifacts: [{ name }] });
const into = (name: string) => ({ outputArtifacts: [{ name }] });
const project = { configuration: { ProjectName: PROJECT } };

const build = stage(
  'Build',
  action('Build', 'Build', 'CodeBuild', { ...from('Code'), ...into('App'), ...project }),
);
const test = (name: string) =>
  stage(name, action(name, 'Test', 'CodeBuild', { ...from('Code'), ...project }));
const approval = stage('Approval', action('Approve', 'Approval', 'Manual', {}));
const deploy = (name: string, ObjectKey: string) =>
  action(name, 'Deploy', 'S3', {
    ...from('App'),
    configuration: { BucketName: SITE, Extract: 'true', ObjectKey },
  });
const stack = (name: string, StackName: string, roleArn: string) =>
  action(name, 'Deploy', 'CloudFormation', {
    ...from('Code'),
    configuration: {
      ...{ ActionMode: 'CREATE_UPDATE', StackName, RoleArn: roleArn },
      TemplatePath: `Code::template.yaml`,
    },
  });

/** @param mode of all; their names end with it */
export function patternsOf(roleArn: string, mode: ExecutionMode): Pattern[] {
  const named = (name: string) => `${name}-${mode.toLowerCase()}`;
  const pattern = (
    name: string,
    stages: StageDeclaration[],
    more: Partial<Pattern> = {},
  ): Pattern => ({ name: named(name), mode, stages, approvals: [], deploysTo: [], ...more });
  const [plain, gated, infra, fan] = ['plain', 'gated', 'infra', 'fan'].map(named) as [
    ...[string, string, string, string],
  ];
  const regions = ['one', 'two', 'three'].map((one) => `${fan}/${one}`);
  return [
    pattern('plain', [build, stage('Deploy', deploy('Deploy', plain))], { deploysTo: [plain] }),
    pattern(
      'gated',
      [
        ...[build, test('Test'), stage('Deploy-Dev', deploy('Deploy', `${gated}/dev`)), approval],
        stage('Deploy-Prod', deploy('Deploy', `${gated}/prod`)),
      ],
      { approvals: ['Approval'], deploysTo: [`${gated}/dev`, `${gated}/prod`] },
    ),
    pattern(
      'infra',
      [
        ...[test('Validate'), stage('Staging', stack('Deploy', `${infra}-staging`, roleArn))],
        ...[test('Test'), approval, stage('Production', stack('Deploy', `${infra}-prod`, roleArn))],
      ],
      { approvals: ['Approval'] },
    ),
    pattern('fan', [build, stage('Deploy', ...regions.map((to, i) => deploy(`To${i + 1}`, to)))], {
      deploysTo: regions,
    }),
  ];
}

/** A role that all may use. @returns its ARN */
export async function makeGround(server: Reached): Promise<string> {
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  for (const Bucket of [ARTIFACTS, SITE]) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  const iam = new IAMClient(server.client);
  const allow = (extra: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...extra } });
  const Service = ['codepipeline', 'codebuild', 'cloudformation'].map((s) => `${s}.amazonaws.com`);
  const AssumeRolePolicyDocument = allow({ Principal: { Service }, Action: 'sts:AssumeRole' });
  const RoleName = 'patterns';
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const PolicyDocument = allow({ Action: '*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'all', PolicyDocument }));
  const role = `arn:aws:iam::${server.accountId}:role/${RoleName}`;
  await new CodeBuildClient(server.client).send(
    new CreateProjectCommand({
      name: PROJECT,
      source: { type: 'CODEPIPELINE', buildspec: BUILDSPEC },
      artifacts: { type: 'CODEPIPELINE' },
      environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: role,
    }),
  );
  return role;
}

export interface Running {
  /** Brings a number to the repository. @returns the commit */
  push(number: number): Promise<string>;
  /** Approves what waits for it. */
  approve(): Promise<void>;
}

/** Makes the repository with a first push, number 0, and the pipeline, which starts with it. */
export async function makePattern(
  server: Reached,
  roleArn: string,
  { name, mode, stages, approvals }: Pattern,
): Promise<Running> {
  const codecommit = new CodeCommitClient(server.client);
  const codepipeline = new CodePipelineClient(server.client);
  await codecommit.send(new CreateRepositoryCommand({ repositoryName: name }));
  let parentCommitId: string | undefined;
  const put = async (filePath: string, text: string) => {
    const { commitId } = await codecommit.send(
      new PutFileCommand({
        ...{ repositoryName: name, branchName: BRANCH, filePath, parentCommitId },
        fileContent: Buffer.from(text),
      }),
    );
    parentCommitId = commitId;
    return commitId ?? '';
  };
  await put('template.yaml', 'Resources: {}\n');
  const push = (number: number) => put(NUMBER, `${number}\n`);
  await push(0);
  const source = action('Source', 'Source', 'CodeCommit', {
    configuration: { RepositoryName: name, BranchName: BRANCH },
    ...into('Code'),
  });
  await codepipeline.send(
    new CreatePipelineCommand({
      pipeline: {
        ...{ name, roleArn, executionMode: mode, pipelineType: 'V2' },
        artifactStore: { type: 'S3', location: ARTIFACTS },
        stages: [stage('Source', source), ...stages],
      },
    }),
  );
  return {
    push,
    async approve() {
      if (approvals.length === 0) return;
      const { stageStates = [] } = await codepipeline.send(new GetPipelineStateCommand({ name }));
      for (const { stageName = '', actionStates = [] } of stageStates) {
        for (const { actionName, latestExecution } of actionStates) {
          if (!approvals.includes(stageName) || !latestExecution?.token) continue;
          const { token } = latestExecution;
          const result = { status: 'Approved' as const, summary: '' };
          await codepipeline.send(
            new PutApprovalResultCommand({
              ...{ pipelineName: name, stageName, actionName, token, result },
            }),
          );
        }
      }
    },
  };
}

/**
 * CloudFormation, elsewhere.
 * @param busyLooks how often a stack that was made or changed is found busy; 0: all stacks are there, and never change
 */
export async function cloudFormationStub(busyLooks: number): Promise<Upstream> {
  const stacks = new Map<string, { status: string; busy: number }>();
  const idOf = (name: string) => `arn:aws:cloudformation:us-east-1:111122223333:stack/${name}/1`;
  const settled = busyLooks === 0;
  const nameOf = (given: unknown) => /stack\/([^/]+)/.exec(String(given))?.[1] ?? String(given);
  const change = (status: string) => (input: Record<string, unknown>) => {
    const name = nameOf(input.StackName);
    if ((stacks.get(name)?.busy ?? 0) > 0) refused('ValidationError', 'It is in progress');
    if (settled) refused('ValidationError', 'No updates are to be performed.');
    stacks.set(name, { status, busy: busyLooks });
    return { StackId: idOf(name) };
  };
  return makeUpstream([cloudformation], {
    DescribeStacks({ StackName }) {
      const name = nameOf(StackName);
      const found = stacks.get(name) ?? (settled ? { status: 'CREATE', busy: 0 } : undefined);
      if (!found) return refused('ValidationError', `Stack with id ${name} does not exist`);
      const busy = found.busy > 0;
      found.busy -= busy ? 1 : 0;
      const StackStatus = `${found.status}_${busy ? 'IN_PROGRESS' : 'COMPLETE'}`;
      const CreationTime = new Date();
      return { Stacks: [{ StackId: idOf(name), StackName: name, StackStatus, CreationTime }] };
    },
    DescribeStackEvents: () => ({ StackEvents: [] }),
    CreateStack: change('CREATE'),
    UpdateStack: change('UPDATE'),
  });
}
