import { CodeBuildClient, CreateProjectCommand } from '@aws-sdk/client-codebuild';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  IAMClient,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from './server.ts';

// What emulator users expect of --auth relaxed: they have no roles, and those that they have mean something.

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ flags: ['--auth', 'relaxed'] });
});
afterAll(async () => {
  await server?.stop();
});

const arnOf = (role: string) => `arn:aws:iam::${server.accountId}:role/${role}`;
const trust = (Service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }],
});

async function makeRole(RoleName: string, service: string): Promise<void> {
  const AssumeRolePolicyDocument = JSON.stringify(trust(service));
  const command = new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument });
  await new IAMClient(server.client).send(command);
}

const createProject = (name: string, role: string) =>
  new CodeBuildClient(server.client).send(
    new CreateProjectCommand({
      name,
      source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {}' },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'x', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: arnOf(role),
    }),
  );

it('a role that does not exist is assumed, and may do everything, until there is one of its name', async () => {
  const assume = { RoleArn: arnOf('later'), RoleSessionName: 'session' };
  const sts = new STSClient(server.client);
  const { Credentials, AssumedRoleUser } = await sts.send(new AssumeRoleCommand(assume));
  expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${server.accountId}:assumed-role/later/session`);
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  const s3 = new S3Client({ ...server.client, credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'made-by-nobody' }));
  const iam = new IAMClient({ ...server.client, credentials });
  expect((await iam.send(new ListUsersCommand({}))).Users).toEqual([]);
  await makeRole('later', 'codebuild.amazonaws.com');
  await expect(s3.send(new ListBucketsCommand({}))).rejects.toMatchObject({
    name: 'InvalidAccessKeyId',
  });
  await expect(sts.send(new AssumeRoleCommand(assume))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
});

it('a session ends with its role, also where roles that never were may do everything', async () => {
  const iam = new IAMClient(server.client);
  const trusting = { ...trust(''), Statement: [{ ...trust('').Statement[0], Principal: '*' }] };
  const AssumeRolePolicyDocument = JSON.stringify(trusting);
  await iam.send(new CreateRoleCommand({ RoleName: 'short', AssumeRolePolicyDocument }));
  const sts = new STSClient(server.client);
  const assume = { RoleArn: arnOf('short'), RoleSessionName: 'session' };
  const { Credentials } = await sts.send(new AssumeRoleCommand(assume));
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  const own = { ...server.client, credentials };
  const whoAmI = () => new STSClient(own).send(new GetCallerIdentityCommand({}));
  expect((await whoAmI()).Arn).toContain('assumed-role/short/session');
  await iam.send(new DeleteRoleCommand({ RoleName: 'short' }));
  await expect(whoAmI()).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  const presigned = new URL('/', server.endpoint);
  const scope = '20260101/us-east-1/s3/aws4_request';
  presigned.searchParams.set('X-Amz-Credential', `${credentials.accessKeyId}/${scope}`);
  presigned.searchParams.set('X-Amz-Security-Token', credentials.sessionToken);
  expect((await fetch(presigned)).status).toBe(403);
});

it('services take a role that does not exist, and of those that do only what trusts them', async () => {
  expect((await createProject('app-a', 'none')).project?.serviceRole).toBe(arnOf('none'));
  await makeRole('builder', 'codebuild.amazonaws.com');
  await createProject('app-b', 'builder');
  await makeRole('deployer', 'codedeploy.amazonaws.com');
  await expect(createProject('app-c', 'deployer')).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: expect.stringContaining('sts:AssumeRole'),
  });
});
