import { Readable } from 'node:stream';
import {
  CodePipelineClient,
  CreatePipelineCommand,
  GetPipelineStateCommand,
} from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../../db/testing.ts';
import type { Mail } from '../../../network/mail.ts';
import { ACCOUNT, REGION, type World, world } from '../../../testing.ts';
import kms from '../../kms/index.ts';
import s3Service from '../../s3/index.ts';
import snsService from '../../sns/index.ts';
import service from '../index.ts';

const ROLE = `arn:aws:iam::${ACCOUNT}:role/pipeline`;
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:approvals`;
const COMMENT = 'Look at <b>it</b> & "say"';

eachDialect('Approvals by mail', (makeDatabase) => {
  let server: World;
  let mails: Mail[];

  beforeEach(async () => {
    mails = [];
    server = await world(makeDatabase, [service, snsService, s3Service, kms], {
      around: { mail: () => ({ send: async (mail) => void mails.push(mail) }) },
    });
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const allow = (...actions: string[]) =>
    server.client(IAMClient).send(
      new PutRolePolicyCommand({
        RoleName: 'pipeline',
        PolicyName: 'all',
        PolicyDocument: JSON.stringify({
          Statement: { Effect: 'Allow', Action: actions, Resource: '*' },
        }),
      }),
    );

  /** A pipeline that waits for its approval, whose topic has a confirmed mailbox. */
  async function waiting(...actions: string[]): Promise<void> {
    const Statement = {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'codepipeline.amazonaws.com' },
    };
    await server.client(IAMClient).send(
      new CreateRoleCommand({
        RoleName: 'pipeline',
        AssumeRolePolicyDocument: JSON.stringify({ Statement }),
      }),
    );
    await allow('s3:*', 'kms:*', ...actions);
    const s3 = server.client(S3Client);
    await s3.send(new CreateBucketCommand({ Bucket: 'source' }));
    await s3.send(
      new PutBucketVersioningCommand({
        Bucket: 'source',
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
    await s3.send(new PutObjectCommand({ Bucket: 'source', Key: 'app.zip', Body: 'x' }));
    const sns = server.client(SNSClient);
    await sns.send(new CreateTopicCommand({ Name: 'approvals' }));
    await sns.send(
      new SubscribeCommand({ TopicArn: TOPIC, Protocol: 'email', Endpoint: 'me@example.com' }),
    );
    await server.runDue();
    await open('GET', linkIn(mails.splice(0)[0]));
    const typeOf = (category: 'Source' | 'Approval', provider: string) => ({
      ...{ category, owner: 'AWS' as const, provider, version: '1' },
    });
    await server.client(CodePipelineClient).send(
      new CreatePipelineCommand({
        pipeline: {
          name: 'web',
          roleArn: ROLE,
          artifactStore: { type: 'S3', location: 'source' },
          stages: [
            {
              name: 'Source',
              actions: [
                {
                  name: 'Fetch',
                  actionTypeId: typeOf('Source', 'S3'),
                  configuration: { S3Bucket: 'source', S3ObjectKey: 'app.zip' },
                  outputArtifacts: [{ name: 'Code' }],
                },
              ],
            },
            {
              name: 'Go',
              actions: [
                {
                  name: 'Ask',
                  actionTypeId: typeOf('Approval', 'Manual'),
                  configuration: { NotificationArn: TOPIC, CustomData: COMMENT },
                },
              ],
            },
          ],
        },
      }),
    );
    await server.runDue();
  }

  const linkIn = (mail: Mail | undefined) => /http:\S+/.exec(mail?.text ?? '')?.[0] ?? '';

  async function open(method: string, link: string, form?: Record<string, string>) {
    const { pathname, search } = new URL(link);
    const body = new URLSearchParams(form).toString();
    const answer = await server.server.handle({
      ...{ method, path: pathname, query: search.slice(1), headers: {} },
      body: Readable.from(body === '' ? [] : [Buffer.from(body)]),
      ...{ endpoint: 'http://127.0.0.1:4566', remoteAddress: '127.0.0.1' },
    });
    return { ...answer, body: String(answer.body ?? '') };
  }

  const state = async () => {
    const { stageStates = [] } = await server
      .client(CodePipelineClient)
      .send(new GetPipelineStateCommand({ name: 'web' }));
    return stageStates[1]?.actionStates?.[0]?.latestExecution;
  };

  it('approves by the link of its mail, once, and not when a program has looked at it', async () => {
    await waiting('sns:Publish', 'codepipeline:PutApprovalResult');
    const [mail] = mails;
    expect(mail?.subject).toBe('APPROVAL NEEDED: AWS CodePipeline web for action Ask');
    expect(mail?.text).toContain(`Additional information: ${COMMENT}`);
    const link = linkIn(mail);
    expect(link).toContain('/_slipway/codepipeline/approval?token=');
    const page = await open('GET', link);
    await server.runDue();
    expect((await state())?.status).toBe('InProgress');
    expect(page.body).toContain('Look at &lt;b&gt;it&lt;/b&gt; &amp; &quot;say&quot;');
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect((await open('HEAD', link)).status).toBe(404);
    expect((await state())?.status).toBe('InProgress');
    expect((await open('POST', link, { status: 'Maybe' })).status).toBe(400);
    const forged = link.replace(/token=.{6}/, 'token=AAAAAA');
    expect((await open('POST', forged, { status: 'Approved' })).status).toBe(403);
    expect((await open('POST', link, { status: 'Approved', summary: 'fine' })).status).toBe(200);
    expect(await state()).toMatchObject({
      status: 'Succeeded',
      summary: 'fine',
      lastUpdatedBy: `arn:aws:sts::${ACCOUNT}:assumed-role/pipeline/approval-link`,
    });
    expect((await open('POST', link, { status: 'Rejected' })).status).toBe(410);
    expect((await open('GET', link)).status).toBe(410);
  });

  it('rejects by it', async () => {
    await waiting('sns:Publish', 'codepipeline:PutApprovalResult');
    await open('POST', linkIn(mails[0]), { status: 'Rejected', summary: 'not yet' });
    expect(await state()).toMatchObject({ status: 'Failed' });
  });

  it('has no such link where the role may not approve, or not any more', async () => {
    await waiting('sns:Publish');
    expect(linkIn(mails[0])).toContain('/_slipway/console/codepipeline/');
    expect(mails[0]?.text).toContain(`Token: ${(await state())?.token}`);
  });

  it('asks what the role may when it is answered', async () => {
    await waiting('sns:Publish', 'codepipeline:PutApprovalResult');
    await allow('s3:*');
    expect((await open('POST', linkIn(mails[0]), { status: 'Approved' })).status).toBe(403);
    expect((await state())?.status).toBe('InProgress');
  });

  it('ends with the approval', async () => {
    await waiting('sns:Publish', 'codepipeline:PutApprovalResult');
    server.clock.advance(7 * 24 * 3_600_000);
    expect((await open('POST', linkIn(mails[0]), { status: 'Approved' })).status).toBe(410);
    await server.runDue();
    expect((await state())?.status).toBe('Failed');
  });

  it('fails the action where its role may not publish', async () => {
    await waiting();
    expect(await state()).toMatchObject({
      status: 'Failed',
      errorDetails: { code: 'PermissionError', message: expect.stringContaining('SNS:Publish') },
    });
  });
});
