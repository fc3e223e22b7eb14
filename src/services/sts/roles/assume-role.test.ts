import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { beforeEach, expect, it } from 'vitest';
import { openSession } from '../../../aws/auth/session-token.ts';
import { eachDialect } from '../../../db/testing.ts';
import type { Platform } from '../../../kit/service.ts';
import { world } from '../../../testing.ts';

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

  /** Who the service is as the role. */
  async function assume(roleArn: string, byRoleArn?: string, sourceArn = PIPELINE) {
    const first = byRoleArn !== undefined && { byRoleArn };
    const region = 'eu-west-1';
    const role = { service: SERVICE, roleArn, sourceArn, ...first, sessionName: 'release', region };
    return (await platform.client(STSClient, role).send(new GetCallerIdentityCommand({}))).Arn;
  }

  const session = (name: string) => `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/release`;

  const refusal = (caller: string, arn: string) => ({
    name: 'AccessDenied',
    message: `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
  });

  it('that trusts it, whatever the path', async () => {
    const arn = await role('pipeline', { Service: [SERVICE, 'codebuild.amazonaws.com'] });
    expect(await assume(arn)).toBe(session('pipeline'));
  });

  it('but none that trusts another, is not there, or is named without its path', async () => {
    const arn = await role('build', { Service: 'codebuild.amazonaws.com' });
    await expect(assume(arn)).rejects.toMatchObject(refusal(SERVICE, arn));
    for (const none of [
      `arn:aws:iam::${ACCOUNT}:role/ci/none`,
      `arn:aws:iam::${ACCOUNT}:role/build`,
    ])
      await expect(assume(none)).rejects.toMatchObject(refusal(SERVICE, none));
    await expect(assume('nonsense')).rejects.toMatchObject({ name: 'ValidationError' });
  });

  it('for the account that the role may be used for', async () => {
    const from = (id: string) => ({ Condition: { StringEquals: { 'aws:SourceAccount': id } } });
    expect(await assume(await role('mine', { Service: SERVICE }, from(ACCOUNT)))).toBeDefined();
    const theirs = await role('theirs', { Service: SERVICE }, from('222222222222'));
    await expect(assume(theirs)).rejects.toMatchObject({ name: 'AccessDenied' });
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
    expect(await assume(named, via)).toBe(session('named'));
    const delegated = await role('delegated', { AWS: ACCOUNT });
    const caller = session('pipeline');
    await expect(assume(delegated, via)).rejects.toMatchObject(refusal(caller, delegated));
    const allow = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: delegated };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [allow] });
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'pipeline', PolicyName: 'p', PolicyDocument }),
    );
    expect(await assume(delegated, via)).toBe(session('delegated'));
    await expect(assume(named)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('and its session says for what it was made, which no other caller’s does', async () => {
    const itself = { service: SERVICE, sourceArn: PIPELINE, region: 'eu-west-1' };
    const first = await role('first', { Service: SERVICE });
    const second = await role('second', { Service: SERVICE, AWS: ACCOUNT });
    const issuedTo = async (client: STSClient, RoleArn: string) => {
      const { Credentials } = await client.send(
        new AssumeRoleCommand({ RoleArn, RoleSessionName: 'release' }),
      );
      const found = openSession(platform.vault, Credentials?.SessionToken ?? '')?.principal;
      return found?.type === 'assumed-role' ? found.issuedTo : 'nobody';
    };
    const mark = { service: SERVICE, sourceArn: PIPELINE };
    expect(await issuedTo(platform.client(STSClient, itself), second)).toEqual(mark);
    await iam.send(
      new PutRolePolicyCommand({
        ...{ RoleName: 'first', PolicyName: 'assume' },
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: second }],
        }),
      }),
    );
    const chained = platform.client(STSClient, { ...itself, roleArn: first, sessionName: 'me' });
    expect(await issuedTo(chained, second)).toBeUndefined();
  });

  it('and the service’s session may last longer than those of others: its work may', async () => {
    const itself = { service: SERVICE, sourceArn: PIPELINE, region: 'eu-west-1' };
    const RoleArn = await role('long', { Service: SERVICE });
    const command = new AssumeRoleCommand({
      ...{ RoleArn, RoleSessionName: 'build', DurationSeconds: 6 * 3600 },
    });
    const { Credentials } = await platform.client(STSClient, itself).send(command);
    const lasts = (Credentials?.Expiration?.getTime() ?? 0) - platform.clock.now().getTime();
    expect(lasts).toBeGreaterThan(5 * 3600_000);
  });
});
