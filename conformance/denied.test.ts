import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeValidator } from '../src/aws/validate/validator.ts';
import { type Answer, BUILT, type Built, type Credentials, callAny } from './any-call.ts';
import { makeKnown } from './known.ts';
import { startServer, type TestServer } from './server.ts';
import { validInput } from './valid-input.ts';

// Every operation of every service, called by a user without any rights.

const idOf = ({ api, name }: Pick<Built, 'api' | 'name'>) => `${api.name}:${name}`;

/** AWS itself asks for no permission here. Whoever adds a line says why. */
const FREE: Record<string, { code: string; because: string }> = {
  'sts:GetCallerIdentity': { code: '', because: 'tells everyone who they are' },
  'sts:GetSessionToken': { code: '', because: 'gives no more than the user has' },
  ...Object.fromEntries(
    [
      'GetDeploymentSpecification',
      'PollHostCommand',
      'PostHostCommandUpdate',
      'PutHostCommandAcknowledgement',
      'PutHostCommandComplete',
    ].map((name) => [
      `codedeploy:${name}`,
      { code: 'AccessDeniedException', because: 'a registered host speaks for itself alone' },
    ]),
  ),
};

/** Services whose operations ask for themselves, since more than the caller's own policies has a say. */
const ASKS_ITSELF: Record<string, string> = {
  autoscaling: 'an instance’s own operations: whose group it is in, the instance tells',
  codepipeline: 'ListDeployActionExecutionTargets: the execution tells of which pipeline it is',
  elasticbeanstalk: 'settings: of an environment or of a template, whichever is named',
  events: 'each bus with what is put on it; tags of rules and of buses',
  logs: 'GetLogRecord: the pointer tells the log group',
  kms: 'the key’s own policy, and the service that the call came through',
  s3: 'which action it is depends on whether a version is named',
  sqs: 'CancelMessageMoveTask: the handle of a task tells of which queue it is',
  ssm: 'StartSession: the document too, where one is named; what the target is, its service tells',
  sts: 'AssumeRole: the role’s trust policy',
};

/** Operations that answer for each thing apart: the code stands beside it. */
const EACH: Record<string, (answer: Answer) => unknown> = {
  's3:DeleteObjects': ({ output }) => (output.Errors as { Code: string }[])[0]?.Code,
};

let server: TestServer;
let nobody: Credentials;
let known: Record<string, string>;
let absent: Record<string, string>;

/** Optional members that name what the call is about. */
const WANTED = new Set([
  ...['username', 'applicationname', 'deploymentgroupname', 'deploymentid'],
  ...['id', 'projectname', 'loggroupname', 'hostidentifier', 'ciphertextblob', 'topicarn'],
]);

/** What an operation asks for that its contract does not. */
const MORE: Record<string, object> = {
  'codepipeline:GetActionType': { owner: 'AWS' },
  'codepipeline:UpdateActionType': {
    actionType: {
      id: { category: 'Test', owner: 'ThirdParty', provider: 'known', version: '1' },
      executor: { type: 'JobWorker', configuration: {} },
      inputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
      outputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
    },
  },
  // Query sends nothing of a list or a structure that is empty.
  'ec2:AssociateIamInstanceProfile': { IamInstanceProfile: { Name: 'known' } },
  'ec2:ReplaceIamInstanceProfileAssociation': { IamInstanceProfile: { Name: 'known' } },
  'ec2:CreateLaunchTemplate': { LaunchTemplateData: { InstanceType: 't3.micro' } },
  'ec2:CreateLaunchTemplateVersion': { LaunchTemplateData: { InstanceType: 't3.micro' } },
  'ec2:CreateTags': { Tags: [{ Key: 'a', Value: 'b' }] },
  'elasticbeanstalk:UpdateApplicationResourceLifecycle': {
    ResourceLifecycleConfig: { VersionLifecycleConfig: { MaxAgeRule: { Enabled: false } } },
  },
  'elasticbeanstalk:ValidateConfigurationSettings': { OptionSettings: [{ Namespace: 'known' }] },
  'elasticloadbalancing:CreateRule': {
    Conditions: [{ Field: 'path-pattern', Values: ['/'] }],
  },
  'elasticloadbalancing:AddListenerCertificates': {
    Certificates: [{ CertificateArn: 'arn:aws:a' }],
  },
  'elasticloadbalancing:RemoveListenerCertificates': {
    Certificates: [{ CertificateArn: 'arn:aws:a' }],
  },
  'elasticloadbalancing:ModifyListenerAttributes': {
    Attributes: [{ Key: 'routing.http.response.server.enabled', Value: 'true' }],
  },
  'elasticloadbalancing:RegisterInstancesWithLoadBalancer': { Instances: [{ InstanceId: 'i-1' }] },
  'elasticloadbalancing:DeregisterInstancesFromLoadBalancer': {
    Instances: [{ InstanceId: 'i-1' }],
  },
  'elasticloadbalancing:RemoveTags': { Tags: [{ Key: 'a' }] },
  'elasticloadbalancing:ModifyLoadBalancerAttributes': {
    LoadBalancerAttributes: { CrossZoneLoadBalancing: { Enabled: true } },
    Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '60' }],
  },
  'elasticloadbalancing:ModifyTargetGroupAttributes': {
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '300' }],
  },
  'elasticloadbalancing:SetRulePriorities': {
    RulePriorities: [
      {
        RuleArn:
          'arn:aws:elasticloadbalancing:us-east-1:000000000000:listener-rule/app/a/0123456789abcdef/0123456789abcdef/0123456789abcdef',
        Priority: 1,
      },
    ],
  },
  'kms:GenerateDataKey': { KeySpec: 'AES_256' },
  'kms:GenerateDataKeyWithoutPlaintext': { KeySpec: 'AES_256' },
};

/** Members whose values are no names of anything. */
const TEXT = [
  'buildspec',
  'policydocument',
  'assumerolepolicydocument',
  'policy',
  'ciphertextblob',
  'eventpattern',
  // Sealed: another of that form is nothing at all.
  'receipthandle',
  'taskhandle',
];

beforeAll(async () => {
  server = await startServer();
  known = {
    ...(await makeKnown(server, server)),
    'codepipeline.resourcearn': `arn:aws:codepipeline:${server.region}:${server.accountId}:known`,
    'monitoring.resourcearn': `arn:aws:cloudwatch:${server.region}:${server.accountId}:alarm:known`,
  };
  absent = Object.fromEntries(
    Object.entries(known).map(([name, value]) => [
      name,
      TEXT.includes(name) ? value : absentOf(value),
    ]),
  );
  const iam = new IAMClient(server.client);
  await iam.send(new CreateUserCommand({ UserName: 'nobody' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'nobody' }));
  nobody = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
});

afterAll(async () => {
  await server?.stop();
});

/** A name of the same form that nothing has. */
function absentOf(value: string): string {
  return value
    .replaceAll('known', 'other')
    .replaceAll('main', 'none')
    .replace(/[0-9a-f]{4}$/, (end) => (end === 'dead' ? 'beef' : 'dead'))
    .replace(/^d-[A-Z0-9]{9}$/, 'd-NONENONE1');
}

/** An answer with what exists called as what does not. */
function renamed(text: string): string {
  const pairs = Object.entries(known).map(([name, value]) => [value, absent[name] ?? value]);
  // The longest first: a name stands in ARNs.
  return pairs
    .sort(([a = ''], [b = '']) => b.length - a.length)
    .reduce((result, [from = '', to = '']) => result.replaceAll(from, to), text);
}

async function ask(built: Built, names: Record<string, string>): Promise<Answer> {
  const input = { ...validInput(built, names, WANTED), ...MORE[idOf(built)] };
  const invalid = makeValidator()(built.api, built.name, input);
  expect(invalid?.message, `a valid input of ${idOf(built)}`).toBeUndefined();
  return callAny(server, nobody, built.api, built.name, input);
}

const codeOf = (built: Built, answer: Answer) =>
  // The answer to HEAD has no body.
  /^Head[A-Z]/.test(built.name) && answer.status === 403
    ? 'AccessDenied'
    : (answer.status === 200 && EACH[idOf(built)]?.(answer)) || answer.code;

test('operations that ask no permission before they run are listed, with the reason', () => {
  const free = BUILT.filter(({ rule }) => rule === 'none').map(idOf);
  expect(free.sort()).toEqual(Object.keys(FREE).sort());
  const asking = new Set(BUILT.filter(({ rule }) => rule === 'self').map(({ api }) => api.name));
  expect([...asking].sort()).toEqual(Object.keys(ASKS_ITSELF).sort());
});

test.each(BUILT.map((built) => [idOf(built), built] as const))(
  '%s refuses who has no rights, and says nothing more',
  async (id, built) => {
    const [there, notThere] = [await ask(built, known), await ask(built, absent)];
    const expected =
      FREE[id]?.code ??
      expect.stringMatching(
        /^(AccessDenied|AuthorizationError|UnauthorizedOperation)(Exception)?$/,
      );
    expect([codeOf(built, there), codeOf(built, notThere)], there.message).toEqual([
      expected,
      expected,
    ]);
    // Whether it exists shows in nothing.
    expect([there.status, renamed(there.message)]).toEqual([
      notThere.status,
      renamed(notThere.message),
    ]);
  },
);
