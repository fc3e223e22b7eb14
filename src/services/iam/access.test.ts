import { randomBytes } from 'node:crypto';
import * as sdk from '@aws-sdk/client-iam';
import { IAMClient } from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, it } from 'vitest';
import { openSession, sealSession } from '../../aws/auth/session-token.ts';
import type {
  Authorizer,
  CredentialStore,
  Principal,
  ResourcePolicy,
  SessionTerms,
} from '../../aws/principal.ts';
import type { OpenDatabase } from '../../db/database.ts';
import { eachDialect } from '../../db/testing.ts';
import { ManualClock } from '../../lib/clock.ts';
import { makeVault } from '../../lib/vault.ts';
import { world } from '../../testing.ts';
import { makeCredentialStore } from './authentication/credential-store.ts';
import { makeAuthorizer } from './authorization/authorizer.ts';
import service from './index.ts';
import { makeRoleUses } from './observers/role-use.ts';
import { insertAccessKey } from './store/credentials.ts';
import { bumpRevision } from './store/tables.ts';

const ACCOUNT = '111111111111';
const allow = (Action: string, Resource = '*') =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] });

eachDialect('Who calls, and what he may', (makeDatabase, dialect, reopen) => {
  const clock = new ManualClock();
  const vault = makeVault(randomBytes(32));
  const rootKey = { accountId: ACCOUNT, accessKeyId: 'AKIAROOT', secretAccessKey: 'root-secret' };
  let database: OpenDatabase;
  let iam: IAMClient;
  let credentials: CredentialStore;
  let authorizer: Authorizer;
  let alice: Principal;

  const server = (on: OpenDatabase, mode: 'strict' | 'relaxed' = 'strict') => ({
    credentials: makeCredentialStore({
      ...{ database: on, vault, clock, mode },
      rootKeys: { find: (id) => (id === rootKey.accessKeyId ? rootKey : undefined), findNew() {} },
    }),
    authorizer: makeAuthorizer({ database: on, clock, mode }),
  });

  beforeEach(async () => {
    const test = await world(
      async (...services) => {
        database = await makeDatabase(...services);
        return database;
      },
      [service],
    );
    iam = test.client(IAMClient);
    ({ credentials, authorizer } = server(database));
    const { User } = await iam.send(new sdk.CreateUserCommand({ UserName: 'alice' }));
    const arn = User?.Arn ?? '';
    alice = {
      type: 'user',
      accountId: ACCOUNT,
      arn,
      userId: User?.UserId ?? '',
      userName: 'alice',
    };
  });

  const may = async (
    action: string,
    resource = '*',
    of: Authorizer = authorizer,
    principal = alice,
  ) => {
    const query = {
      principal,
      action,
      resources: [resource],
      conditions: { 'aws:username': 'alice' },
    };
    return (await of.decide(query)).allowed;
  };

  /** Stores a key as CreateAccessKey does, under this test's vault. */
  async function giveKey(accessKeyId: string) {
    const sealedSecret = vault.seal('s', accessKeyId);
    await database.transaction(async (tx) => {
      await bumpRevision(tx);
      const key = { accessKeyId, userId: alice.userId, sealedSecret, createdAt: clock.now() };
      await insertAccessKey(tx, { ...key, status: 'Active' });
    });
  }

  it('the root key is the account, without the database', async () => {
    expect(await credentials.findAccessKey('AKIAROOT')).toMatchObject({
      secretAccessKey: 'root-secret',
      principal: { type: 'root', accountId: ACCOUNT },
    });
    expect(await credentials.findAccessKey('AKIAROOT', 'a token')).toBeUndefined();
  });

  it("a user's key is the user's, until it is inactive or gone", async () => {
    expect(await credentials.findAccessKey('AKIAAAAAAAAAAAAAAAA1')).toBeUndefined();
    await giveKey('AKIAAAAAAAAAAAAAAAA1');
    const found = await credentials.findAccessKey('AKIAAAAAAAAAAAAAAAA1');
    expect(found).toMatchObject({ secretAccessKey: 's', status: 'Active', principal: alice });
    const input = { UserName: 'alice', AccessKeyId: 'AKIAAAAAAAAAAAAAAAA1' };
    await iam.send(new sdk.UpdateAccessKeyCommand({ ...input, Status: 'Inactive' }));
    expect((await credentials.findAccessKey('AKIAAAAAAAAAAAAAAAA1'))?.status).toBe('Inactive');
    await iam.send(new sdk.DeleteAccessKeyCommand(input));
    expect(await credentials.findAccessKey('AKIAAAAAAAAAAAAAAAA1')).toBeUndefined();
  });

  it('a temporary key comes out of its own token, and no other', async () => {
    const session = {
      accessKeyId: 'ASIA1',
      secretAccessKey: 't',
      expires: new Date(1e12),
      principal: alice,
    };
    const token = sealSession(vault, session);
    expect(await credentials.findAccessKey('ASIA1', token)).toEqual({
      ...session,
      sessionToken: token,
      status: 'Active',
    });
    expect(await credentials.findAccessKey('ASIA2', token)).toBeUndefined();
    expect(
      await credentials.findAccessKey('ASIA1', `${token[0] === 'A' ? 'B' : 'A'}${token.slice(1)}`),
    ).toBeUndefined();
    expect(await credentials.findAccessKey('ASIA1')).toBeUndefined();
    expect(openSession(makeVault(randomBytes(32)), token)).toBeUndefined();
  });

  const TRUST = (arn: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: arn } }],
    });
  const makeRole = async () => {
    const AssumeRolePolicyDocument = TRUST('*');
    const role = { RoleName: 'worker', AssumeRolePolicyDocument };
    return (await iam.send(new sdk.CreateRoleCommand(role))).Role;
  };
  const sessionOf = (roleId = ''): Principal => ({
    type: 'assumed-role',
    accountId: ACCOUNT,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/worker/s`,
    userId: `${roleId}:s`,
    roleArn: `arn:aws:iam::${ACCOUNT}:role/worker`,
    roleName: 'worker',
    sessionName: 's',
  });
  const keyOf = (principal: Principal, of = credentials) => {
    const expires = new Date(1e12);
    const session = { accessKeyId: 'ASIA1', secretAccessKey: 't', expires, principal };
    return of.findAccessKey('ASIA1', sealSession(vault, session));
  };
  const mayAssume = async (principal: Principal, of = authorizer) => {
    const { roleArn } = sessionOf() as { roleArn: string };
    const resourcePolicy = { kind: 'trust', required: true } as const;
    const { allowed } = await of.decide({
      principal,
      action: 'sts:AssumeRole',
      resources: [`arn:aws:iam::${ACCOUNT}:role/other`],
      conditions: {},
      resourcePolicy: { ...resourcePolicy, document: TRUST(roleArn) },
    });
    return allowed;
  };

  it('a session ends with its role, by the unique id, whoever trusts its ARN', async () => {
    const session = sessionOf((await makeRole())?.RoleId);
    expect([(await keyOf(session))?.status, await mayAssume(session)]).toEqual(['Active', true]);
    const RoleName = 'worker';
    await iam.send(new sdk.DeleteRoleCommand({ RoleName }));
    expect([(await keyOf(session))?.status, await mayAssume(session)]).toEqual(['Inactive', false]);
    const next = sessionOf((await makeRole())?.RoleId);
    expect([(await keyOf(session))?.status, await mayAssume(session)]).toEqual(['Inactive', false]);
    expect([await credentials.isCurrent(session), await credentials.isCurrent(next)]).toEqual([
      false,
      true,
    ]);
    expect([(await keyOf(next))?.status, await mayAssume(next)]).toEqual(['Active', true]);
  });

  it('a session of a user goes with the user, and knows the name that he has by now', async () => {
    const rename = { UserName: 'alice', NewUserName: 'alison' };
    await iam.send(new sdk.UpdateUserCommand(rename));
    expect((await keyOf(alice))?.principal).toMatchObject({ userName: 'alison' });
    const federated: Principal = {
      ...{ type: 'federated-user', accountId: ACCOUNT, arn: 'f', userId: 'f', name: 'f' },
      issuer: { type: 'user', arn: alice.arn, userId: alice.userId },
      terms: { policies: { arns: [] } },
    };
    expect((await keyOf(federated))?.principal).toMatchObject({
      issuer: { arn: `arn:aws:iam::${ACCOUNT}:user/alison` },
    });
    await iam.send(new sdk.DeleteUserCommand({ UserName: 'alison' }));
    expect((await keyOf(alice))?.status).toBe('Inactive');
    expect((await keyOf(federated))?.status).toBe('Inactive');
  });

  it('in relaxed mode a role that does not exist may do everything, one that exists what it may', async () => {
    const relaxed = server(database, 'relaxed');
    const absent = sessionOf('AROA0ABSENT');
    expect((await keyOf(absent, relaxed.credentials))?.status).toBe('Active');
    expect(await may('s3:GetObject', '*', relaxed.authorizer, absent)).toBe(true);
    expect(await may('s3:GetObject', '*', authorizer, absent)).toBe(false);
    const real = sessionOf((await makeRole())?.RoleId);
    expect(await may('s3:GetObject', '*', relaxed.authorizer, real)).toBe(false);
    // From when there is a role of the name on, it is the one that is meant.
    expect(await relaxed.credentials.isCurrent(absent)).toBe(false);
    expect(await may('s3:GetObject', '*', relaxed.authorizer, absent)).toBe(false);
  });

  it('GetRole says when and where a role was last used', async () => {
    const role = await makeRole();
    const lastUsed = async () =>
      (await iam.send(new sdk.GetRoleCommand({ RoleName: 'worker' }))).Role?.RoleLastUsed;
    expect(await lastUsed()).toEqual({});
    const failures: unknown[] = [];
    const uses = makeRoleUses({ database, clock, failed: (error) => failures.push(error) });
    const use = async (principal: Principal, region: string) => {
      uses.note({ principal, region });
      await uses.settled();
    };
    await use(alice, 'eu-west-1');
    await use(sessionOf('AROAGONE'), 'eu-west-1');
    expect(await lastUsed()).toEqual({});
    const LastUsedDate = new Date(Math.floor(clock.now().getTime() / 1000) * 1000);
    await use(sessionOf(role?.RoleId), 'eu-west-1');
    expect(await lastUsed()).toEqual({ LastUsedDate, Region: 'eu-west-1' });
    clock.advance(90_000);
    await use(sessionOf(role?.RoleId), 'us-east-1');
    expect(await lastUsed()).toEqual({
      LastUsedDate: new Date(LastUsedDate.getTime() + 90_000),
      Region: 'us-east-1',
    });
    await iam.send(new sdk.DeleteRoleCommand({ RoleName: 'worker' }));
    expect(failures).toEqual([]);
  });

  it('a git password opens until it is reset', async () => {
    const input = { UserName: 'alice', ServiceName: 'codecommit.amazonaws.com' };
    const { ServiceSpecificCredential: made } = await iam.send(
      new sdk.CreateServiceSpecificCredentialCommand(input),
    );
    const { ServiceUserName = '', ServicePassword = '', ServiceSpecificCredentialId } = made ?? {};
    const open = (service: string, name: string, password: string) =>
      credentials.findServiceSpecificCredential(service, name, password);
    expect(await open(input.ServiceName, ServiceUserName, ServicePassword)).toEqual(alice);
    expect(await open(input.ServiceName, ServiceUserName, `${ServicePassword}x`)).toBeUndefined();
    expect(await open('s3.amazonaws.com', ServiceUserName, ServicePassword)).toBeUndefined();
    await iam.send(
      new sdk.ResetServiceSpecificCredentialCommand({
        UserName: 'alice',
        ServiceSpecificCredentialId,
      }),
    );
    expect(await open(input.ServiceName, ServiceUserName, ServicePassword)).toBeUndefined();
  });

  it('inline, attached and group policies count, from the next question on', async () => {
    expect(await may('s3:GetObject')).toBe(false);
    const inline = { UserName: 'alice', PolicyName: 'p' };
    await iam.send(
      new sdk.PutUserPolicyCommand({ ...inline, PolicyDocument: allow('s3:GetObject') }),
    );
    expect(await may('s3:GetObject')).toBe(true);
    await iam.send(new sdk.DeleteUserPolicyCommand(inline));
    expect(await may('s3:GetObject')).toBe(false);

    const { Policy } = await iam.send(
      new sdk.CreatePolicyCommand({ PolicyName: 'm', PolicyDocument: allow('s3:PutObject') }),
    );
    const PolicyArn = Policy?.Arn ?? '';
    await iam.send(new sdk.AttachUserPolicyCommand({ UserName: 'alice', PolicyArn }));
    expect(await may('s3:PutObject')).toBe(true);
    const version = { PolicyArn, PolicyDocument: allow('s3:DeleteObject'), SetAsDefault: true };
    await iam.send(new sdk.CreatePolicyVersionCommand(version));
    expect([await may('s3:PutObject'), await may('s3:DeleteObject')]).toEqual([false, true]);

    await iam.send(new sdk.CreateGroupCommand({ GroupName: 'g' }));
    const PolicyDocument = allow('logs:*');
    await iam.send(
      new sdk.PutGroupPolicyCommand({ GroupName: 'g', PolicyName: 'p', PolicyDocument }),
    );
    await iam.send(new sdk.AddUserToGroupCommand({ GroupName: 'g', UserName: 'alice' }));
    expect(await may('logs:GetLogEvents')).toBe(true);
    await iam.send(new sdk.RemoveUserFromGroupCommand({ GroupName: 'g', UserName: 'alice' }));
    expect(await may('logs:GetLogEvents')).toBe(false);

    const admin = { UserName: 'alice', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' };
    await iam.send(new sdk.AttachUserPolicyCommand(admin));
    expect(await may('iam:CreateUser')).toBe(true);
  });

  describe('limits', () => {
    const decide = (principal: Principal, action: string) =>
      authorizer.decide({ principal, action, resources: ['*'], conditions: {} });
    const refusal = (by: string) => ({ allowed: false, explicit: false, by, resource: '*' });
    const policy = async (PolicyName: string, action: string) =>
      (await iam.send(new sdk.CreatePolicyCommand({ PolicyName, PolicyDocument: allow(action) })))
        .Policy?.Arn ?? '';
    const S3 = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
    const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';

    it('of a permissions boundary hold from the next question on, also when its policy changes', async () => {
      await iam.send(new sdk.AttachUserPolicyCommand({ UserName: 'alice', PolicyArn: ADMIN }));
      const own = await policy('limit', 's3:GetObject');
      const set = (PermissionsBoundary: string) =>
        iam.send(
          new sdk.PutUserPermissionsBoundaryCommand({ UserName: 'alice', PermissionsBoundary }),
        );
      expect(await decide(alice, 's3:PutObject')).toEqual({ allowed: true });
      await set(own);
      expect(await decide(alice, 's3:GetObject')).toEqual({ allowed: true });
      expect(await decide(alice, 's3:PutObject')).toEqual(refusal('boundary'));
      const version = { PolicyArn: own, PolicyDocument: allow('s3:PutObject'), SetAsDefault: true };
      await iam.send(new sdk.CreatePolicyVersionCommand(version));
      expect(await decide(alice, 's3:PutObject')).toEqual({ allowed: true });
      expect(await decide(alice, 's3:GetObject')).toEqual(refusal('boundary'));
      await set(S3);
      expect(await decide(alice, 's3:GetObject')).toEqual({ allowed: true });
      expect(await decide(alice, 'iam:GetUser')).toEqual(refusal('boundary'));
      await iam.send(new sdk.DeleteUserPermissionsBoundaryCommand({ UserName: 'alice' }));
      expect(await decide(alice, 'iam:GetUser')).toEqual({ allowed: true });
    });

    it('of session policies hold for the session alone, by document or by ARN; one that is gone allows nothing', async () => {
      const RoleName = 'worker';
      const role = await makeRole();
      await iam.send(new sdk.AttachRolePolicyCommand({ RoleName, PolicyArn: ADMIN }));
      const session = (policies?: { document?: string; arns: string[] }) =>
        ({ ...sessionOf(role?.RoleId), terms: { policies } }) as Principal;
      const PolicyArn = await policy('limit', 'logs:*');
      const both = session({ document: allow('s3:GetObject'), arns: [PolicyArn] });
      expect(await decide(session(), 'iam:GetUser')).toEqual({ allowed: true });
      expect(await decide(both, 's3:GetObject')).toEqual({ allowed: true });
      expect(await decide(both, 'logs:GetLogEvents')).toEqual({ allowed: true });
      expect(await decide(both, 'iam:GetUser')).toEqual(refusal('session'));
      expect(await decide(session({ arns: [S3] }), 's3:PutObject')).toEqual({ allowed: true });
      await iam.send(new sdk.DeletePolicyCommand({ PolicyArn }));
      expect(await decide(both, 'logs:GetLogEvents')).toEqual(refusal('session'));
      expect(await decide(session({ arns: [] }), 's3:GetObject')).toEqual(refusal('session'));
    });

    it('of session policies hold in relaxed mode for a role that does not exist', async () => {
      const relaxed = server(database, 'relaxed').authorizer;
      const terms = { policies: { document: allow('s3:*'), arns: [] } };
      const absent = { ...sessionOf('AROA0ABSENT'), terms } as Principal;
      expect(await may('s3:GetObject', '*', relaxed, absent)).toBe(true);
      expect(await may('iam:GetUser', '*', relaxed, absent)).toBe(false);
    });

    it("of another account's resource hold for the root as well, unless its policy names his account", async () => {
      const root = { type: 'root', accountId: ACCOUNT, arn: 'root', userId: ACCOUNT } as const;
      const document = JSON.stringify({
        Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*', Principal: { AWS: ACCOUNT } },
      });
      const ask = (principal: Principal, resourcePolicy?: ResourcePolicy) =>
        authorizer.decide({
          ...{ principal, action: 's3:GetObject', resources: ['*'], conditions: {} },
          ...{ owner: '222222222222', resourcePolicy },
        });
      const named = { document, kind: 'resource', required: false } as const;
      expect(await ask(root)).toEqual(refusal('resource'));
      expect(await ask(root, named)).toEqual({ allowed: true });
      expect(await ask(alice, named)).toEqual(refusal('identity'));
      await iam.send(new sdk.AttachUserPolicyCommand({ UserName: 'alice', PolicyArn: S3 }));
      expect(await ask(alice, named)).toEqual({ allowed: true });
      expect(await ask(alice)).toEqual(refusal('resource'));
    });
  });

  it('tags of a session are condition keys before those of its role, and so is its source identity', async () => {
    const role = await makeRole();
    const RoleName = 'worker';
    const Tags = [
      { Key: 'Team', Value: 'a' },
      { Key: 'stage', Value: 'x' },
    ];
    await iam.send(new sdk.TagRoleCommand({ RoleName, Tags }));
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Action: 's3:*',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: policy variables
        Resource: 'arn:aws:s3:::${aws:PrincipalTag/team}-${aws:PrincipalTag/stage}/*',
        Condition: { StringEqualsIfExists: { 'aws:SourceIdentity': 'alice' } },
      },
    });
    await iam.send(new sdk.PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
    const session = (terms?: SessionTerms) => ({ ...sessionOf(role?.RoleId), terms }) as Principal;
    const get = (bucket: string, terms?: SessionTerms) =>
      may('s3:GetObject', `arn:aws:s3:::${bucket}/x`, authorizer, session(terms));
    const tagged = { tags: [{ Key: 'TEAM', Value: 'b' }] };
    expect([await get('a-x'), await get('b-x')]).toEqual([true, false]);
    expect([await get('a-x', tagged), await get('b-x', tagged)]).toEqual([false, true]);
    expect(await get('a-x', { sourceIdentity: 'alice' })).toBe(true);
    expect(await get('a-x', { sourceIdentity: 'mallory' })).toBe(false);
  });

  it('tags of the caller are condition keys', async () => {
    await iam.send(
      new sdk.TagUserCommand({ UserName: 'alice', Tags: [{ Key: 'Team', Value: 'a' }] }),
    );
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    const PolicyDocument = allow('s3:*', 'arn:aws:s3:::${aws:PrincipalTag/team}/*');
    await iam.send(
      new sdk.PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument }),
    );
    expect(await may('s3:GetObject', 'arn:aws:s3:::a/x')).toBe(true);
    expect(await may('s3:GetObject', 'arn:aws:s3:::b/x')).toBe(false);
  });

  it('every resource must be allowed; the first that is not is named', async () => {
    const PolicyDocument = allow('s3:*', 'arn:aws:s3:::a/*');
    await iam.send(
      new sdk.PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument }),
    );
    const resources = ['arn:aws:s3:::a/x', 'arn:aws:s3:::b/x', 'arn:aws:s3:::c/x'];
    expect(
      await authorizer.decide({
        principal: alice,
        action: 's3:GetObject',
        resources,
        conditions: {},
      }),
    ).toEqual({
      allowed: false,
      explicit: false,
      by: 'identity',
      resource: 'arn:aws:s3:::b/x',
    });
  });

  it('a user who comes back under the same name does not inherit', async () => {
    const PolicyDocument = allow('s3:*');
    await iam.send(
      new sdk.PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument }),
    );
    await iam.send(new sdk.DeleteUserPolicyCommand({ UserName: 'alice', PolicyName: 'p' }));
    await iam.send(new sdk.DeleteUserCommand({ UserName: 'alice' }));
    await iam.send(new sdk.CreateUserCommand({ UserName: 'alice' }));
    await iam.send(
      new sdk.PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument }),
    );
    expect(await may('s3:GetObject')).toBe(false);
  });

  // Only on PostgreSQL can two servers share a database.
  const onShared = dialect === 'postgres' ? it : () => {};
  onShared('a second server sees a change at once', async () => {
    const second = server(await reopen());
    expect(await may('s3:GetObject', '*', second.authorizer)).toBe(false);
    const PolicyDocument = allow('s3:*');
    await iam.send(
      new sdk.PutUserPolicyCommand({ UserName: 'alice', PolicyName: 'p', PolicyDocument }),
    );
    expect(await may('s3:GetObject', '*', second.authorizer)).toBe(true);
    await giveKey('AKIA2');
    expect(await second.credentials.findAccessKey('AKIA2')).toBeDefined();
  });
});
