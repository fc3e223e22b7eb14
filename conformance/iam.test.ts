import { CodePipelineClient, ListPipelinesCommand } from '@aws-sdk/client-codepipeline';
import * as sdk from '@aws-sdk/client-iam';
import { IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aws, awsError, noAws } from './aws.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let iam: IAMClient;
beforeAll(async () => {
  server = await startServer();
  iam = new IAMClient(server.client);
});
afterAll(async () => {
  expect(server.log()).toBe('');
  expect(await server.stop()).toBe(0);
});

const policy = (...statements: object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const allow = (Action: string | string[], Resource = '*') => ({
  Effect: 'Allow',
  Action,
  Resource,
});
const ACCOUNT = '000000000000';

interface Keys {
  AccessKeyId?: string;
  SecretAccessKey?: string;
  SessionToken?: string;
}

const configured = ({ AccessKeyId = '', SecretAccessKey = '', SessionToken }: Keys = {}) => ({
  ...server.client,
  maxAttempts: 1,
  credentials: {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  },
});

async function makeUser(UserName: string, PolicyDocument?: string): Promise<Keys> {
  await iam.send(new sdk.CreateUserCommand({ UserName }));
  if (PolicyDocument)
    await iam.send(new sdk.PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
  return (await iam.send(new sdk.CreateAccessKeyCommand({ UserName }))).AccessKey ?? {};
}

async function makeRole(RoleName: string, principal: object, more: object = {}): Promise<string> {
  const AssumeRolePolicyDocument = policy({
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: principal,
    ...more,
  });
  const { Role } = await iam.send(
    new sdk.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }),
  );
  return Role?.Arn ?? '';
}

const assume = (keys: Keys, RoleArn: string, more: object = {}) =>
  new STSClient(configured(keys)).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...more }),
  );

it('a user may do what its policies say, from the next call on, and hears of the rest in AWS words', async () => {
  const keys = await makeUser('limited');
  const pipelines = new CodePipelineClient(configured(keys));
  const resource = `arn:aws:codepipeline:us-east-1:${ACCOUNT}:*`;
  const refusal = `User: arn:aws:iam::${ACCOUNT}:user/limited is not authorized to perform: codepipeline:ListPipelines on resource: ${resource}`;
  await expect(pipelines.send(new ListPipelinesCommand({}))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `${refusal} because no identity-based policy allows the codepipeline:ListPipelines action`,
  });
  const put = (PolicyName: string, PolicyDocument: string) =>
    iam.send(new sdk.PutUserPolicyCommand({ UserName: 'limited', PolicyName, PolicyDocument }));
  await put('allow', policy(allow('codepipeline:*')));
  expect((await pipelines.send(new ListPipelinesCommand({}))).pipelines).toEqual([]);
  await put('deny', policy({ Effect: 'Deny', Action: 'codepipeline:List*', Resource: '*' }));
  await expect(pipelines.send(new ListPipelinesCommand({}))).rejects.toMatchObject({
    message: `${refusal} with an explicit deny in an identity-based policy`,
  });
});

it('a key stops working when it is inactive, and when it is deleted', async () => {
  const keys = await makeUser('rotating');
  const who = () => new STSClient(configured(keys)).send(new GetCallerIdentityCommand({}));
  expect((await who()).Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/rotating`);
  const input = { UserName: 'rotating', AccessKeyId: keys.AccessKeyId };
  await iam.send(new sdk.UpdateAccessKeyCommand({ ...input, Status: 'Inactive' }));
  await expect(who()).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  await iam.send(new sdk.UpdateAccessKeyCommand({ ...input, Status: 'Active' }));
  await who();
  await iam.send(new sdk.DeleteAccessKeyCommand(input));
  await expect(who()).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
});

it('a role is assumed by whom it trusts, and its session does what the role may', async () => {
  const keys = await makeUser('trusted');
  const others = await makeUser('untrusted', policy(allow('sts:AssumeRole')));
  const arn = await makeRole('assumed', { AWS: `arn:aws:iam::${ACCOUNT}:user/trusted` });
  const { Credentials, AssumedRoleUser } = await assume(keys, arn);
  expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/assumed/session`);
  expect(Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
  const session = new IAMClient(configured(Credentials));
  await expect(session.send(new sdk.ListUsersCommand({}))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  const attached = { RoleName: 'assumed', PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' };
  await iam.send(new sdk.AttachRolePolicyCommand(attached));
  expect((await session.send(new sdk.ListUsersCommand({}))).Users?.length).toBeGreaterThan(0);
  const message = (caller: string, role: string) =>
    `User: arn:aws:iam::${ACCOUNT}:user/${caller} is not authorized to perform: sts:AssumeRole on resource: ${role}`;
  await expect(assume(others, arn)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: message('untrusted', arn),
  });
  const none = `arn:aws:iam::${ACCOUNT}:role/none`;
  await expect(assume(keys, none)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: message('trusted', none),
  });
  await expect(assume(keys, arn, { DurationSeconds: 7200 })).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  });
});

it('a role that trusts the account is assumed by who may; an external id is asked for', async () => {
  const may = await makeUser(
    'may',
    policy(allow('sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/delegated`)),
  );
  const mayNot = await makeUser('may-not');
  const condition = { Condition: { StringEquals: { 'sts:ExternalId': '42' } } };
  const arn = await makeRole('delegated', { AWS: `arn:aws:iam::${ACCOUNT}:root` }, condition);
  await expect(assume(may, arn)).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(assume(mayNot, arn, { ExternalId: '42' })).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  expect((await assume(may, arn, { ExternalId: '42' })).Credentials).toBeDefined();
});

it('roles are not assumed by the root, nor services by users', async () => {
  const arn = await makeRole('of-a-service', { Service: 'codebuild.amazonaws.com' });
  await expect(
    new STSClient(server.client).send(
      new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'xx' }),
    ),
  ).rejects.toMatchObject({
    name: 'AccessDenied',
    message: 'Roles may not be assumed by root accounts.',
  });
  const keys = await makeUser('pretender', policy(allow('*')));
  await expect(assume(keys, arn)).rejects.toMatchObject({ name: 'AccessDenied' });
});

it('what would weaken a session is refused, not ignored', async () => {
  const keys = await makeUser('scoped');
  const arn = await makeRole('scoped', { AWS: `arn:aws:iam::${ACCOUNT}:user/scoped` });
  await expect(assume(keys, arn, { Policy: policy(allow('s3:*')) })).rejects.toMatchObject({
    name: 'NotImplemented',
    message: 'Slipway does not support the parameter Policy of AssumeRole yet.',
  });
});

it.skipIf(noAws)('the aws command manages users, keys, roles and policies', async () => {
  const UserName = ['--user-name', 'cli'];
  await aws(
    server,
    'iam',
    'create-user',
    ...UserName,
    '--path',
    '/AWS/CodeDeploy/',
    '--tags',
    'Key=a,Value=b',
  );
  expect(await awsError(server, 'iam', 'create-user', ...UserName)).toBe(
    'EntityAlreadyExists: User with name cli already exists.',
  );
  await aws(
    server,
    'iam',
    'put-user-policy',
    ...UserName,
    '--policy-name',
    'p',
    '--policy-document',
    policy(allow('s3:*')),
  );
  const { PolicyDocument } = await aws(
    server,
    'iam',
    'get-user-policy',
    ...UserName,
    '--policy-name',
    'p',
  );
  expect(PolicyDocument).toMatchObject({ Statement: [{ Action: 's3:*' }] });
  const made = await aws(
    server,
    'iam',
    'create-service-specific-credential',
    ...UserName,
    '--service-name',
    'codecommit.amazonaws.com',
  );
  expect(made).toMatchObject({
    ServiceSpecificCredential: { ServiceUserName: `cli-at-${ACCOUNT}` },
  });
  expect(
    await awsError(
      server,
      'iam',
      'put-user-policy',
      ...UserName,
      '--policy-name',
      'q',
      '--policy-document',
      '{}',
    ),
  ).toMatch(/^MalformedPolicyDocument: /);
  expect(await awsError(server, 'iam', 'delete-user', ...UserName)).toMatch(/^DeleteConflict: /);
  expect(await awsError(server, 'iam', 'get-role', '--role-name', 'nothing')).toBe(
    'NoSuchEntity: The role with name nothing cannot be found.',
  );
  expect(
    await awsError(
      server,
      'iam',
      'create-virtual-mfa-device',
      '--virtual-mfa-device-name',
      'x',
      '--outfile',
      '/dev/null',
      '--bootstrap-method',
      'QRCodePNG',
    ),
  ).toMatch(/^NotImplemented: /);
});
