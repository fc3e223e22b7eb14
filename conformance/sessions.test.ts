import { randomUUID } from 'node:crypto';
import {
  CodeBuildClient,
  CreateProjectCommand,
  ListProjectsCommand,
} from '@aws-sdk/client-codebuild';
import { CodeCommitClient, CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import * as iamSdk from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import * as stsSdk from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitSignature } from '../src/aws/auth/git-signature.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let iam: iamSdk.IAMClient;

beforeAll(async () => {
  server = await startServer();
  iam = new iamSdk.IAMClient(server.client);
  const repository = { repositoryName: 'app' };
  await new CodeCommitClient(server.client).send(new CreateRepositoryCommand(repository));
});

afterAll(async () => {
  await server?.stop();
});

const document = (statement: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
const ALL = document({ Action: '*', Resource: '*' });
const trust = (AWS: string) => document({ Action: 'sts:AssumeRole', Principal: { AWS } });

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

const keysOf = ({ Credentials: c }: { Credentials?: stsSdk.Credentials | undefined }): Keys => ({
  accessKeyId: c?.AccessKeyId ?? '',
  secretAccessKey: c?.SecretAccessKey ?? '',
  sessionToken: c?.SessionToken ?? '',
});

async function makeUser(UserName: string): Promise<Keys> {
  await iam.send(new iamSdk.CreateUserCommand({ UserName }));
  const policy = { UserName, PolicyName: 'p', PolicyDocument: ALL };
  await iam.send(new iamSdk.PutUserPolicyCommand(policy));
  const { AccessKey } = await iam.send(new iamSdk.CreateAccessKeyCommand({ UserName }));
  return {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
}

async function makeRole(RoleName: string, principal: string): Promise<string> {
  const role = { RoleName, AssumeRolePolicyDocument: trust(principal) };
  const { Role } = await iam.send(new iamSdk.CreateRoleCommand(role));
  return Role?.Arn ?? '';
}

const as = (credentials: Keys) => ({ ...server.client, credentials });
const sts = (credentials: Keys) => new stsSdk.STSClient(as(credentials));

async function assume(credentials: Keys, RoleArn: string): Promise<Keys> {
  const command = new stsSdk.AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' });
  return keysOf(await sts(credentials).send(command));
}

/** `Code status` of a refusal. */
async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'served',
    (error: { name: string; $metadata?: { httpStatusCode?: number } }) =>
      `${error.name} ${error.$metadata?.httpStatusCode}`,
  );
}

/** What git's first request with the credential helper's signature gets. */
async function gitStatus({ accessKeyId, secretAccessKey, sessionToken }: Keys): Promise<number> {
  const path = '/v1/repos/app';
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+Z/g, '');
  const { hostname } = new URL(server.endpoint);
  const place = { timestamp, region: server.region, host: hostname, path };
  const password = `${timestamp}Z${gitSignature(accessKeyId, secretAccessKey, place)}`;
  const user = sessionToken ? `${accessKeyId}%${sessionToken}` : accessKeyId;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const url = `${server.endpoint}${path}/info/refs?service=git-upload-pack`;
  return (await fetch(url, { headers: { authorization } })).status;
}

/** How each protocol answers this caller. */
async function answers(keys: Keys): Promise<Record<string, string | number>> {
  return {
    query: await refusal(sts(keys).send(new stsSdk.GetCallerIdentityCommand({}))),
    json: await refusal(new CodeBuildClient(as(keys)).send(new ListProjectsCommand({}))),
    rest: await refusal(new S3Client(as(keys)).send(new ListBucketsCommand({}))),
    git: await gitStatus(keys),
  };
}

const SERVED = { query: 'served', json: 'served', rest: 'served', git: 200 };
const GONE = {
  query: 'InvalidClientTokenId 403',
  json: 'UnrecognizedClientException 400',
  rest: 'InvalidAccessKeyId 403',
  git: 403,
};

describe('a session ends with the identity that it is of', () => {
  test('a role that is deleted, also when another gets its name, and whoever trusts its ARN', async () => {
    const user = await makeUser(`u-${randomUUID()}`);
    const RoleName = 'worker';
    const roleArn = await makeRole(RoleName, '*');
    const policy = { RoleName, PolicyName: 'p' };
    const give = new iamSdk.PutRolePolicyCommand({ ...policy, PolicyDocument: ALL });
    await iam.send(give);
    const next = await makeRole('next', roleArn);
    const session = await assume(user, roleArn);
    expect(await answers(session)).toEqual(SERVED);
    expect(await refusal(assume(session, next))).toBe('served');

    await iam.send(new iamSdk.DeleteRolePolicyCommand(policy));
    await iam.send(new iamSdk.DeleteRoleCommand({ RoleName }));
    expect(await answers(session)).toEqual(GONE);
    expect(await refusal(assume(session, next))).toBe('InvalidClientTokenId 403');

    await makeRole(RoleName, '*');
    await iam.send(give);
    expect(await answers(session)).toEqual(GONE);
    expect(await refusal(assume(session, next))).toBe('InvalidClientTokenId 403');
    expect(await answers(await assume(user, roleArn))).toEqual(SERVED);
  });

  test('a user who is deleted, also when another gets his name', async () => {
    const UserName = 'leaver';
    const { accessKeyId: AccessKeyId, ...rest } = await makeUser(UserName);
    const user = { accessKeyId: AccessKeyId, ...rest };
    const session = keysOf(await sts(user).send(new stsSdk.GetSessionTokenCommand({})));
    expect(await answers(session)).toEqual(SERVED);
    await iam.send(new iamSdk.DeleteAccessKeyCommand({ UserName, AccessKeyId }));
    await iam.send(new iamSdk.DeleteUserPolicyCommand({ UserName, PolicyName: 'p' }));
    await iam.send(new iamSdk.DeleteUserCommand({ UserName }));
    expect(await answers(session)).toEqual(GONE);
    await makeUser(UserName);
    expect(await answers(session)).toEqual(GONE);
  });
});

test('the use of a role is known to GetRole', async () => {
  const user = await makeUser('caller');
  const session = await assume(user, await makeRole('used', '*'));
  await sts(session).send(new stsSdk.GetCallerIdentityCommand({}));
  const { LastUsedDate, Region } = await eventually('the use of the role', async () => {
    const { Role } = await iam.send(new iamSdk.GetRoleCommand({ RoleName: 'used' }));
    return Role?.RoleLastUsed?.LastUsedDate && Role.RoleLastUsed;
  });
  expect(Region).toBe(server.region);
  expect(Date.now() - (LastUsedDate?.getTime() ?? 0)).toBeLessThan(60_000);
});

describe('a session of GetSessionToken without MFA', () => {
  test.each([
    ['a user', () => makeUser('session-holder')],
    ['the root', async () => server.client.credentials],
  ])('of %s calls no IAM, and of STS AssumeRole and GetCallerIdentity alone', async (who, keys) => {
    const credentials = await keys();
    const session = keysOf(await sts(credentials).send(new stsSdk.GetSessionTokenCommand({})));
    const sessionIam = new iamSdk.IAMClient(as(session));
    for (const command of [
      new iamSdk.ListUsersCommand({}),
      new iamSdk.GetUserCommand({}),
      new iamSdk.CreateUserCommand({ UserName: 'made' }),
    ])
      expect(await refusal(sessionIam.send(command as iamSdk.GetUserCommand))).toBe(
        'InvalidClientTokenId 403',
      );
    const again = sts(session).send(new stsSdk.GetSessionTokenCommand({}));
    expect(await refusal(again)).toBe('AccessDenied 403');
    expect(await answers(session)).toEqual(SERVED);
    // AWS's root assumes no role, with whatever credentials.
    const role = await makeRole(`open-to-${randomUUID()}`, '*');
    expect(await refusal(assume(session, role))).toBe(
      who === 'the root' ? 'AccessDenied 403' : 'served',
    );
  });

  test('may hand over a role: iam:PassRole is a permission, no call', async () => {
    const user = await makeUser('passer');
    const session = keysOf(await sts(user).send(new stsSdk.GetSessionTokenCommand({})));
    const { Role } = await iam.send(
      new iamSdk.CreateRoleCommand({
        RoleName: 'builder',
        AssumeRolePolicyDocument: document({
          Action: 'sts:AssumeRole',
          Principal: { Service: 'codebuild.amazonaws.com' },
        }),
      }),
    );
    const codebuild = new CodeBuildClient(as(session));
    const made = codebuild.send(
      new CreateProjectCommand({
        name: 'app',
        source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {}' },
        artifacts: { type: 'NO_ARTIFACTS' },
        environment: { type: 'LINUX_CONTAINER', image: 'x', computeType: 'BUILD_GENERAL1_SMALL' },
        serviceRole: Role?.Arn,
      }),
    );
    expect(await refusal(made)).toBe('served');
  });
});
