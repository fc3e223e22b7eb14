import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  ListActionExecutionsCommand,
  ListDeployActionExecutionTargetsCommand,
  RetryStageExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import { PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { git } from '../src/cli/demo/git.ts';
import { type Instance, startInstance, stopInstance } from '../src/cli/demo/instances.ts';
import {
  buildPolicy,
  developerPolicy,
  instancePolicy,
  NAMES,
  type Place,
  pipelinePolicy,
} from '../src/cli/demo/policies.ts';
import {
  type Clients,
  type GitCredentials,
  makeClients,
  makeInputs,
  makeRepository,
} from '../src/cli/demo/resources.ts';
import type { DemoServer } from '../src/cli/demo/server.ts';
import { eventually } from './eventually.ts';
import {
  endOf,
  lastExecution,
  makeApplication,
  makeHost,
  type Policies,
  pushFiles,
  type Removal,
  removals,
  startWith,
} from './permissions.ts';
import { startServer, type TestServer } from './server.ts';

// Each action and each statement of the demo's policies is taken away in turn: what fails, and with which words. A policy that
// allows more than the journey takes fails here, and so does what works without its permission.

const ACCOUNT = '000000000000';
const PLACE: Place = { accountId: ACCOUNT, region: 'us-east-1', bucket: 'journey-artifacts' };
const arn = (service: string, resource: string) =>
  `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;
const object = (name: string, artifact: string) =>
  `"arn:aws:s3:::${PLACE.bucket}/${name}/${artifact}/`;

/** Where it ends, the action and the resource of AWS's sentence, for a journey of that name. */
type Expected = (name: string) => [where: string, ...parts: string[]];

/** AWS's sentence about a role of the journey. @param resource or how it begins */
const refused =
  (
    role: 'pipeline' | 'build',
    where: string,
    action: string,
    resource: string | Expected,
  ): Expected =>
  (name) => [
    where,
    `User: arn:aws:sts::${ACCOUNT}:assumed-role/${name}-${role}/`,
    ` is not authorized to perform: ${action} on resource: ${typeof resource === 'string' ? resource : resource(name)[0]}`,
    `because no identity-based policy allows the ${action} action`,
  ];

const CODECOMMIT =
  'Source PermissionError: Could not access the CodeCommit repository `web-app`. Make sure that the pipeline IAM role has sufficient permissions to access the repository. Error: ';
const UPLOAD =
  'Source PermissionError: Could not upload the source of the CodeCommit repository `web-app` to the artifact bucket "journey-artifacts": ';
const CODEBUILD = 'Build PermissionError: Error calling startBuild: ';
const CODEDEPLOY =
  'Deploy PermissionError: The provided role does not have sufficient permissions to access CodeDeploy: ';
const LOGS = 'Build PROVISIONING ACCESS_DENIED: Service role ';
const REPORTS =
  'Build UPLOAD_ARTIFACTS CLIENT_ERROR: Error in UPLOAD_ARTIFACTS phase: [unit: [error ';
/** A journey without a host comes no further. */
const END: Expected = () => ['Deploy ', 'no instances were found for your deployment group'];

const repository = arn('codecommit', NAMES.repository);
const project: Expected = (name) => [arn('codebuild', `project/${name}`)];
const group: Expected = (name) => [arn('codedeploy', `deploymentgroup:web-app/${name}`)];
const application = arn('codedeploy', 'application:web-app');
const log: Expected = (name) => [arn('logs', `log-group:/aws/codebuild/${name}:log-stream:`)];
const reports: Expected = (name) => [arn('codebuild', `report-group/${name}-unit`)];

const codecommit = (action: string) => refused('pipeline', CODECOMMIT, action, repository);
const report = (action: string, step: string) =>
  refused('build', `${REPORTS}${step}: AccessDeniedException: `, action, reports);

const PIPELINE: Record<string, Expected> = {
  's3:PutObject': refused('pipeline', UPLOAD, 's3:PutObject', (name) => [object(name, 'Code')]),
  // HeadObject: an answer without a body has no sentence.
  's3:GetObject': (name) => [
    `Deploy PermissionError: CodePipeline service role "arn:aws:iam::${ACCOUNT}:role/${name}-pipeline" is getting S3 access denied for the S3 bucket "journey-artifacts". Error: Forbidden (Service: Amazon S3; Status Code: 403; Error Code: 403 Forbidden; `,
  ],
  // Asked when an execution is abandoned that writes a large archive: abandoned-archive.test.ts.
  's3:AbortMultipartUpload': END,
  'codecommit:GetBranch': codecommit('codecommit:GetBranch'),
  'codecommit:GetCommit': codecommit('codecommit:GetCommit'),
  'codecommit:UploadArchive': codecommit('codecommit:UploadArchive'),
  'codecommit:GetUploadArchiveStatus': codecommit('codecommit:GetUploadArchiveStatus'),
  // Asked when an execution is abandoned: abandoned-archive.test.ts.
  'codecommit:CancelUploadArchive': END,
  'codebuild:StartBuild': refused('pipeline', CODEBUILD, 'codebuild:StartBuild', project),
  'codebuild:BatchGetBuilds': refused('pipeline', CODEBUILD, 'codebuild:BatchGetBuilds', project),
  'codedeploy:CreateDeployment': refused(
    'pipeline',
    CODEDEPLOY,
    'codedeploy:CreateDeployment',
    group,
  ),
  // Of which group it is shows to nobody who may not see it.
  'codedeploy:GetDeployment': refused(
    'pipeline',
    CODEDEPLOY,
    'codedeploy:GetDeployment',
    arn('codedeploy', 'deploymentgroup:*/*'),
  ),
  'codedeploy:RegisterApplicationRevision': refused(
    'pipeline',
    CODEDEPLOY,
    'codedeploy:RegisterApplicationRevision',
    application,
  ),
  // Asked when the same revision is deployed again: below.
  'codedeploy:GetApplicationRevision': END,
  'codedeploy:GetDeploymentConfig': refused(
    'pipeline',
    CODEDEPLOY,
    'codedeploy:GetDeploymentConfig',
    arn('codedeploy', 'deploymentconfig:CodeDeployDefault.OneAtATime'),
  ),
};

const BUILD: Record<string, Expected> = {
  's3:GetObject': refused(
    'build',
    'Build DOWNLOAD_SOURCE CLIENT_ERROR: AccessDenied: ',
    's3:GetObject',
    (name) => [object(name, 'Code')],
  ),
  's3:PutObject': refused(
    'build',
    'Build UPLOAD_ARTIFACTS CLIENT_ERROR: Failed to upload artifacts: AccessDenied: ',
    's3:PutObject',
    (name) => [object(name, 'Bundle')],
  ),
  'logs:CreateLogStream': refused('build', LOGS, 'logs:CreateLogStream', log),
  'logs:CreateLogGroup': refused('build', LOGS, 'logs:CreateLogGroup', log),
  // The build goes on without its log: below.
  'logs:PutLogEvents': END,
  'ssm:GetParameters': refused(
    'build',
    'Build DOWNLOAD_SOURCE Decrypted Variables Error: AccessDeniedException: ',
    'ssm:GetParameters',
    arn('ssm', 'parameter/web-app/greeting'),
  ),
  'secretsmanager:GetSecretValue': refused(
    'build',
    'Build DOWNLOAD_SOURCE Secrets Manager Error: AccessDeniedException: ',
    'secretsmanager:GetSecretValue',
    'web-app/signing',
  ),
  'codebuild:CreateReportGroup': report('codebuild:CreateReportGroup', 'creating report group'),
  'codebuild:CreateReport': report('codebuild:CreateReport', 'creating report'),
  'codebuild:BatchPutTestCases': report('codebuild:BatchPutTestCases', 'uploading test cases'),
  'codebuild:UpdateReport': report('codebuild:UpdateReport', 'updating report'),
};

const INSTANCE: Record<string, Expected> = {
  's3:GetObjectVersion': (name) => [
    'Deploy DownloadBundle ',
    `User: arn:aws:iam::${ACCOUNT}:user/${name} is not authorized to perform: s3:GetObjectVersion on resource: ${object(name, 'Bundle')}`,
    'because no identity-based policy allows the s3:GetObjectVersion action',
  ],
};

const ALL: Policies = { pipeline: pipelinePolicy(PLACE), build: buildPolicy(PLACE) };
const HOST = instancePolicy(PLACE);
const [PIPELINES, BUILDS, HOSTS] = [removals(ALL.pipeline), removals(ALL.build), removals(HOST)];

interface Journey extends Policies {
  name: string;
}
const journeys: Journey[] = [
  { ...ALL, name: 'all', instance: HOST },
  { ...ALL, name: 'hostless' },
  ...PIPELINES.map(({ document }, at) => ({ ...ALL, name: `pipeline-${at}`, pipeline: document })),
  ...BUILDS.map(({ document }, at) => ({ ...ALL, name: `build-${at}`, build: document })),
  ...HOSTS.map(({ document }, at) => ({ ...ALL, name: `host-${at}`, instance: document })),
];

let server: TestServer;
let directory: string;
let clients: Clients;
let developer: { url: string } & GitCredentials;
const hosts: Instance[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-permissions-'));
  server = await startServer();
  const reached = { ...server, credentials: server.client.credentials } as unknown as DemoServer;
  clients = makeClients(reached);
  await makeInputs(clients, PLACE);
  developer = await makeRepository(clients, PLACE);
  await pushFiles(join(directory, 'work'), developer);
  const deploy = await makeApplication(clients);
  await Promise.all(
    journeys.map(async ({ name, instance, ...policies }) => {
      if (instance !== undefined) {
        const identity = await makeHost(clients, name, instance);
        hosts.push(await startInstance(reached, identity, join(directory, name), false));
      }
      await startWith(clients, PLACE, name, deploy, policies);
    }),
  );
  for (const { name } of journeys) await ended(name);
}, 120_000);
afterAll(async () => {
  for (const host of hosts) await stopInstance(host);
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const ended = (name: string) =>
  eventually(`the end of ${name}`, async () => {
    const { status = 'InProgress' } = (await lastExecution(clients, name)) ?? {};
    return status !== 'InProgress';
  });

/** The journey without that one action. */
const nameOf = (kind: string, all: Removal[], removed: string) =>
  `${kind}-${all.findIndex((each) => each.removed === removed)}`;

const fits = (end: string, [where = '', ...parts]: string[]) =>
  end.startsWith(where) && parts.every((part) => end.includes(part));

function expectEnd(end: string, [where, ...parts]: string[]): void {
  expect(end.slice(0, where?.length)).toBe(where);
  for (const part of parts) expect(end).toContain(part);
}

describe.each([
  ['pipeline', PIPELINES, PIPELINE],
  ['build', BUILDS, BUILD],
  ['host', HOSTS, INSTANCE],
] as const)('the role of the %s', (kind, all, expected) => {
  test('has a place here for each action that it has', () => {
    const actions = new Set(all.flatMap(({ removed }) => removed.split(', ')));
    expect([...actions].sort()).toEqual(Object.keys(expected).sort());
  });

  test.each(all.map(({ removed }, at) => [removed, `${kind}-${at}`] as const))(
    'without %s',
    async (removed, name) => {
      const end = await endOf(clients, name);
      const each = removed.split(', ').map((action) => expected[action]?.(name) ?? ['?']);
      const [only = [], ...others] = each;
      if (others.length === 0) return expectEnd(end, only);
      // Without a whole statement it fails at the first of its actions that is asked.
      expect(each.filter((parts) => fits(end, parts))).toHaveLength(1);
      expect(fits(end, END(name))).toBe(false);
    },
  );
});

test('with all that they have the journey comes to its end', async () => {
  expect(await endOf(clients, 'all')).toBe('Succeeded');
  expectEnd(await endOf(clients, 'hostless'), END('hostless'));
});

test('the targets of its deploy action are the deployment’s, and take no permission of its role', async () => {
  const { actionExecutionDetails = [] } = await clients.codepipeline.send(
    new ListActionExecutionsCommand({ pipelineName: 'all' }),
  );
  const deploy = actionExecutionDetails.find(({ stageName }) => stageName === 'Deploy');
  const { actionExecutionId } = deploy ?? {};
  const { targets = [] } = await clients.codepipeline.send(
    new ListDeployActionExecutionTargetsCommand({ actionExecutionId }),
  );
  expect(targets).toMatchObject([
    {
      targetType: 'InstanceTarget',
      status: 'Succeeded',
      startTime: expect.any(Date),
      endTime: expect.any(Date),
    },
  ]);
  expect(targets[0]?.events?.map(({ name, status }) => `${name} ${status}`)).toContain(
    'Install Succeeded',
  );
});

test('a build whose role may not put log events has an empty log', async () => {
  const logs = new CloudWatchLogsClient(server.client);
  const eventsOf = async (name: string) => {
    const filter = new FilterLogEventsCommand({ logGroupName: `/aws/codebuild/${name}` });
    return (await logs.send(filter)).events ?? [];
  };
  expect(await eventsOf(nameOf('build', BUILDS, 'logs:PutLogEvents'))).toEqual([]);
  const whole = (await eventsOf('all')).map(({ message }) => message);
  expect(whole).toContain('built\n');
});

test('a revision that is deployed again takes codedeploy:GetApplicationRevision', async () => {
  const action = 'codedeploy:GetApplicationRevision';
  const without = nameOf('pipeline', PIPELINES, action);
  const again = async (pipelineName: string) => {
    const { pipelineExecutionId } = (await lastExecution(clients, pipelineName)) ?? {};
    const stage = { pipelineName, pipelineExecutionId, stageName: 'Deploy' };
    const retry = { ...stage, retryMode: 'FAILED_ACTIONS' as const };
    await clients.codepipeline.send(new RetryStageExecutionCommand(retry));
    await ended(pipelineName);
    return endOf(clients, pipelineName);
  };
  expectEnd(await again('hostless'), END('hostless'));
  expectEnd(await again(without), refused('pipeline', CODEDEPLOY, action, application)(without));
});

test('without codecommit:GitPush a push is refused', async () => {
  const [none, ...others] = removals(developerPolicy(PLACE));
  expect([none?.removed, others]).toEqual(['codecommit:GitPush', []]);
  const work = join(directory, 'work');
  const push = () => git(work, ['push', '-q', developer.url, `${NAMES.branch}:other`], developer);
  const policy = { UserName: 'developer', PolicyName: 'developer' };
  await clients.iam.send(new PutUserPolicyCommand({ ...policy, PolicyDocument: none?.document }));
  await expect(push()).rejects.toThrow(/403|not authorized/);
});
