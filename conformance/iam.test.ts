import { CodePipelineClient, ListPipelinesCommand } from '@aws-sdk/client-codepipeline';
import * as sdk from '@aws-sdk/client-iam';
import { IAMClient } from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
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

it('what would mean something for a session and is not there is refused, not ignored', async () => {
  const keys = await makeUser('scoped');
  const arn = await makeRole('scoped', { AWS: `arn:aws:iam::${ACCOUNT}:user/scoped` });
  const mfa = { SerialNumber: `arn:aws:iam::${ACCOUNT}:mfa/x`, TokenCode: '123456' };
  await expect(assume(keys, arn, mfa)).rejects.toMatchObject({
    name: 'NotImplemented',
    message: 'Slipway does not support the parameter SerialNumber of AssumeRole yet.',
  });
});

it('a session does no more than its session policies allow, a user no more than its boundary, and both hear so', async () => {
  const { Policy } = await iam.send(
    new sdk.CreatePolicyCommand({
      PolicyName: 'limit',
      PolicyDocument: policy(allow('iam:List*')),
    }),
  );
  const PermissionsBoundary = Policy?.Arn ?? '';
  const keys = await makeUser('limited-twice', policy(allow('*')));
  const name = { UserName: 'limited-twice' };
  await iam.send(new sdk.PutUserPermissionsBoundaryCommand({ ...name, PermissionsBoundary }));
  const own = new IAMClient(configured(keys));
  await own.send(new sdk.ListUsersCommand({}));
  await expect(own.send(new sdk.GetUserCommand(name))).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `User: arn:aws:iam::${ACCOUNT}:user/limited-twice is not authorized to perform: iam:GetUser on resource: user limited-twice because no permissions boundary allows the iam:GetUser action`,
  });
  // A role that names the user itself is beyond his boundary, one that trusts the account is not.
  const named = await makeRole('named', { AWS: `arn:aws:iam::${ACCOUNT}:user/limited-twice` });
  const trusting = await makeRole('trusting', { AWS: ACCOUNT });
  await expect(assume(keys, trusting)).rejects.toMatchObject({ name: 'AccessDenied' });
  const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';
  await iam.send(new sdk.AttachRolePolicyCommand({ RoleName: 'named', PolicyArn: ADMIN }));
  const given = {
    Policy: policy(allow('iam:ListUsers')),
    PolicyArns: [{ arn: PermissionsBoundary }],
  };
  const { Credentials, PackedPolicySize } = await assume(keys, named, given);
  expect(PackedPolicySize).toBeGreaterThan(0);
  const session = new IAMClient(configured(Credentials));
  await session.send(new sdk.ListRolesCommand({}));
  await expect(session.send(new sdk.GetUserCommand(name))).rejects.toMatchObject({
    message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/named/session is not authorized to perform: iam:GetUser on resource: user limited-twice because no session policy allows the iam:GetUser action`,
  });
  const refusing = policy(allow('*'), { Effect: 'Deny', Action: 'iam:ListUsers', Resource: '*' });
  const denied = new IAMClient(
    configured((await assume(keys, named, { Policy: refusing })).Credentials),
  );
  await expect(denied.send(new sdk.ListUsersCommand({}))).rejects.toMatchObject({
    message: expect.stringMatching(/ with an explicit deny in a session policy$/),
  });
  await expect(assume(keys, named, { Policy: '{}' })).rejects.toMatchObject({
    name: 'MalformedPolicyDocumentException',
  });
});

it('tags and the source identity of a session need trust, are condition keys, and go on where they are transitive', async () => {
  const keys = await makeUser('tagger');
  const first = await makeRole('tagged', { AWS: `arn:aws:iam::${ACCOUNT}:user/tagger` });
  const Tags = [
    { Key: 'team', Value: 'a' },
    { Key: 'stage', Value: 'x' },
  ];
  const given = { Tags, TransitiveTagKeys: ['team'], SourceIdentity: 'alice' };
  await expect(assume(keys, first, given)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `User: arn:aws:iam::${ACCOUNT}:user/tagger is not authorized to perform: sts:TagSession on resource: ${first}`,
  });
  const trust = (RoleName: string, AWS: string, Action: string[], more: object = {}) =>
    iam.send(
      new sdk.UpdateAssumeRolePolicyCommand({
        RoleName,
        PolicyDocument: policy({ Effect: 'Allow', Action, Principal: { AWS }, ...more }),
      }),
    );
  const user = `arn:aws:iam::${ACCOUNT}:user/tagger`;
  await trust('tagged', user, ['sts:AssumeRole', 'sts:TagSession']);
  await expect(assume(keys, first, given)).rejects.toMatchObject({
    message: expect.stringContaining('sts:SetSourceIdentity'),
  });
  const all = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];
  await trust('tagged', user, all, {
    Condition: {
      StringEquals: { 'aws:RequestTag/team': ['a', 'b'], 'sts:SourceIdentity': 'alice' },
      'ForAllValues:StringEquals': {
        'aws:TagKeys': ['team', 'stage'],
        'sts:TransitiveTagKeys': ['team'],
      },
    },
  });
  const other = { ...given, Tags: [{ Key: 'team', Value: 'c' }] };
  await expect(assume(keys, first, other)).rejects.toMatchObject({ name: 'AccessDenied' });
  const session = await assume(keys, first, given);
  expect(session.SourceIdentity).toBe('alice');

  const second = await makeRole('chained', { AWS: first });
  await trust('chained', first, all, {
    Condition: {
      StringEquals: { 'aws:PrincipalTag/stage': 'x', 'aws:SourceIdentity': 'alice' },
      Null: { 'aws:RequestTag/team': 'true' },
    },
  });
  const next = await assume(session.Credentials ?? {}, second);
  expect(next.SourceIdentity).toBe('alice');
  const PolicyDocument = policy({
    ...allow('iam:ListUsers'),
    Condition: {
      StringEquals: { 'aws:PrincipalTag/team': 'a' },
      Null: { 'aws:PrincipalTag/stage': 'true' },
    },
  });
  await iam.send(
    new sdk.PutRolePolicyCommand({ RoleName: 'chained', PolicyName: 'p', PolicyDocument }),
  );
  await new IAMClient(configured(next.Credentials)).send(new sdk.ListUsersCommand({}));
});

it('a federated user does what both its session policies and its user allow, and calls neither IAM nor STS', async () => {
  const keys = await makeUser('host', policy(allow(['codepipeline:*', 'sts:GetFederationToken'])));
  const sts = new STSClient(configured(keys));
  const federate = async (more: object = {}, from = sts) =>
    from.send(new GetFederationTokenCommand({ Name: 'guest', ...more }));
  const arn = `arn:aws:sts::${ACCOUNT}:federated-user/guest`;
  const list = (credentials: Keys = {}) =>
    new CodePipelineClient(configured(credentials)).send(new ListPipelinesCommand({}));

  const given = await federate({ Policy: policy(allow('codepipeline:List*')) });
  expect(given).toMatchObject({
    FederatedUser: { FederatedUserId: `${ACCOUNT}:guest`, Arn: arn },
    PackedPolicySize: expect.any(Number),
  });
  expect((await list(given.Credentials)).pipelines).toEqual([]);
  const who = new STSClient(configured(given.Credentials));
  expect(await who.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: arn });
  await expect(federate({}, who)).rejects.toMatchObject({ name: 'AccessDenied' });
  const iamOfGuest = new IAMClient(configured(given.Credentials));
  await expect(iamOfGuest.send(new sdk.ListUsersCommand({}))).rejects.toMatchObject({
    name: 'InvalidClientTokenId',
  });

  await expect(list((await federate()).Credentials)).rejects.toMatchObject({
    message: expect.stringMatching(/because no session policy allows/),
  });
  const beyond = await federate({ Policy: policy(allow('*')) });
  await iam.send(
    new sdk.PutUserPolicyCommand({
      UserName: 'host',
      PolicyName: 'p',
      PolicyDocument: policy(allow('sts:*')),
    }),
  );
  await expect(list(beyond.Credentials)).rejects.toMatchObject({
    message: expect.stringMatching(/because no identity-based policy allows/),
  });
  // The root lets in as well; its own key is no session's.
  const byRoot = await federate(
    { Policy: policy(allow('codepipeline:*')), DurationSeconds: 7200 },
    new STSClient(server.client),
  );
  expect((await list(byRoot.Credentials)).pipelines).toEqual([]);
});

it('the largest session there is fits into a call', async () => {
  const keys = await makeUser('large');
  const arn = await makeRole('large', { AWS: `arn:aws:iam::${ACCOUNT}:user/large` });
  await iam.send(
    new sdk.UpdateAssumeRolePolicyCommand({
      RoleName: 'large',
      PolicyDocument: policy({
        Effect: 'Allow',
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/large` },
      }),
    }),
  );
  const Tags = Array.from({ length: 28 }, (_, n) => ({ Key: `${n}`, Value: 'x'.repeat(256) }));
  const large = await assume(keys, arn, { Tags, Policy: policy(allow('*')) });
  expect(large.PackedPolicySize).toBeGreaterThan(95);
  const who = await new STSClient(configured(large.Credentials)).send(
    new GetCallerIdentityCommand({}),
  );
  expect(who.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/large/session`);
});

it.skipIf(noAws)('the aws command manages users, keys, roles and policies', async () => {
  await aws(server)`iam create-user --user-name cli --path /AWS/CodeDeploy/ --tags Key=a,Value=b`;
  expect(await awsError(server)`iam create-user --user-name cli`).toBe(
    'EntityAlreadyExists: User with name cli already exists.',
  );
  await aws(server)`iam put-user-policy --user-name cli --policy-name p
    --policy-document ${policy(allow('s3:*'))}`;
  const { PolicyDocument } = await aws(server)`iam get-user-policy --user-name cli --policy-name p`;
  expect(PolicyDocument).toMatchObject({ Statement: [{ Action: 's3:*' }] });
  const made = await aws(server)`iam create-service-specific-credential --user-name cli
    --service-name codecommit.amazonaws.com`;
  expect(made).toMatchObject({
    ServiceSpecificCredential: { ServiceUserName: `cli-at-${ACCOUNT}` },
  });
  expect(
    await awsError(
      server,
    )`iam put-user-policy --user-name cli --policy-name q --policy-document {}`,
  ).toMatch(/^MalformedPolicyDocument: /);
  expect(await awsError(server)`iam delete-user --user-name cli`).toMatch(/^DeleteConflict: /);
  expect(await awsError(server)`iam get-role --role-name nothing`).toBe(
    'NoSuchEntity: The role with name nothing cannot be found.',
  );
  expect(
    await awsError(server)`iam create-virtual-mfa-device --virtual-mfa-device-name x
      --outfile /dev/null --bootstrap-method QRCodePNG`,
  ).toMatch(/^NotImplemented: /);
});
