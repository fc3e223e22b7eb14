import type { Tx } from '../../../db/database.ts';
import { newAccessKeyId, newSecretAccessKey } from '../../../lib/access-key.ts';
import { invalidInput, noSuchAccessKey, quota } from '../errors.ts';
import { ACCESS_KEYS_PER_USER } from '../limits.ts';
import { onUser } from '../resources/identity.ts';
import {
  type AccessKeyRow,
  deleteAccessKeyRow,
  findAccessKeyRow,
  insertAccessKey,
  listAccessKeyRows,
  setAccessKeyStatus,
} from '../store/credentials.ts';
import type { Identity } from '../store/identities.ts';
import { iam } from './declare.ts';
import { change, current, nowOf, slice } from './shared.ts';

export const createAccessKey = iam('createAccessKey', onUser, async (ctx, _input, named) => {
  const accessKeyId = newAccessKeyId();
  const secret = newSecretAccessKey();
  const createdAt = nowOf(ctx);
  const user = await change(ctx, async (tx) => {
    const found = await current(tx, named);
    if ((await listAccessKeyRows(tx, found.id)).length >= ACCESS_KEYS_PER_USER)
      throw quota('AccessKeysPerUser', ACCESS_KEYS_PER_USER);
    const sealedSecret = ctx.vault.seal(secret, accessKeyId);
    await insertAccessKey(tx, {
      accessKeyId,
      userId: found.id,
      status: 'Active',
      sealedSecret,
      createdAt,
    });
    return found;
  });
  return {
    AccessKey: {
      UserName: user.name,
      AccessKeyId: accessKeyId,
      Status: 'Active' as const,
      SecretAccessKey: secret,
      CreateDate: createdAt,
    },
  };
});

export const listAccessKeys = iam('listAccessKeys', onUser, async (ctx, input, user) => {
  const rows = await listAccessKeyRows(ctx.db, user.id);
  const keyOf = (row: AccessKeyRow) => `${row.createdAt.getTime()} ${row.accessKeyId}`;
  const { items, more } = slice(ctx, input, rows, keyOf);
  const AccessKeyMetadata = items.map((row) => ({
    UserName: user.name,
    AccessKeyId: row.accessKeyId,
    Status: row.status,
    CreateDate: row.createdAt,
  }));
  return { AccessKeyMetadata, ...more };
});

/** The key, when it is this user's. @throws NoSuchEntityException */
async function ownKey(tx: Tx, named: Identity, id = ''): Promise<AccessKeyRow> {
  const user = await current(tx, named);
  const key = await findAccessKeyRow(tx, id);
  if (key?.userId !== user.id) throw noSuchAccessKey(id);
  return key;
}

export const updateAccessKey = iam('updateAccessKey', onUser, async (ctx, input, named) => {
  const { Status: status } = input;
  if (status !== 'Active' && status !== 'Inactive')
    throw invalidInput('Status must be Active or Inactive.');
  await change(ctx, async (tx) => {
    const key = await ownKey(tx, named, input.AccessKeyId);
    await setAccessKeyStatus(tx, key.accessKeyId, status);
  });
  return {};
});

export const deleteAccessKey = iam('deleteAccessKey', onUser, async (ctx, input, named) => {
  await change(ctx, async (tx) => {
    const key = await ownKey(tx, named, input.AccessKeyId);
    await deleteAccessKeyRow(tx, key.accessKeyId);
  });
  return {};
});
