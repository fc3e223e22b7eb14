import type { LoginProfile as Shape } from '@aws-sdk/client-iam';
import type { Tx } from '../../../db/database.ts';
import type { ActionRule } from '../../../kit/operation.ts';
import { authorizeFound } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  loginProfileExists,
  noPassword,
  noSuchIdentity,
  noSuchLoginProfile,
  onlyUsersChange,
  passwordChanges,
  passwordPolicyViolation,
  wrongPassword,
} from '../errors.ts';
import { hashConsolePassword, isAnyOf, isConsolePassword } from '../model/console-password.ts';
import { identityArn } from '../model/names.ts';
import { violation } from '../model/password-policy.ts';
import { onUser, user } from '../resources/identity.ts';
import { findPasswordPolicy } from '../store/accounts.ts';
import { findIdentity, type Identity } from '../store/identities.ts';
import {
  deleteLoginProfileRow,
  findLoginProfile,
  insertLoginProfile,
  type LoginProfile,
  updateLoginProfile as saveLoginProfile,
} from '../store/login-profiles.ts';
import { iam } from './declare.ts';
import { change, current, nowOf } from './shared.ts';

/** As many as a policy may forbid to take again. */
const KEPT = 24;

const shapeOf = ({ name }: Identity, profile: LoginProfile): Shape => ({
  UserName: name,
  CreateDate: profile.createdAt,
  PasswordResetRequired: profile.resetRequired,
});

/** @throws NoSuchEntityException */
async function profileOf(tx: Tx, { id, name }: Identity): Promise<LoginProfile> {
  const profile = await findLoginProfile(tx, id);
  if (!profile) throw noSuchLoginProfile(name);
  return profile;
}

/** @param before of passwords that were good till now, the newest first. @throws PasswordPolicyViolationException */
async function checkPassword(
  ctx: ServiceContext,
  { name }: Identity,
  password: string,
  before: readonly string[],
): Promise<void> {
  const policy = await findPasswordPolicy(ctx.db, ctx.accountId);
  const wrong = violation(password, name, policy);
  if (wrong !== undefined) throw passwordPolicyViolation(wrong);
  if (await isAnyOf(password, before.slice(0, policy?.reusePrevention ?? 0)))
    throw passwordPolicyViolation('Password should not be one that was used before');
}

export const createLoginProfile = iam('createLoginProfile', onUser, async (ctx, input, named) => {
  const { Password: password, PasswordResetRequired: resetRequired = false } = input;
  if (password === undefined) throw noPassword();
  await checkPassword(ctx, named, password, []);
  const hash = await hashConsolePassword(password);
  const LoginProfile = await change(ctx, async (tx) => {
    const found = await current(tx, named);
    if (await findLoginProfile(tx, found.id)) throw loginProfileExists(found.name);
    const at = nowOf(ctx);
    const profile: LoginProfile = {
      ...{ userId: found.id, createdAt: at, changedAt: at, resetRequired, hashes: [hash] },
    };
    await insertLoginProfile(tx, profile);
    return shapeOf(found, profile);
  });
  return { LoginProfile };
});

export const getLoginProfile = iam('getLoginProfile', onUser, async (ctx, _input, found) => ({
  LoginProfile: shapeOf(found, await profileOf(ctx.db, found)),
}));

/** Sets a password that was judged by what the profile was then. @throws EntityTemporarilyUnmodifiableException when it has changed since */
async function setPassword(
  ctx: ServiceContext,
  named: Identity,
  judged: LoginProfile,
  { password, resetRequired }: { password: string | undefined; resetRequired: boolean },
): Promise<void> {
  const hash = password === undefined ? undefined : await hashConsolePassword(password);
  await change(ctx, async (tx) => {
    const found = await current(tx, named);
    const profile = await profileOf(tx, found);
    if (profile.userId !== judged.userId || profile.hashes[0] !== judged.hashes[0])
      throw passwordChanges(found.name);
    await saveLoginProfile(tx, {
      ...{ ...profile, resetRequired },
      ...(hash !== undefined && {
        changedAt: nowOf(ctx),
        hashes: [hash, ...profile.hashes.slice(0, KEPT - 1)] as const,
      }),
    });
  });
}

/** An administrator may give a password that was used before: reuse is for those who change their own. */
export const updateLoginProfile = iam('updateLoginProfile', onUser, async (ctx, input, named) => {
  const { Password: password, PasswordResetRequired: asked } = input;
  const profile = await profileOf(ctx.db, named);
  if (password !== undefined) await checkPassword(ctx, named, password, []);
  const resetRequired = asked ?? profile.resetRequired;
  await setPassword(ctx, named, profile, { password, resetRequired });
  return {};
});

export const deleteLoginProfile = iam('deleteLoginProfile', onUser, async (ctx, _input, named) => {
  await change(ctx, async (tx) => {
    const found = await current(tx, named);
    await profileOf(tx, found);
    await deleteLoginProfileRow(tx, found.id);
  });
  return {};
});

/** Users alone, each his own: by a policy of theirs, or where the account's password policy lets them. */
const onOneself: ActionRule<ServiceContext, object, Identity> = {
  ask: (action) => async (ctx) => {
    const { principal, accountId } = ctx;
    if (principal.type !== 'user') throw onlyUsersChange();
    const name = principal.userName;
    const found = await findIdentity(ctx.db, accountId, 'user', name);
    if (!found) throw noSuchIdentity('user', name);
    const policy = await findPasswordPolicy(ctx.db, accountId);
    const located = user.locate(ctx, name);
    for (const each of [action].flat()) {
      const asked = { action: each, located, thing: found };
      await authorizeFound(ctx, policy?.usersChange ? letting(each) : user, asked, {});
    }
    return found;
  },
};

/** A denial in one of the user's own policies still counts. */
const letting = (action: string): typeof user => ({
  ...user,
  policy: {
    of: (found) => {
      const Resource = identityArn(found);
      const Statement = [
        { Effect: 'Allow', Principal: { AWS: Resource }, Action: action, Resource },
      ];
      return JSON.stringify({ Version: '2012-10-17', Statement });
    },
  },
});

export const changePassword = iam('changePassword', onOneself, async (ctx, input, named) => {
  const { OldPassword: old = '', NewPassword: password = '' } = input;
  const profile = await profileOf(ctx.db, named);
  if (!(await isConsolePassword(old, profile.hashes[0]))) throw wrongPassword();
  await checkPassword(ctx, named, password, profile.hashes);
  await setPassword(ctx, named, profile, { password, resetRequired: false });
  return {};
});
