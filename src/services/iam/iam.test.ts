import * as sdk from '@aws-sdk/client-iam';
import { IAMClient } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
});
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'codebuild.amazonaws.com' },
    },
  ],
});
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';

eachDialect('IAM', (makeDatabase) => {
  let server: World;
  let iam: IAMClient;

  beforeEach(async () => {
    server = await world(makeDatabase, [service]);
    iam = server.client(IAMClient);
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const createUser = async (UserName: string, Path?: string) =>
    (await iam.send(new sdk.CreateUserCommand({ UserName, Path }))).User;
  const createRole = async (RoleName: string, AssumeRolePolicyDocument = TRUST) =>
    (await iam.send(new sdk.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }))).Role;
  const createPolicy = async (PolicyName: string) =>
    (await iam.send(new sdk.CreatePolicyCommand({ PolicyName, PolicyDocument: POLICY }))).Policy
      ?.Arn ?? '';
  const refused = (name: string, message: string) => ({ name, message });

  describe('users', () => {
    it('are made, found, renamed and deleted; names are one whatever their case', async () => {
      const user = await createUser('Alice', '/team/');
      expect(user).toEqual({
        Path: '/team/',
        UserName: 'Alice',
        UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
        Arn: 'arn:aws:iam::111111111111:user/team/Alice',
        CreateDate: server.clock.now(),
      });
      expect((await iam.send(new sdk.GetUserCommand({ UserName: 'alice' }))).User).toEqual(user);
      await expect(createUser('ALICE')).rejects.toMatchObject(
        refused('EntityAlreadyExistsException', 'User with name ALICE already exists.'),
      );
      await iam.send(
        new sdk.UpdateUserCommand({ UserName: 'Alice', NewUserName: 'bob', NewPath: '/' }),
      );
      const renamed = await iam.send(new sdk.GetUserCommand({ UserName: 'bob' }));
      expect(renamed.User).toMatchObject({
        UserId: user?.UserId,
        Arn: 'arn:aws:iam::111111111111:user/bob',
      });
      await iam.send(new sdk.DeleteUserCommand({ UserName: 'bob' }));
      await expect(iam.send(new sdk.GetUserCommand({ UserName: 'bob' }))).rejects.toMatchObject(
        refused('NoSuchEntityException', 'The user with name bob cannot be found.'),
      );
    });

    it('are listed by path, page by page', async () => {
      for (const name of ['c', 'A', 'b']) await createUser(name, '/x_y/');
      await createUser('d', '/xzy/');
      const first = await iam.send(new sdk.ListUsersCommand({ PathPrefix: '/x_y/', MaxItems: 2 }));
      expect(first.Users?.map((user) => user.UserName)).toEqual(['A', 'b']);
      expect(first.IsTruncated).toBe(true);
      const next = { PathPrefix: '/x_y/', MaxItems: 2, Marker: first.Marker };
      const second = await iam.send(new sdk.ListUsersCommand(next));
      expect(second.Users?.map((user) => user.UserName)).toEqual(['c']);
      expect(second).toMatchObject({ IsTruncated: false });
      const other = server.client(IAMClient, { accountId: '222222222222' });
      await expect(other.send(new sdk.ListUsersCommand(next))).rejects.toMatchObject({
        name: 'ValidationError',
      });
      expect((await other.send(new sdk.ListUsersCommand({}))).Users).toEqual([]);
    });

    it('are not deleted while something hangs on them', async () => {
      await createUser('u');
      await iam.send(new sdk.CreateGroupCommand({ GroupName: 'g' }));
      const steps: [object, object, string][] = [
        [
          new sdk.AddUserToGroupCommand({ GroupName: 'g', UserName: 'u' }),
          new sdk.RemoveUserFromGroupCommand({ GroupName: 'g', UserName: 'u' }),
          'remove users from group',
        ],
        [
          new sdk.PutUserPolicyCommand({ UserName: 'u', PolicyName: 'p', PolicyDocument: POLICY }),
          new sdk.DeleteUserPolicyCommand({ UserName: 'u', PolicyName: 'p' }),
          'delete policies',
        ],
        [
          new sdk.AttachUserPolicyCommand({ UserName: 'u', PolicyArn: ADMIN }),
          new sdk.DetachUserPolicyCommand({ UserName: 'u', PolicyArn: ADMIN }),
          'detach all policies',
        ],
      ];
      for (const [add, remove, what] of steps) {
        await iam.send(add as never);
        await expect(iam.send(new sdk.DeleteUserCommand({ UserName: 'u' }))).rejects.toMatchObject(
          refused('DeleteConflictException', `Cannot delete entity, must ${what} first.`),
        );
        await iam.send(remove as never);
      }
      await iam.send(new sdk.DeleteUserCommand({ UserName: 'u' }));
    });

    it('have at most two access keys', async () => {
      await createUser('u');
      const create = () => iam.send(new sdk.CreateAccessKeyCommand({ UserName: 'u' }));
      const { AccessKey } = await create();
      expect(AccessKey).toMatchObject({
        AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
        SecretAccessKey: expect.stringMatching(/^.{40}$/),
        Status: 'Active',
      });
      await create();
      await expect(create()).rejects.toMatchObject(
        refused('LimitExceededException', 'Cannot exceed quota for AccessKeysPerUser: 2'),
      );
      const AccessKeyId = AccessKey?.AccessKeyId ?? '';
      await iam.send(
        new sdk.UpdateAccessKeyCommand({ UserName: 'u', AccessKeyId, Status: 'Inactive' }),
      );
      const { AccessKeyMetadata } = await iam.send(
        new sdk.ListAccessKeysCommand({ UserName: 'u' }),
      );
      expect(AccessKeyMetadata?.map((key) => key.Status).sort()).toEqual(['Active', 'Inactive']);
      await createUser('other');
      await expect(
        iam.send(new sdk.DeleteAccessKeyCommand({ UserName: 'other', AccessKeyId })),
      ).rejects.toMatchObject(
        refused('NoSuchEntityException', `The Access Key with id ${AccessKeyId} cannot be found.`),
      );
      await iam.send(new sdk.DeleteAccessKeyCommand({ UserName: 'u', AccessKeyId }));
    });

    it('have git credentials for CodeCommit, at most two', async () => {
      await createUser('u');
      const create = (ServiceName = 'codecommit.amazonaws.com') =>
        iam.send(new sdk.CreateServiceSpecificCredentialCommand({ UserName: 'u', ServiceName }));
      const { ServiceSpecificCredential: made } = await create();
      expect(made).toMatchObject({
        ServiceUserName: 'u-at-111111111111',
        ServicePassword: expect.stringMatching(/^.{44}$/),
        ServiceSpecificCredentialId: expect.stringMatching(/^ACCA/),
      });
      await create();
      await expect(create()).rejects.toMatchObject({ name: 'LimitExceededException' });
      await expect(create('cassandra.amazonaws.com')).rejects.toMatchObject({
        name: 'ServiceNotSupportedException',
      });
      const ServiceSpecificCredentialId = made?.ServiceSpecificCredentialId;
      const input = { UserName: 'u', ServiceSpecificCredentialId };
      const reset = await iam.send(new sdk.ResetServiceSpecificCredentialCommand(input));
      expect(reset.ServiceSpecificCredential?.ServicePassword).not.toBe(made?.ServicePassword);
      await iam.send(
        new sdk.UpdateServiceSpecificCredentialCommand({ ...input, Status: 'Inactive' }),
      );
      await iam.send(new sdk.DeleteServiceSpecificCredentialCommand(input));
      const { ServiceSpecificCredentials } = await iam.send(
        new sdk.ListServiceSpecificCredentialsCommand({ UserName: 'u' }),
      );
      expect(ServiceSpecificCredentials).toHaveLength(1);
      expect(ServiceSpecificCredentials?.[0]).not.toHaveProperty('ServicePassword');
    });

    it('are tagged; keys are one whatever their case', async () => {
      await createUser('u');
      await iam.send(
        new sdk.TagUserCommand({ UserName: 'u', Tags: [{ Key: 'Team', Value: 'a' }] }),
      );
      await iam.send(
        new sdk.TagUserCommand({ UserName: 'u', Tags: [{ Key: 'team', Value: 'b' }] }),
      );
      expect((await iam.send(new sdk.ListUserTagsCommand({ UserName: 'u' }))).Tags).toEqual([
        { Key: 'team', Value: 'b' },
      ]);
      await iam.send(new sdk.UntagUserCommand({ UserName: 'u', TagKeys: ['TEAM'] }));
      expect(
        (await iam.send(new sdk.GetUserCommand({ UserName: 'u' }))).User?.Tags,
      ).toBeUndefined();
    });
  });

  describe('groups', () => {
    it('have members, and are not deleted while they have', async () => {
      await createUser('u');
      await iam.send(new sdk.CreateGroupCommand({ GroupName: 'g' }));
      const member = { GroupName: 'g', UserName: 'u' };
      await iam.send(new sdk.AddUserToGroupCommand(member));
      await iam.send(new sdk.AddUserToGroupCommand(member));
      const group = await iam.send(new sdk.GetGroupCommand({ GroupName: 'g' }));
      expect(group.Users?.map((user) => user.UserName)).toEqual(['u']);
      const groups = await iam.send(new sdk.ListGroupsForUserCommand({ UserName: 'u' }));
      expect(groups.Groups?.map((one) => one.Arn)).toEqual(['arn:aws:iam::111111111111:group/g']);
      await expect(iam.send(new sdk.DeleteGroupCommand({ GroupName: 'g' }))).rejects.toMatchObject({
        name: 'DeleteConflictException',
      });
      await iam.send(new sdk.RemoveUserFromGroupCommand(member));
      await iam.send(new sdk.DeleteGroupCommand({ GroupName: 'g' }));
    });
  });

  describe('roles', () => {
    it('keep their trust policy, and give it back encoded', async () => {
      const role = await createRole('r');
      expect(role).toMatchObject({
        Arn: 'arn:aws:iam::111111111111:role/r',
        MaxSessionDuration: 3600,
      });
      expect(decodeURIComponent(role?.AssumeRolePolicyDocument ?? '')).toBe(TRUST);
      const other = TRUST.replace('codebuild', 'codepipeline');
      await iam.send(
        new sdk.UpdateAssumeRolePolicyCommand({ RoleName: 'r', PolicyDocument: other }),
      );
      const { Role } = await iam.send(new sdk.GetRoleCommand({ RoleName: 'r' }));
      expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(other);
    });

    it('trust only who exists', async () => {
      const trust = (AWS: string) =>
        TRUST.replace('"Service":"codebuild.amazonaws.com"', `"AWS":"${AWS}"`);
      const arn = 'arn:aws:iam::111111111111:user/u';
      await expect(createRole('r', trust(arn))).rejects.toMatchObject(
        refused('MalformedPolicyDocumentException', `Invalid principal in policy: "AWS":"${arn}"`),
      );
      await createUser('u');
      await createRole('r', trust(arn));
      await createRole('delegating', trust('arn:aws:iam::999999999999:root'));
    });

    it('go when nothing hangs on them, and come back as others', async () => {
      const first = await createRole('r');
      await iam.send(new sdk.AttachRolePolicyCommand({ RoleName: 'r', PolicyArn: ADMIN }));
      await expect(iam.send(new sdk.DeleteRoleCommand({ RoleName: 'r' }))).rejects.toMatchObject(
        refused('DeleteConflictException', 'Cannot delete entity, must detach all policies first.'),
      );
      await iam.send(new sdk.DetachRolePolicyCommand({ RoleName: 'r', PolicyArn: ADMIN }));
      await iam.send(new sdk.DeleteRoleCommand({ RoleName: 'r' }));
      expect((await createRole('r'))?.RoleId).not.toBe(first?.RoleId);
    });
  });

  describe('inline policies', () => {
    it.each(['User', 'Group', 'Role'] as const)(
      'of a %s are put, read, listed and deleted',
      async (kind) => {
        if (kind === 'User') await createUser('x');
        if (kind === 'Group') await iam.send(new sdk.CreateGroupCommand({ GroupName: 'x' }));
        if (kind === 'Role') await createRole('x');
        const who = { [`${kind}Name`]: 'x' } as { UserName: 'x'; GroupName: 'x'; RoleName: 'x' };
        const commands = sdk as unknown as Record<string, new (input: object) => never>;
        const send = (name: string, more = {}) =>
          iam.send(
            new (commands[`${name}Command`] as new (input: object) => never)({ ...who, ...more }),
          ) as Promise<object>;
        const PolicyName = 'p';
        await send(`Put${kind}Policy`, { PolicyName, PolicyDocument: POLICY });
        expect(await send(`Get${kind}Policy`, { PolicyName })).toMatchObject({
          ...who,
          PolicyName,
          PolicyDocument: encodeURIComponent(POLICY),
        });
        expect(await send(`List${kind}Policies`)).toMatchObject({
          PolicyNames: ['p'],
          IsTruncated: false,
        });
        await send(`Delete${kind}Policy`, { PolicyName });
        await expect(send(`Get${kind}Policy`, { PolicyName })).rejects.toMatchObject({
          name: 'NoSuchEntityException',
          message: `The ${kind.toLowerCase()} policy with name p cannot be found.`,
        });
      },
    );

    it('have a size, all together', async () => {
      await createUser('u');
      const long = POLICY.replace('"s3:*"', JSON.stringify(Array(60).fill('s3:GetObjectVersion')));
      const put = (PolicyName: string) =>
        iam.send(new sdk.PutUserPolicyCommand({ UserName: 'u', PolicyName, PolicyDocument: long }));
      await put('a');
      await put('a');
      await expect(put('b')).rejects.toMatchObject(
        refused('LimitExceededException', 'Maximum policy size of 2048 bytes exceeded for user u'),
      );
    });

    it('are refused when malformed', async () => {
      await createUser('u');
      const input = { UserName: 'u', PolicyName: 'p', PolicyDocument: '{"Statement":[]}' };
      await expect(iam.send(new sdk.PutUserPolicyCommand(input))).rejects.toMatchObject(
        refused('MalformedPolicyDocumentException', 'Syntax errors in policy.'),
      );
    });
  });

  describe('managed policies', () => {
    it('have versions, five at most, one of them the default', async () => {
      const PolicyArn = await createPolicy('p');
      const add = (SetAsDefault = false) =>
        iam.send(
          new sdk.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: POLICY, SetAsDefault }),
        );
      expect((await add(true)).PolicyVersion).toMatchObject({
        VersionId: 'v2',
        IsDefaultVersion: true,
      });
      for (let n = 3; n <= 5; n++) await add();
      await expect(add()).rejects.toMatchObject({ name: 'LimitExceededException' });
      const remove = (VersionId: string) =>
        iam.send(new sdk.DeletePolicyVersionCommand({ PolicyArn, VersionId }));
      await expect(remove('v2')).rejects.toMatchObject(
        refused('DeleteConflictException', 'Cannot delete the default version of a policy.'),
      );
      await remove('v5');
      expect((await add()).PolicyVersion?.VersionId).toBe('v6');
      await iam.send(new sdk.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
      const { Versions } = await iam.send(new sdk.ListPolicyVersionsCommand({ PolicyArn }));
      expect(Versions?.map((v) => v.VersionId)).toEqual(['v6', 'v4', 'v3', 'v2', 'v1']);
      const got = await iam.send(new sdk.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
      expect(got.PolicyVersion).toMatchObject({
        IsDefaultVersion: true,
        Document: encodeURIComponent(POLICY),
      });
    });

    it('are attached and detached, and not deleted while attached', async () => {
      const PolicyArn = await createPolicy('p');
      await createUser('u');
      await createRole('r');
      await iam.send(new sdk.AttachUserPolicyCommand({ UserName: 'u', PolicyArn }));
      await iam.send(new sdk.AttachRolePolicyCommand({ RoleName: 'r', PolicyArn }));
      const entities = await iam.send(new sdk.ListEntitiesForPolicyCommand({ PolicyArn }));
      expect(entities.PolicyUsers?.map((one) => one.UserName)).toEqual(['u']);
      expect(entities.PolicyRoles?.map((one) => one.RoleName)).toEqual(['r']);
      expect(
        (await iam.send(new sdk.GetPolicyCommand({ PolicyArn }))).Policy?.AttachmentCount,
      ).toBe(2);
      await expect(iam.send(new sdk.DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject(
        refused('DeleteConflictException', 'Cannot delete a policy attached to entities.'),
      );
      const attached = await iam.send(new sdk.ListAttachedUserPoliciesCommand({ UserName: 'u' }));
      expect(attached.AttachedPolicies).toEqual([{ PolicyName: 'p', PolicyArn }]);
      await iam.send(new sdk.DetachUserPolicyCommand({ UserName: 'u', PolicyArn }));
      await iam.send(new sdk.DetachRolePolicyCommand({ RoleName: 'r', PolicyArn }));
      await iam.send(new sdk.DeletePolicyCommand({ PolicyArn }));
      await expect(iam.send(new sdk.GetPolicyCommand({ PolicyArn }))).rejects.toMatchObject(
        refused('NoSuchEntityException', `Policy ${PolicyArn} was not found.`),
      );
    });

    it('of AWS are there, cannot be changed, and unknown ones cannot be attached', async () => {
      const { Policies } = await iam.send(new sdk.ListPoliciesCommand({ Scope: 'AWS' }));
      expect(Policies?.map((policy) => policy.Arn)).toContain(ADMIN);
      expect(new Set(Policies?.map((policy) => policy.PolicyId)).size).toBe(Policies?.length);
      await expect(
        iam.send(new sdk.DeletePolicyCommand({ PolicyArn: ADMIN })),
      ).rejects.toMatchObject({
        name: 'AccessDenied',
      });
      await createUser('u');
      const PolicyArn = 'arn:aws:iam::aws:policy/Nothing';
      await expect(
        iam.send(new sdk.AttachUserPolicyCommand({ UserName: 'u', PolicyArn })),
      ).rejects.toMatchObject(
        refused(
          'NoSuchEntityException',
          `Policy ${PolicyArn} does not exist or is not attachable.`,
        ),
      );
    });

    it('of another account are out of reach', async () => {
      const PolicyArn = await createPolicy('p');
      const other = server.client(IAMClient, { accountId: '222222222222' });
      await expect(other.send(new sdk.GetPolicyCommand({ PolicyArn }))).rejects.toMatchObject({
        name: 'NoSuchEntityException',
      });
    });
  });

  describe('permissions boundaries', () => {
    const show = (arn: string) => ({
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: arn,
    });
    const user = async (UserName = 'u') =>
      (await iam.send(new sdk.GetUserCommand({ UserName }))).User?.PermissionsBoundary;
    const role = async (RoleName = 'r') =>
      (await iam.send(new sdk.GetRoleCommand({ RoleName }))).Role?.PermissionsBoundary;

    it('are given to users and roles when they are made or later, changed and taken away', async () => {
      const own = await createPolicy('limit');
      const made = await iam.send(
        new sdk.CreateUserCommand({ UserName: 'u', PermissionsBoundary: own }),
      );
      expect(made.User?.PermissionsBoundary).toEqual(show(own));
      const RoleName = 'r';
      const withBoundary = {
        RoleName,
        AssumeRolePolicyDocument: TRUST,
        PermissionsBoundary: ADMIN,
      };
      const { Role } = await iam.send(new sdk.CreateRoleCommand(withBoundary));
      expect(Role?.PermissionsBoundary).toEqual(show(ADMIN));
      expect([await user(), await role()]).toEqual([show(own), show(ADMIN)]);
      // AWS's lists leave them out.
      const { Users } = await iam.send(new sdk.ListUsersCommand({}));
      expect(Users?.[0]).not.toHaveProperty('PermissionsBoundary');
      const put = { UserName: 'u', PermissionsBoundary: ADMIN };
      await iam.send(new sdk.PutUserPermissionsBoundaryCommand(put));
      await iam.send(
        new sdk.PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: own }),
      );
      expect([await user(), await role()]).toEqual([show(ADMIN), show(own)]);
      // A change of something else leaves it.
      await iam.send(new sdk.TagRoleCommand({ RoleName, Tags: [{ Key: 'a', Value: 'b' }] }));
      await iam.send(new sdk.UpdateUserCommand({ UserName: 'u', NewUserName: 'v' }));
      expect([await user('v'), await role()]).toEqual([show(ADMIN), show(own)]);
      await iam.send(new sdk.DeleteUserPermissionsBoundaryCommand({ UserName: 'v' }));
      await iam.send(new sdk.DeleteRolePermissionsBoundaryCommand({ RoleName }));
      expect([await user('v'), await role()]).toEqual([undefined, undefined]);
      await iam.send(new sdk.DeleteUserCommand({ UserName: 'v' }));
    });

    it('are policies of the account or of AWS; none of these and nobody are named by their error', async () => {
      await createUser('u');
      const missing = 'arn:aws:iam::111111111111:policy/none';
      const theirs = (await createPolicy('limit')).replace(/1{12}/, '222222222222');
      for (const PermissionsBoundary of [missing, theirs, 'arn:aws:s3:::bucket/key']) {
        const expected = refused(
          'NoSuchEntityException',
          `Scope ARN: ${PermissionsBoundary} does not exist or is not attachable.`,
        );
        const put = new sdk.PutUserPermissionsBoundaryCommand({
          UserName: 'u',
          PermissionsBoundary,
        });
        await expect(iam.send(put)).rejects.toMatchObject(expected);
        const create = new sdk.CreateUserCommand({ UserName: 'w', PermissionsBoundary });
        await expect(iam.send(create)).rejects.toMatchObject(expected);
        const role = { RoleName: 'w', AssumeRolePolicyDocument: TRUST, PermissionsBoundary };
        await expect(iam.send(new sdk.CreateRoleCommand(role))).rejects.toMatchObject(expected);
      }
      const nobody = new sdk.DeleteRolePermissionsBoundaryCommand({ RoleName: 'none' });
      await expect(iam.send(nobody)).rejects.toMatchObject(
        refused('NoSuchEntityException', 'The role with name none cannot be found.'),
      );
    });

    it('keep their policy from being deleted, and are found and counted by it', async () => {
      const PolicyArn = await createPolicy('limit');
      await iam.send(new sdk.CreateUserCommand({ UserName: 'u', PermissionsBoundary: PolicyArn }));
      const { Policy } = await iam.send(new sdk.GetPolicyCommand({ PolicyArn }));
      expect(Policy).toMatchObject({ AttachmentCount: 0, PermissionsBoundaryUsageCount: 1 });
      await expect(iam.send(new sdk.DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject({
        name: 'DeleteConflictException',
      });
      const users = async (PolicyUsageFilter?: sdk.PolicyUsageType) =>
        (
          await iam.send(new sdk.ListEntitiesForPolicyCommand({ PolicyArn, PolicyUsageFilter }))
        ).PolicyUsers?.map(({ UserName }) => UserName);
      expect(await users()).toEqual(['u']);
      expect(await users('PermissionsBoundary')).toEqual(['u']);
      expect(await users('PermissionsPolicy')).toEqual([]);
      await iam.send(new sdk.AttachUserPolicyCommand({ UserName: 'u', PolicyArn }));
      expect(await users()).toEqual(['u']);
      const { Policies } = await iam.send(
        new sdk.ListPoliciesCommand({ PolicyUsageFilter: 'PermissionsBoundary' }),
      );
      expect(Policies?.map(({ Arn }) => Arn)).toEqual([PolicyArn]);
    });

    it('are a condition of calls that set one, and of those that change whom one limits', async () => {
      const limit = await createPolicy('limit');
      const UserName = 'u';
      const key = async (command: unknown) => {
        server.conditions.length = 0;
        await iam.send(command as sdk.GetUserCommand);
        return server.conditions[0]?.['iam:permissionsboundary'];
      };
      expect(await key(new sdk.CreateUserCommand({ UserName, PermissionsBoundary: limit }))).toBe(
        limit,
      );
      expect(await key(new sdk.CreateUserCommand({ UserName: 'free' }))).toBeUndefined();
      const attach = { UserName, PolicyArn: ADMIN };
      expect(await key(new sdk.AttachUserPolicyCommand(attach))).toBe(limit);
      expect(await key(new sdk.DetachUserPolicyCommand(attach))).toBe(limit);
      const inline = { UserName, PolicyName: 'p' };
      expect(await key(new sdk.PutUserPolicyCommand({ ...inline, PolicyDocument: POLICY }))).toBe(
        limit,
      );
      expect(await key(new sdk.DeleteUserPolicyCommand(inline))).toBe(limit);
      expect(
        await key(new sdk.AttachUserPolicyCommand({ ...attach, UserName: 'free' })),
      ).toBeUndefined();
      const other = { UserName, PermissionsBoundary: ADMIN };
      expect(await key(new sdk.PutUserPermissionsBoundaryCommand(other))).toBe(ADMIN);
      expect(await key(new sdk.DeleteUserPermissionsBoundaryCommand({ UserName }))).toBe(ADMIN);
    });

    it('limit what a simulation allows: the given one, else the own', async () => {
      const limit = await createPolicy('limit');
      await iam.send(new sdk.CreateUserCommand({ UserName: 'u', PermissionsBoundary: limit }));
      await iam.send(new sdk.AttachUserPolicyCommand({ UserName: 'u', PolicyArn: ADMIN }));
      const results = async (...PermissionsBoundaryPolicyInputList: string[]) => {
        const { EvaluationResults = [] } = await iam.send(
          new sdk.SimulatePrincipalPolicyCommand({
            PolicySourceArn: 'arn:aws:iam::111111111111:user/u',
            ActionNames: ['s3:GetObject', 'iam:GetUser'],
            PermissionsBoundaryPolicyInputList,
          }),
        );
        return EvaluationResults.map((one) => [
          one.EvalDecision,
          one.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
        ]);
      };
      expect(await results()).toEqual([
        ['allowed', true],
        ['implicitDeny', false],
      ]);
      expect(await results(POLICY.replace('s3:*', 'iam:*'))).toEqual([
        ['implicitDeny', false],
        ['allowed', true],
      ]);
      await expect(results(POLICY, POLICY)).rejects.toMatchObject({
        name: 'InvalidInputException',
      });
    });
  });

  it('asks for each call about the ARN with its path', async () => {
    await createUser('u', '/team/');
    server.asked.length = 0;
    await iam.send(new sdk.GetUserCommand({ UserName: 'u' }));
    await expect(iam.send(new sdk.GetUserCommand({ UserName: 'none' }))).rejects.toThrow();
    expect(server.asked).toEqual([
      'iam:GetUser arn:aws:iam::111111111111:user/team/u',
      'iam:GetUser arn:aws:iam::111111111111:user/none',
    ]);
  });
});
