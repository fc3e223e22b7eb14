import * as iamSdk from '@aws-sdk/client-iam';
import { NormalizedSchema } from '@smithy/core/schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDestinations, type Upstream, upstreamEnvironment } from '../src/testing/upstream.ts';
import { type Answer, BUILT, type Credentials, callAny } from './any-call.ts';
import { makeKnown } from './known.ts';
import { startServer, type TestServer } from './server.ts';

// Every member of every input that is a role: who hands it over needs iam:PassRole, and it is of his account.

/** Services whose roles are what they are about, not handed to anybody. */
const OWN_ROLES: Record<string, string> = {
  iam: 'manages roles, each under an action of IAM on that role',
  sts: 'AssumeRole asks the role’s trust policy',
};

/** Roles that need no permission to be passed, and why. */
const NOT_PASSED: Record<string, string> = {
  'codepipeline:CreatePipeline pipeline.stages.actions.roleArn':
    'assumed from the pipeline’s role, by its permissions, also in other accounts (CP-C36)',
  'codepipeline:UpdatePipeline pipeline.stages.actions.roleArn': 'as in CreatePipeline',
  'codebuild:CreateWebhook pullRequestBuildPolicy.approverRoles': 'roles at the forge',
  'codebuild:UpdateWebhook pullRequestBuildPolicy.approverRoles': 'roles at the forge',
  ...Object.fromEntries(
    ['CreatePipeline', 'UpdatePipeline'].flatMap((operation) =>
      ['beforeEntry', 'onFailure', 'onSuccess'].map((member) => [
        `codepipeline:${operation} pipeline.stages.${member}.conditions.rules.roleArn`,
        'as of actions',
      ]),
    ),
  ),
};

/** Those that are passed, and whose calls need more than this server has: tried elsewhere. */
const ELSEWHERE: Record<string, string> = Object.fromEntries(
  ['CreateAutoScalingGroup LifecycleHookSpecificationList.RoleARN', 'PutLifecycleHook RoleARN'].map(
    (member) => [
      `autoscaling:${member}`,
      'groups are of the Docker executor: services/autoscaling/nouns.test.ts',
    ],
  ),
);

const SERVICE_LINKED =
  'AWSServiceRoleForAutoScaling alone is taken, behind which there is no role to act as';
for (const operation of ['CreateAutoScalingGroup', 'UpdateAutoScalingGroup'])
  NOT_PASSED[`autoscaling:${operation} ServiceLinkedRoleARN`] = SERVICE_LINKED;
const NO_ENVIRONMENT = 'no environment is made: services/elasticbeanstalk has a test of it';
for (const operation of ['AssociateEnvironmentOperationsRole', 'CreateEnvironment'])
  NOT_PASSED[`elasticbeanstalk:${operation} OperationsRole`] = NO_ENVIRONMENT;

const NO_SYNCS = 'no sync configuration is made, so that there is none to give it to';
for (const api of ['codeconnections', 'codestar-connections'])
  NOT_PASSED[`${api}:UpdateSyncConfiguration RoleArn`] = NO_SYNCS;

const FOREIGN = 'arn:aws:iam::999999999999:role/known';
const AWS_WORDS = 'AccessDeniedException: Cross-account pass role is not allowed.';
const CODEBUILD_WORDS =
  "InvalidInputException: Invalid service role: Service role account ID does not match caller's account";

const STREAM = 'arn:aws:kinesis:us-east-1:000000000000:stream/known';
const PIPELINE = 'arn:aws:codepipeline:us-east-1:000000000000:known';

const schedule = (RoleArn: string) => ({
  ScheduleExpression: 'rate(1 hour)',
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn: PIPELINE, RoleArn },
});

interface Passed {
  /** A call that hands this role over. */
  input(role: string): object;
  /** How a role of another account is refused. */
  foreign: string;
}

let known: Record<string, string>;

const project = (serviceRole: string) => ({
  source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {build: {commands: ["true"]}}' },
  artifacts: { type: 'NO_ARTIFACTS' },
  environment: { type: 'LINUX_CONTAINER', image: 'x', computeType: 'BUILD_GENERAL1_SMALL' },
  serviceRole,
});
const group = (serviceRoleArn: string) => ({ applicationName: 'known', serviceRoleArn });
const pipeline = (name: string, roleArn: string) => ({
  pipeline: {
    name,
    roleArn,
    artifactStore: { type: 'S3', location: 'known-bucket' },
    stages: [
      {
        name: 'Source',
        actions: [
          {
            name: 'Fetch',
            actionTypeId: { category: 'Source', owner: 'AWS', provider: 'S3', version: '1' },
            configuration: { S3Bucket: 'known-bucket', S3ObjectKey: 'known' },
            outputArtifacts: [{ name: 'Code' }],
          },
        ],
      },
      {
        name: 'Release',
        actions: [
          {
            name: 'Approve',
            actionTypeId: { category: 'Approval', owner: 'AWS', provider: 'Manual', version: '1' },
          },
        ],
      },
    ],
  },
});

const PASSED: Record<string, Passed> = {
  'codebuild:CreateProject serviceRole': {
    input: (role) => ({ name: 'other', ...project(role) }),
    foreign: CODEBUILD_WORDS,
  },
  'codebuild:UpdateProject serviceRole': {
    input: (serviceRole) => ({ name: 'known', serviceRole }),
    foreign: CODEBUILD_WORDS,
  },
  'codebuild:CreateFleet fleetServiceRole': {
    input: (fleetServiceRole) => ({
      ...{ name: 'other', baseCapacity: 1, environmentType: 'LINUX_CONTAINER' },
      ...{ computeType: 'BUILD_GENERAL1_SMALL', fleetServiceRole },
    }),
    foreign: CODEBUILD_WORDS,
  },
  'codebuild:UpdateFleet fleetServiceRole': {
    input: (fleetServiceRole) => ({ arn: known.fleetarn, fleetServiceRole }),
    foreign: CODEBUILD_WORDS,
  },
  'codebuild:StartBuild serviceRoleOverride': {
    input: (serviceRoleOverride) => ({ projectName: 'known', serviceRoleOverride }),
    foreign: CODEBUILD_WORDS,
  },
  'codebuild:UpdateProjectVisibility resourceAccessRole': {
    input: (resourceAccessRole) => ({
      ...{ projectArn: known.projectarn, projectVisibility: 'PUBLIC_READ', resourceAccessRole },
    }),
    foreign: CODEBUILD_WORDS,
  },
  'codebuild:CreateProject buildBatchConfig.serviceRole': {
    input: (role) => ({
      ...{ name: 'batch', ...project(known.rolearn ?? '') },
      buildBatchConfig: { serviceRole: role },
    }),
    foreign: CODEBUILD_WORDS,
  },
  'codebuild:UpdateProject buildBatchConfig.serviceRole': {
    input: (serviceRole) => ({ name: 'known', buildBatchConfig: { serviceRole } }),
    foreign: CODEBUILD_WORDS,
  },
  'codebuild:StartBuildBatch serviceRoleOverride': {
    input: (serviceRoleOverride) => ({ projectName: 'known', serviceRoleOverride }),
    foreign: CODEBUILD_WORDS,
  },
  'codebuild:StartBuildBatch buildBatchConfigOverride.serviceRole': {
    input: (serviceRole) => ({ projectName: 'known', buildBatchConfigOverride: { serviceRole } }),
    foreign: CODEBUILD_WORDS,
  },
  'codedeploy:CreateDeploymentGroup serviceRoleArn': {
    input: (role) => ({ ...group(role), deploymentGroupName: 'other' }),
    foreign: AWS_WORDS,
  },
  'codedeploy:UpdateDeploymentGroup serviceRoleArn': {
    input: (role) => ({ ...group(role), currentDeploymentGroupName: 'known' }),
    foreign: AWS_WORDS,
  },
  'codepipeline:CreatePipeline pipeline.roleArn': {
    input: (role) => pipeline('other', role),
    foreign: AWS_WORDS,
  },
  'codepipeline:UpdatePipeline pipeline.roleArn': {
    input: (role) => pipeline('known', role),
    foreign: AWS_WORDS,
  },
  'events:PutRule RoleArn': {
    input: (RoleArn) => ({ Name: 'known', EventPattern: '{"source":["a"]}', RoleArn }),
    foreign: AWS_WORDS,
  },
  'scheduler:CreateSchedule Target.RoleArn': {
    input: (RoleArn) => ({ Name: 'other', ...schedule(RoleArn) }),
    foreign: AWS_WORDS,
  },
  'scheduler:UpdateSchedule Target.RoleArn': {
    input: (RoleArn) => ({ Name: 'known', ...schedule(RoleArn) }),
    foreign: AWS_WORDS,
  },
  'logs:PutSubscriptionFilter roleArn': {
    input: (roleArn) => ({
      ...{ logGroupName: 'known', filterName: 'other', filterPattern: '' },
      ...{ destinationArn: STREAM, roleArn },
    }),
    foreign: AWS_WORDS,
  },
  'logs:PutDestination roleArn': {
    input: (roleArn) => ({ destinationName: 'other', targetArn: STREAM, roleArn }),
    foreign: AWS_WORDS,
  },
  'elasticbeanstalk:CreateApplication ResourceLifecycleConfig.ServiceRole': {
    input: (ServiceRole) => ({
      ...{ ApplicationName: 'other', ResourceLifecycleConfig: { ServiceRole } },
    }),
    foreign: AWS_WORDS,
  },
  'elasticbeanstalk:UpdateApplicationResourceLifecycle ResourceLifecycleConfig.ServiceRole': {
    input: (ServiceRole) => ({
      ...{ ApplicationName: 'known', ResourceLifecycleConfig: { ServiceRole } },
    }),
    foreign: AWS_WORDS,
  },
  'events:PutTargets Targets.RoleArn': {
    input: (RoleArn) => ({ Rule: 'known', Targets: [{ Id: '1', Arn: PIPELINE, RoleArn }] }),
    foreign: AWS_WORDS,
  },
};

/** Roles of what is not built: the call is refused, and names the member. */
const REFUSED: Record<string, (role: string) => object> = {
  ...Object.fromEntries(
    ['codeconnections', 'codestar-connections'].map((api) => [
      `${api}:CreateSyncConfiguration RoleArn`,
      (RoleArn: string) => ({
        ...{ Branch: 'main', ConfigFile: 'f', ResourceName: 'known', SyncType: 'CFN_STACK_SYNC' },
        ...{ RoleArn, RepositoryLinkId: known[`${api}.repositorylinkid`] },
      }),
    ]),
  ),
  'elasticbeanstalk:CreateApplicationVersion BuildConfiguration.CodeBuildServiceRole': (
    CodeBuildServiceRole: string,
  ) => ({
    ...{ ApplicationName: 'known', VersionLabel: 'built' },
    BuildConfiguration: { CodeBuildServiceRole, Image: 'aws/codebuild/standard:7.0' },
  }),
  'elasticbeanstalk:CreateApplicationVersion ImageConfiguration.Build.CodeBuildServiceRole': (
    CodeBuildServiceRole: string,
  ) => ({
    ...{ ApplicationName: 'known', VersionLabel: 'built' },
    ImageConfiguration: { Build: { CodeBuildServiceRole } },
  }),
};

/** Members that look like a role, however deep. */
function rolesIn(schema: unknown, path: string[] = [], seen: string[] = []): string[] {
  const of = NormalizedSchema.of(schema as never);
  if (of.isListSchema() || of.isMapSchema()) return rolesIn(of.getValueSchema(), path, seen);
  if (of.isStructSchema()) {
    const name = of.getName() ?? '';
    if (seen.includes(name)) return [];
    return Object.entries(of.getMemberSchemas()).flatMap(([member, inner]) =>
      rolesIn(inner, [...path, member], [...seen, name]),
    );
  }
  return /role/i.test(path.at(-1) ?? '') && of.isStringSchema() ? [path.join('.')] : [];
}

const FOUND = BUILT.filter(({ api }) => !Object.hasOwn(OWN_ROLES, api.name)).flatMap((built) =>
  rolesIn(built.schema).map((member) => `${built.api.name}:${built.name} ${member}`),
);

test('every member of an input that is a role has a place here', () => {
  const placed = [PASSED, ELSEWHERE, NOT_PASSED, REFUSED].flatMap((table) => Object.keys(table));
  expect(FOUND.sort()).toEqual(placed.sort());
});

const document = (statement: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statement });

describe('a role that is handed over', () => {
  let server: TestServer;
  let upstream: Upstream;
  let iam: iamSdk.IAMClient;
  let role: string;
  let open: string;
  let limited: Credentials;

  beforeAll(async () => {
    upstream = await makeDestinations();
    server = await startServer({ env: upstreamEnvironment(upstream, 'kinesis') });
    known = await makeKnown(server, server);
    iam = new iamSdk.IAMClient(server.client);
    const PolicyDocument = document({
      ...{ Effect: 'Allow', Action: 'kinesis:PutRecord', Resource: STREAM },
    });
    await iam.send(
      new iamSdk.PutRolePolicyCommand({ RoleName: 'known', PolicyName: 'p', PolicyDocument }),
    );
    open = known.rolearn ?? '';
    role = open.replace(/known$/, 'powerful');
    const { Role } = await iam.send(new iamSdk.GetRoleCommand({ RoleName: 'known' }));
    const AssumeRolePolicyDocument = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '');
    await iam.send(
      new iamSdk.CreateRoleCommand({ RoleName: 'powerful', AssumeRolePolicyDocument }),
    );
    limited = await makeUser('limited', open);
  });
  afterAll(async () => {
    await server?.stop();
    await upstream?.close();
  });

  /** A user who may do everything but hand over roles, this one excepted. */
  async function makeUser(UserName: string, mayPass: string): Promise<Credentials> {
    await iam.send(new iamSdk.CreateUserCommand({ UserName }));
    const PolicyDocument = document([
      { Effect: 'Allow', NotAction: 'iam:PassRole', Resource: '*' },
      { Effect: 'Allow', Action: 'iam:PassRole', Resource: mayPass },
    ]);
    const policy = { UserName, PolicyName: 'p', PolicyDocument };
    await iam.send(new iamSdk.PutUserPolicyCommand(policy));
    const { AccessKey } = await iam.send(new iamSdk.CreateAccessKeyCommand({ UserName }));
    return {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    };
  }

  function call(id: string, as: Credentials, input: object): Promise<Answer> {
    const [operation = ''] = id.split(' ');
    const built = BUILT.find(({ api, name }) => `${api.name}:${name}` === operation);
    if (!built) throw new Error(`There is no ${operation}`);
    return callAny(server, as, built.api, built.name, input);
  }

  const notAllowed = (arn: string) =>
    expect.stringContaining(`is not authorized to perform: iam:PassRole on resource: ${arn}`);

  test.each(Object.entries(PASSED))('%s: takes iam:PassRole', async (id, { input }) => {
    const refused = await call(id, limited, input(role));
    // Query APIs leave the end away.
    const code = refused.code.replace(/Exception$/, '');
    expect([code, refused.message]).toEqual(['AccessDenied', notAllowed(role)]);
    const taken = await call(id, limited, input(open));
    expect([taken.status, taken.message]).toEqual([200, '']);
  });

  test.each(Object.entries(PASSED))(
    '%s: is of the caller’s account, whoever calls',
    async (id, { input, foreign }) => {
      const { code, message } = await call(id, server, input(FOREIGN));
      expect(`${code}: ${message}`).toBe(foreign);
    },
  );

  test.each(Object.entries(REFUSED))('%s: is refused by name', async (id, input) => {
    const { status, message } = await call(id, server, input(open));
    const [member = ''] =
      id
        .split(' ')[1]
        ?.split('.')
        .slice(id.includes('pipeline') ? 2 : 0) ?? [];
    expect([status, message]).toEqual([501, expect.stringContaining(member)]);
  });

  test('codebuild:RetryBuild: the role of a build that is not its project’s takes iam:PassRole again', async () => {
    const start = { projectName: 'known', serviceRoleOverride: role };
    const id = async (input: object) => {
      const { output } = await call('codebuild:StartBuild', server, input);
      const { id } = output.build as { id: string };
      await call('codebuild:StopBuild', server, { id });
      await expect
        .poll(
          async () => {
            const { output } = await call('codebuild:BatchGetBuilds', server, { ids: [id] });
            return (output.builds as { buildComplete: boolean }[])[0]?.buildComplete;
          },
          { timeout: 30_000, interval: 100 },
        )
        .toBe(true);
      return id;
    };
    const refused = await call('codebuild:RetryBuild', limited, { id: await id(start) });
    expect([refused.code, refused.message]).toEqual(['AccessDeniedException', notAllowed(role)]);
    const plain = await id({ projectName: 'known' });
    expect((await call('codebuild:RetryBuild', limited, { id: plain })).status).toBe(200);
    // Nor is it taken on for a role that the project has no more.
    await call('codebuild:UpdateProject', server, { name: 'known', serviceRole: role });
    const powerful = await id({ projectName: 'known' });
    await call('codebuild:UpdateProject', server, { name: 'known', serviceRole: open });
    const again = await call('codebuild:RetryBuild', limited, { id: powerful });
    expect([again.code, again.message]).toEqual(['AccessDeniedException', notAllowed(role)]);
  }, 60_000);
});
