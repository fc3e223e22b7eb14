import { noSuchPasswordPolicy } from '../errors.ts';
import { deletePasswordPolicy, findPasswordPolicy, savePasswordPolicy } from '../store/accounts.ts';
import { iam } from './declare.ts';
import { change, onAccount } from './shared.ts';

/** What AWS takes where a policy does not say how long passwords have to be. */
const MINIMUM_LENGTH = 6;

/** The whole policy: what a call leaves out goes back to its default. */
export const updateAccountPasswordPolicy = iam(
  'updateAccountPasswordPolicy',
  onAccount,
  async (ctx, input) => {
    const policy = {
      minimumLength: input.MinimumPasswordLength ?? MINIMUM_LENGTH,
      symbols: input.RequireSymbols ?? false,
      numbers: input.RequireNumbers ?? false,
      uppercase: input.RequireUppercaseCharacters ?? false,
      lowercase: input.RequireLowercaseCharacters ?? false,
      usersChange: input.AllowUsersToChangePassword ?? false,
      ...(input.MaxPasswordAge !== undefined && { maxAge: input.MaxPasswordAge }),
      ...(input.PasswordReusePrevention !== undefined && {
        reusePrevention: input.PasswordReusePrevention,
      }),
      ...(input.HardExpiry !== undefined && { hardExpiry: input.HardExpiry }),
    };
    await change(ctx, (tx) => savePasswordPolicy(tx, ctx.accountId, policy));
    return {};
  },
);

export const getAccountPasswordPolicy = iam('getAccountPasswordPolicy', onAccount, async (ctx) => {
  const policy = await findPasswordPolicy(ctx.db, ctx.accountId);
  if (!policy) throw noSuchPasswordPolicy(ctx.accountId);
  return {
    PasswordPolicy: {
      MinimumPasswordLength: policy.minimumLength,
      RequireSymbols: policy.symbols,
      RequireNumbers: policy.numbers,
      RequireUppercaseCharacters: policy.uppercase,
      RequireLowercaseCharacters: policy.lowercase,
      AllowUsersToChangePassword: policy.usersChange,
      ExpirePasswords: policy.maxAge !== undefined,
      MaxPasswordAge: policy.maxAge,
      PasswordReusePrevention: policy.reusePrevention,
      HardExpiry: policy.hardExpiry,
    },
  };
});

export const deleteAccountPasswordPolicy = iam(
  'deleteAccountPasswordPolicy',
  onAccount,
  async (ctx) => {
    await change(ctx, async (tx) => {
      if (!(await deletePasswordPolicy(tx, ctx.accountId)))
        throw noSuchPasswordPolicy(ctx.accountId);
    });
    return {};
  },
);
