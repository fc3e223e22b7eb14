import { aliasExists, noSuchAlias } from '../errors.ts';
import { deleteAlias, findAccountByAlias, findAlias, saveAlias } from '../store/accounts.ts';
import { iam } from './declare.ts';
import { change, onAccount, slice } from './shared.ts';

/** An account has one: the new one takes the place of the old. */
export const createAccountAlias = iam('createAccountAlias', onAccount, async (ctx, input) => {
  const { AccountAlias: alias = '' } = input;
  await change(ctx, async (tx) => {
    const owner = await findAccountByAlias(tx, alias);
    if (owner !== undefined && owner !== ctx.accountId) throw aliasExists(alias);
    await saveAlias(tx, ctx.accountId, alias);
  });
  return {};
});

export const deleteAccountAlias = iam('deleteAccountAlias', onAccount, async (ctx, input) => {
  const { AccountAlias: alias = '' } = input;
  await change(ctx, async (tx) => {
    if (!(await deleteAlias(tx, ctx.accountId, alias))) throw noSuchAlias(alias);
  });
  return {};
});

export const listAccountAliases = iam('listAccountAliases', onAccount, async (ctx, input) => {
  const alias = await findAlias(ctx.db, ctx.accountId);
  const { items, more } = slice(ctx, input, alias === undefined ? [] : [alias], (each) => each);
  return { AccountAliases: items, ...more };
});
