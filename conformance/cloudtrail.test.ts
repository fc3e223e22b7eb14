import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitClient } from '../src/git/testing.ts';
import { aws, awsError, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { cliEnvironment, startServer, type TestServer } from './server.ts';

/** Each start of the aws command takes seconds on a busy machine. */
const SLOW = { timeout: 300_000 };
const SECRET = 'correct horse battery staple';
const BUILDSPEC = 'version: 0.2\nphases: {build: {commands: ["true"]}}';
const ALLOW_ALL =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
const trust = (service: string) =>
  `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"${service}.amazonaws.com"}}}`;

interface Found {
  EventId: string;
  EventName: string;
  Username?: string;
  AccessKeyId?: string;
  ReadOnly: string;
  Resources: { ResourceType?: string; ResourceName: string }[];
  /** `CloudTrailEvent`, read. */
  said: {
    userIdentity: Record<string, unknown>;
    errorCode?: string;
    errorMessage?: string;
    sourceIPAddress: string;
    requestParameters: Record<string, unknown> | null;
    responseElements: Record<string, unknown> | null;
    additionalEventData?: Record<string, unknown>;
    resources?: object[];
  };
}

describe.skipIf(noAws)('CloudTrail by the aws command', SLOW, () => {
  let server: TestServer;
  let mary: { endpoint: string; env: NodeJS.ProcessEnv; accessKeyId: string };
  let work: string;

  beforeAll(async () => {
    server = await startServer();
    work = mkdtempSync(join(tmpdir(), 'slipway-trail-'));
    mary = await makeMary();
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(work, { recursive: true, force: true });
  });

  /** A user who may everything but read secrets. */
  async function makeMary() {
    await aws(server)`iam create-user --user-name mary`;
    const document = ALLOW_ALL.replace('"Action":"*"', '"NotAction":"secretsmanager:Get*"');
    await aws(
      server,
    )`iam put-user-policy --user-name mary --policy-name all --policy-document ${document}`;
    const { AccessKey } = await aws(server)`iam create-access-key --user-name mary`;
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey as {
      AccessKeyId: string;
      SecretAccessKey: string;
    };
    const env = cliEnvironment({ ...server, accessKeyId, secretAccessKey });
    return { endpoint: server.endpoint, env, accessKeyId };
  }

  async function lookUp(key?: string, value?: string, ...more: string[]): Promise<Found[]> {
    const attribute = key
      ? ['--lookup-attributes', `AttributeKey=${key},AttributeValue=${value}`]
      : [];
    const { Events } = await aws(server)`cloudtrail lookup-events ${attribute} ${more}`;
    return (Events as (Found & { CloudTrailEvent: string })[]).map((event) => ({
      ...event,
      said: JSON.parse(event.CloudTrailEvent),
    }));
  }

  it('shows who did what, and whom IAM refused', async () => {
    await aws(mary)`secretsmanager create-secret --name db --secret-string ${SECRET}`;
    const refusal = await awsError(mary)`secretsmanager get-secret-value --secret-id db`;
    expect(refusal).toContain('AccessDeniedException');
    const [refused, created] = (await lookUp('Username', 'mary')).filter(
      ({ EventName }) => EventName !== 'GenerateDataKey',
    );
    const who = {
      type: 'IAMUser',
      userName: 'mary',
      arn: `arn:aws:iam::${server.accountId}:user/mary`,
      accountId: server.accountId,
      accessKeyId: mary.accessKeyId,
    };
    expect(created).toMatchObject({
      EventName: 'CreateSecret',
      ReadOnly: 'false',
      AccessKeyId: mary.accessKeyId,
      said: {
        userIdentity: who,
        sourceIPAddress: '127.0.0.1',
        requestParameters: { name: 'db', secretString: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
        responseElements: { name: 'db', aRN: expect.stringContaining(':secret:db-') },
      },
    });
    expect(refused).toMatchObject({
      EventName: 'GetSecretValue',
      ReadOnly: 'true',
      said: {
        userIdentity: who,
        errorCode: 'AccessDeniedException',
        errorMessage: expect.stringContaining('is not authorized to perform'),
        responseElements: null,
      },
    });
    // What Secrets Manager did for her.
    const [sealed] = await lookUp('EventName', 'GenerateDataKey');
    expect(sealed?.said).toMatchObject({
      userIdentity: { ...who, invokedBy: 'secretsmanager.amazonaws.com' },
      sourceIPAddress: 'secretsmanager.amazonaws.com',
    });
    expect(await lookUp('AccessKeyId', mary.accessKeyId)).toHaveLength(3);
  });

  it('shows a git push', async () => {
    await aws(mary)`codecommit create-repository --repository-name app`;
    const git = async (...args: string[]) =>
      (await gitClient(work, args, mary.env as Record<string, string>)).stdout.trim();
    await git('init', '-q', '-b', 'main');
    writeFileSync(join(work, 'a'), 'a');
    await git('add', 'a');
    await git('commit', '-q', '-m', 'first');
    const made = await aws(
      server,
    )`iam create-service-specific-credential --user-name mary --service-name codecommit.amazonaws.com`;
    const credential = made.ServiceSpecificCredential as Record<string, string>;
    const url = new URL(`${server.endpoint}/v1/repos/app`);
    url.username = encodeURIComponent(credential.ServiceUserName ?? '');
    url.password = encodeURIComponent(credential.ServicePassword ?? '');
    await git('push', '-q', url.href, 'main');
    const commit = await git('rev-parse', 'HEAD');
    const pushes = await lookUp('EventName', 'GitPush');
    const arn = `arn:aws:codecommit:${server.region}:${server.accountId}:app`;
    expect(pushes[0]).toMatchObject({
      Username: 'mary',
      ReadOnly: 'false',
      said: {
        requestParameters: { references: [{ commit, ref: 'refs/heads/main' }] },
        additionalEventData: {
          ...{ protocol: 'HTTP', dataTransferred: true, repositoryName: 'app', shallow: false },
          capabilities: expect.arrayContaining(['side-band-64k']),
        },
        resources: [{ accountId: server.accountId, type: 'AWS::CodeCommit::Repository', ARN: arn }],
      },
    });
    // CC-SEC-05: it has asked before which references there are.
    expect(pushes.at(-1)).toMatchObject({
      ReadOnly: 'true',
      said: { additionalEventData: { dataTransferred: false } },
    });
    expect(await lookUp('ResourceName', 'app')).toEqual(
      expect.arrayContaining([expect.objectContaining({ EventId: pushes[0]?.EventId })]),
    );
    const [secret] = await lookUp('EventName', 'CreateServiceSpecificCredential');
    expect(JSON.stringify(secret)).not.toContain(credential.ServicePassword);
  });

  it('shows what services did for themselves', async () => {
    const iam = aws(server);
    await iam`iam create-role --role-name build --assume-role-policy-document ${trust('codebuild')}`;
    await iam`iam put-role-policy --role-name build --policy-name all --policy-document ${ALLOW_ALL}`;
    const roleArn = `arn:aws:iam::${server.accountId}:role/build`;
    const project = {
      name: 'app',
      source: { type: 'NO_SOURCE', buildspec: BUILDSPEC },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        ...{ type: 'LINUX_CONTAINER', image: 'a', computeType: 'BUILD_GENERAL1_SMALL' },
        environmentVariables: [{ name: 'TOKEN', value: SECRET }],
      },
      serviceRole: roleArn,
    };
    await aws(mary)`codebuild create-project --cli-input-json ${JSON.stringify(project)}`;
    await aws(mary)`codebuild start-build --project-name app`;
    const created = await eventually(
      'the log stream of the build',
      async () => (await lookUp('EventName', 'CreateLogStream'))[0],
    );
    expect(created.said).toMatchObject({
      userIdentity: {
        type: 'AssumedRole',
        arn: expect.stringContaining(':assumed-role/build/'),
        invokedBy: 'codebuild.amazonaws.com',
        sessionContext: {
          sessionIssuer: { type: 'Role', arn: roleArn, userName: 'build' },
          attributes: { creationDate: expect.any(String), mfaAuthenticated: 'false' },
        },
      },
      sourceIPAddress: 'codebuild.amazonaws.com',
    });
    const assumed = await lookUp('EventName', 'AssumeRole');
    expect(assumed[0]).toMatchObject({
      said: {
        userIdentity: { type: 'AWSService', invokedBy: 'codebuild.amazonaws.com' },
        requestParameters: { roleArn },
        resources: [{ accountId: server.accountId, type: 'AWS::IAM::Role', ARN: roleArn }],
      },
    });
    expect(assumed[0]?.Username).toBeUndefined();
  });

  it('pages, survives the end of the server, and has no secret on the disk', async () => {
    const before = await lookUp('ReadOnly', 'false');
    expect(before.length).toBeGreaterThan(8);
    expect(await lookUp('ReadOnly', 'false', '--page-size', '3')).toEqual(before);
    expect(await lookUp('ReadOnly', 'false', '--max-items', '2')).toEqual(before.slice(0, 2));
    expect(JSON.stringify(await lookUp())).not.toContain(SECRET);
    await server.kill();
    await server.restart();
    expect(await lookUp('ReadOnly', 'false')).toEqual(before);
    const files = readdirSync(server.dataDir, { withFileTypes: true }).filter((f) => f.isFile());
    for (const { name, parentPath } of files)
      expect(readFileSync(join(parentPath, name)).includes('userIdentity'), name).toBe(false);
  });
});
