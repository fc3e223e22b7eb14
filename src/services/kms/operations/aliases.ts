import type { ServiceContext } from '../../../kit/service.ts';
import { aliasExists, noSuchAlias, noSuchKey, reservedAlias, validation } from '../errors.ts';
import { authorizedKey, authorizeUse, locatedBy } from '../keys/use.ts';
import { DEFAULT_ALIAS_LIMIT } from '../limits.ts';
import { assertNotPending } from '../model/key.ts';
import { aliasArn, keyArn } from '../model/key-id.ts';
import {
  deleteAlias as deleteRow,
  findAlias,
  findKey,
  insertAlias,
  listAliases as list,
  pointAlias,
} from '../store/keys.ts';
import { kms } from './declare.ts';
import { paged } from './pages.ts';

/** IAM is asked about the alias, and of the key in the operation. */
const onAlias = {
  resource: (ctx: ServiceContext, { AliasName = '' }: { AliasName: string | undefined }) =>
    aliasArn(ctx, AliasName),
};

export const createAlias = kms('createAlias', onAlias, async (ctx, input) => {
  const aliasName = checkName(input.AliasName);
  const { keyId } = await authorizedKey(ctx, input.TargetKeyId, {
    action: 'kms:CreateAlias',
    aliases: false,
  });
  const now = ctx.clock.now();
  await ctx.transaction(async (tx) => {
    const key = await findKey(tx, keyId);
    if (!key) throw noSuchKey(keyArn(ctx, keyId));
    assertNotPending(key);
    if (await findAlias(tx, ctx, aliasName)) throw aliasExists(aliasArn(ctx, aliasName));
    await insertAlias(tx, ctx, { aliasName, keyId, createdAt: now, updatedAt: now });
  });
  return {};
});

export const updateAlias = kms('updateAlias', onAlias, async (ctx, input) => {
  const aliasName = checkName(input.AliasName);
  await authorizeTarget(ctx, aliasName, 'kms:UpdateAlias');
  const { keyId } = await authorizedKey(ctx, input.TargetKeyId, {
    action: 'kms:UpdateAlias',
    aliases: false,
  });
  await ctx.transaction(async (tx) => {
    const key = await findKey(tx, keyId);
    if (!key) throw noSuchKey(keyArn(ctx, keyId));
    assertNotPending(key);
    if (!(await findAlias(tx, ctx, aliasName))) throw noSuchAlias(aliasArn(ctx, aliasName));
    await pointAlias(tx, ctx, aliasName, keyId, ctx.clock.now());
  });
  return {};
});

export const deleteAlias = kms('deleteAlias', onAlias, async (ctx, input) => {
  const aliasName = checkName(input.AliasName);
  await authorizeTarget(ctx, aliasName, 'kms:DeleteAlias');
  await ctx.transaction((tx) => deleteRow(tx, ctx, aliasName));
  return {};
});

export const listAliases = kms('listAliases', {}, async (ctx, input) => {
  const keyId = input.KeyId
    ? (await authorizedKey(ctx, input.KeyId, { action: 'kms:ListAliases', aliases: false })).keyId
    : undefined;
  const { items, more } = await paged(
    ctx,
    input,
    DEFAULT_ALIAS_LIMIT,
    (page) => list(ctx.db, ctx, page, keyId),
    (alias) => alias.aliasName,
  );
  const Aliases = items.map((alias) => ({
    AliasName: alias.aliasName,
    AliasArn: aliasArn(ctx, alias.aliasName),
    TargetKeyId: alias.keyId,
    CreationDate: alias.createdAt,
    LastUpdatedDate: alias.updatedAt,
  }));
  return { Aliases, ...more };
});

/** The key that an alias points at has a say as well. @throws NotFoundException, AccessDeniedException */
async function authorizeTarget(
  ctx: ServiceContext,
  aliasName: string,
  action: string,
): Promise<void> {
  const alias = await findAlias(ctx.db, ctx, aliasName);
  if (!alias) throw noSuchAlias(aliasArn(ctx, aliasName));
  const key = await findKey(ctx.db, alias.keyId);
  if (key) await authorizeUse(ctx, locatedBy(key), key, { action });
}

function checkName(aliasName = ''): string {
  if (!aliasName.startsWith('alias/')) throw validation('Invalid identifier');
  if (aliasName.startsWith('alias/aws/')) throw reservedAlias();
  return aliasName;
}
