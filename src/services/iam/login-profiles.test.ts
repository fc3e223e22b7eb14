import * as sdk from '@aws-sdk/client-iam';
import { IAMClient } from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION, world } from '../../testing.ts';
import service from './index.ts';

const UserName = 'bob';
const FIRST = '&1-3a6u:RA0djs';
const SECOND = ']35d/{pB9Fo9wJ';

eachDialect('Passwords for the console', (makeDatabase, dialect) => {
  let iam: IAMClient;
  let bob: IAMClient;

  beforeEach(async () => {
    const server = await world(makeDatabase, [service]);
    iam = server.client(IAMClient);
    const { User } = await iam.send(new sdk.CreateUserCommand({ UserName }));
    const { Arn: arn = '', UserId: userId = '' } = User ?? {};
    const principal = {
      type: 'user',
      accountId: ACCOUNT,
      arn,
      userId,
      userName: UserName,
    } as const;
    bob = server.platform.client(IAMClient, { principal, region: REGION });
  });

  const create = (Password?: string, more: object = {}) =>
    iam.send(new sdk.CreateLoginProfileCommand({ UserName, Password, ...more }));
  const update = (more: object) =>
    iam.send(new sdk.UpdateLoginProfileCommand({ UserName, ...more }));
  const get = async () =>
    (await iam.send(new sdk.GetLoginProfileCommand({ UserName }))).LoginProfile;
  const policy = (more: object) => iam.send(new sdk.UpdateAccountPasswordPolicyCommand(more));
  const change = (OldPassword: string, NewPassword: string, as = bob) =>
    as.send(new sdk.ChangePasswordCommand({ OldPassword, NewPassword }));
  const may = (Effect: 'Allow' | 'Deny') =>
    iam.send(
      new sdk.PutUserPolicyCommand({
        ...{ UserName, PolicyName: Effect },
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect, Action: 'iam:ChangePassword', Resource: '*' }],
        }),
      }),
    );

  it('users have one, which goes before them', async () => {
    await expect(get()).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await expect(create()).rejects.toMatchObject({ name: 'ValidationError' });
    const { LoginProfile } = await create(FIRST, { PasswordResetRequired: true });
    expect(LoginProfile).toEqual({
      ...{ UserName, CreateDate: expect.any(Date), PasswordResetRequired: true },
    });
    expect(await get()).toEqual(LoginProfile);
    await expect(create(FIRST)).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' });
    await update({ PasswordResetRequired: false });
    expect(await get()).toMatchObject({ PasswordResetRequired: false });
    await expect(iam.send(new sdk.DeleteUserCommand({ UserName }))).rejects.toMatchObject({
      ...{ name: 'DeleteConflictException' },
      message: 'Cannot delete entity, must delete login profile first.',
    });
    await iam.send(new sdk.DeleteLoginProfileCommand({ UserName }));
    await expect(update({ Password: SECOND })).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
  });

  it('an account asks of new ones what its policy says', async () => {
    const current = () => iam.send(new sdk.GetAccountPasswordPolicyCommand({}));
    await expect(current()).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    const refused = { name: 'PasswordPolicyViolationException' };
    await expect(create('longenough')).rejects.toMatchObject(refused);
    await policy({ MinimumPasswordLength: 10, RequireSymbols: true, MaxPasswordAge: 90 });
    await expect(create('LongEn0ugh')).rejects.toMatchObject(refused);
    await create('longenough!');
    expect((await current()).PasswordPolicy).toEqual({
      ...{ MinimumPasswordLength: 10, RequireSymbols: true, RequireNumbers: false },
      ...{ RequireUppercaseCharacters: false, RequireLowercaseCharacters: false },
      ...{ AllowUsersToChangePassword: false, ExpirePasswords: true, MaxPasswordAge: 90 },
    });
    // What a call leaves out goes back.
    await policy({ RequireNumbers: true });
    expect((await current()).PasswordPolicy).toMatchObject({
      ...{ MinimumPasswordLength: 6, RequireSymbols: false, ExpirePasswords: false },
    });
    await iam.send(new sdk.DeleteAccountPasswordPolicyCommand({}));
    await expect(current()).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  });

  it('an account is known by one alias', async () => {
    const list = async () => (await iam.send(new sdk.ListAccountAliasesCommand({}))).AccountAliases;
    expect(await list()).toEqual([]);
    for (const AccountAlias of ['mycompany', 'my-other-company'])
      await iam.send(new sdk.CreateAccountAliasCommand({ AccountAlias }));
    expect(await list()).toEqual(['my-other-company']);
    const remove = (AccountAlias: string) =>
      iam.send(new sdk.DeleteAccountAliasCommand({ AccountAlias }));
    await expect(remove('mycompany')).rejects.toMatchObject({ name: 'NoSuchEntityException' });
    await remove('my-other-company');
    expect(await list()).toEqual([]);
  });

  // Passwords are dear to judge, and the database has nothing to do with it.
  if (dialect !== 'sqlite') return;
  describe('who changes his own', () => {
    const denied = { name: 'AccessDenied' };

    it('has a policy that lets him, and knows the old one', async () => {
      await create(FIRST, { PasswordResetRequired: true });
      await expect(change(FIRST, SECOND)).rejects.toMatchObject(denied);
      await may('Allow');
      const wrong = { ...denied, message: 'The old password was incorrect.' };
      await expect(change(SECOND, FIRST)).rejects.toMatchObject(wrong);
      await change(FIRST, SECOND);
      expect(await get()).toMatchObject({ PasswordResetRequired: false });
    });

    it('or an account that lets all its users, and nobody who denies him', async () => {
      await create(FIRST);
      await policy({ AllowUsersToChangePassword: true });
      await change(FIRST, SECOND);
      await may('Deny');
      await expect(change(SECOND, FIRST)).rejects.toMatchObject(denied);
    });

    it('takes none of the last few again', async () => {
      await create(FIRST);
      await policy({ AllowUsersToChangePassword: true, PasswordReusePrevention: 2 });
      await change(FIRST, SECOND);
      for (const used of [FIRST, SECOND])
        await expect(change(SECOND, used)).rejects.toMatchObject({
          name: 'PasswordPolicyViolationException',
        });
    });

    it('is a user, and changes it once at a time', async () => {
      await expect(change(FIRST, SECOND, iam)).rejects.toMatchObject({
        name: 'InvalidUserTypeException',
      });
      await create(FIRST);
      await may('Allow');
      const both = await Promise.allSettled([change(FIRST, SECOND), change(FIRST, 'a third 0ne')]);
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });
  });
});
