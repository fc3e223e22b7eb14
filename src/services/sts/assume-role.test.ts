import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import type { Platform } from '../../kit/service.ts';
import { world } from '../../testing.ts';
import { assumeRoleForService } from './assume-role.ts';

const ACCOUNT = '111111111111';
const SERVICE = 'codepipeline.amazonaws.com';

eachDialect('A service assumes a role', (makeDatabase) => {
  let platform: Platform;
  let iam: IAMClient;

  beforeEach(async () => {
    const server = await world(makeDatabase, []);
    iam = server.client(IAMClient);
    platform = server.platform;
  });

  async function role(RoleName: string, principal: object, more: object = {}): Promise<string> {
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal, ...more };
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [statement],
    });
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Path: '/ci/' }),
    );
    return Role?.Arn ?? '';
  }

  const PIPELINE = `arn:aws:codepipeline:eu-west-1:${ACCOUNT}:release`;

  const assume = (roleArn: string, via?: string, sourceArn = PIPELINE) =>
    assumeRoleForService(platform, { service: SERVICE, roleArn, sourceArn, via, sessionName: 's' });

  const refusal = (caller: string, arn: string) => ({
    code: 'AccessDenied',
    status: 403,
    message: `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
  });

  it('that trusts it, whatever the path', async () => {
    const arn = await role('pipeline', { Service: [SERVICE, 'codebuild.amazonaws.com'] });
    expect(await assume(arn)).toEqual({
      type: 'assumed-role',
      accountId: ACCOUNT,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/pipeline/s`,
      userId: expect.stringMatching(/^AROA[A-Z2-7]{17}:s$/),
      roleArn: arn,
      roleName: 'pipeline',
      sessionName: 's',
      issuedAt: platform.clock.now().getTime(),
    });
  });

  it('but none that trusts another, is not there, or is named without its path', async () => {
    const arn = await role('build', { Service: 'codebuild.amazonaws.com' });
    await expect(assume(arn)).rejects.toMatchObject(refusal(SERVICE, arn));
    for (const none of [
      `arn:aws:iam::${ACCOUNT}:role/ci/none`,
      `arn:aws:iam::${ACCOUNT}:role/build`,
      'nonsense',
    ])
      await expect(assume(none)).rejects.toMatchObject(refusal(SERVICE, none));
  });

  it('for the account that the role may be used for', async () => {
    const from = (id: string) => ({ Condition: { StringEquals: { 'aws:SourceAccount': id } } });
    expect(await assume(await role('mine', { Service: SERVICE }, from(ACCOUNT)))).toBeDefined();
    const theirs = await role('theirs', { Service: SERVICE }, from('222222222222'));
    await expect(assume(theirs)).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it('for the resource that the role may be used for, and for no other of its account', async () => {
    const arn = await role(
      'mine',
      { Service: SERVICE },
      { Condition: { ArnLike: { 'aws:SourceArn': PIPELINE } } },
    );
    expect(await assume(arn)).toBeDefined();
    await expect(assume(arn, undefined, `${PIPELINE}-2`)).rejects.toMatchObject(
      refusal(SERVICE, arn),
    );
  });

  it('never of an account other than that of the resource, whomever the role trusts', async () => {
    const arn = await role('open', { Service: SERVICE });
    const foreign = PIPELINE.replace(ACCOUNT, '222222222222');
    await expect(assume(arn, undefined, foreign)).rejects.toMatchObject(refusal(SERVICE, arn));
    await expect(assume(arn, arn, foreign)).rejects.toMatchObject(refusal(SERVICE, arn));
  });

  it('by way of another, which needs trust and, where only the account is trusted, permission', async () => {
    const via = await role('pipeline', { Service: SERVICE });
    const named = await role('named', { AWS: via });
    expect(await assume(named, via)).toMatchObject({ roleArn: named });
    const delegated = await role('delegated', { AWS: ACCOUNT });
    const caller = `arn:aws:sts::${ACCOUNT}:assumed-role/pipeline/s`;
    await expect(assume(delegated, via)).rejects.toMatchObject(refusal(caller, delegated));
    const allow = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: delegated };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [allow] });
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'pipeline', PolicyName: 'p', PolicyDocument }),
    );
    expect(await assume(delegated, via)).toMatchObject({ roleArn: delegated });
    await expect(assume(named)).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});
